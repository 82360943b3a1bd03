# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.engine.nodes import Node, find_all
from ansible_collections.hydra.swarm.plugins.module_utils.swarm import members


def manager(number: int, name: str, **other: Any) -> Node:
    peer = f"10.0.0.{number}:2377"
    node = Node(f"id{number}", name, "ready", "active", "manager", f"10.0.0.{number}", {}, "", peer=peer)
    return replace(node, **{"manager": "reachable", **other})


A, B, C = manager(1, "a"), manager(2, "b"), manager(3, "c")
W = Node("id4", "w", "ready", "active", "worker", "10.0.0.4", {}, "")
DEAD: dict[str, Any] = {"status": "down", "manager": "unreachable"}


def want(node: str, role: str | None = None, availability: str | None = None) -> dict[str, str | None]:
    return {"node": node, "role": role, "availability": availability}


def plan(nodes: list[Node], *wanted: dict[str, str | None], own: str = "id1", rehearsal: bool = False) -> members.Plan:
    words = [str(item["node"]) for item in wanted]
    return members.plan(nodes, find_all(nodes, words, rehearsal), wanted, True, own)


def test_what_is_not_named_stays() -> None:
    steps = plan([A, replace(W, availability="drain")], want("a", "manager"), want("w"))
    assert (steps.change.changed, steps.updates, steps.ghosts) == (False, [], [])


def test_demotions_come_last() -> None:
    steps = plan([A, B, C, W], want("b", "worker", "drain"), want("w", "manager"), want("c", None, "pause"))
    assert [(update.node.name, update.fields) for update in steps.updates] == [
        ("w", {"Role": "manager"}),
        ("c", {"Availability": "pause"}),
        ("b", {"Role": "worker", "Availability": "drain"}),
    ]
    assert steps.change.diff() == {
        "before": {
            "b": {"role": "manager", "availability": "active"},
            "w": {"role": "worker", "availability": "active"},
            "c": {"role": "manager", "availability": "active"},
        },
        "after": {
            "b": {"role": "worker", "availability": "drain"},
            "w": {"role": "manager", "availability": "active"},
            "c": {"role": "manager", "availability": "pause"},
        },
    }


def test_a_rehearsal_shows_a_node_to_come() -> None:
    steps = plan([A], want("new", "worker", "active"), rehearsal=True)
    assert steps.change.diff() == {
        "before": {"new": {}},
        "after": {"new": {"role": "worker", "availability": "active"}},
    }
    assert not steps.updates


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (replace(W, id="old", status="down"), ["old"]),
        (replace(W, id="old", status="unknown"), []),
        (replace(W, id="old", name="x", status="down"), []),
        (manager(9, "w", id="old", **DEAD), ["old"]),
        (manager(9, "w", id="old", status="down"), []),
    ],
)
def test_which_entries_are_ghosts(other: Node, found: list[str]) -> None:
    steps = plan([A, B, C, W, other], want("w"))
    assert [node.id for node in steps.ghosts] == found
    assert steps.change.diff()["before"] == {
        "w": {"role": "worker", "availability": "active"},
        **{f"w ({ghost})": "ghost" for ghost in found},
    }


def test_a_wiped_manager_seems_to_answer_where_its_heir_does() -> None:
    old = manager(3, "c", id="old", status="down")
    assert plan([A, B, C, old], want("c", "manager")).ghosts == [old]
    assert members.managers([A, old]) == {"id1": True, "old": False}


def test_a_manager_that_was_put_out_of_their_number_is_none() -> None:
    """So a swarm lists those that were lost, after it was made again from one that was left."""
    lost = manager(9, "c", id="old", manager="", peer="", status="down")
    assert members.managers([A, lost]) == {"id1": True}
    steps = plan([A, lost, C], want("c", "manager"))
    assert (steps.ghosts, steps.updates) == ([lost], [])


def test_a_wanted_entry_and_the_namesake_of_a_dead_node_are_no_ghosts() -> None:
    old = replace(W, id="old", status="down")
    assert not plan([A, W, old], want("w"), want("old")).ghosts
    assert not plan([A, old], want("w")).ghosts


@pytest.mark.parametrize(
    ("nodes", "wanted", "message"),
    [
        (
            [A, W],
            [want("a", "worker")],
            "this would cost the swarm its quorum: a is the last manager; make another node a manager first",
        ),
        (
            [A, B, replace(C, **DEAD)],
            [want("b", "worker")],
            (
                "this would cost the swarm its quorum: without b the swarm has 2 managers, of which 2 must be reachable "
                "and 1 would be; bring back or remove c first, or make another node a manager"
            ),
        ),
        ([A, B, C], [want("a", "worker")], "a is the manager this runs on; run it on another manager to demote it"),
        (
            [A, W],
            [want("a", "worker"), want("w", "manager")],
            "a is the manager this runs on; run it on another manager to demote it",
        ),
    ],
)
def test_refusals(nodes: list[Node], wanted: list[dict[str, str | None]], message: str) -> None:
    with pytest.raises(Refusal) as caught:
        plan(nodes, *wanted)
    assert str(caught.value) == message


def test_a_replaced_manager_counts_once_its_heir_is_one() -> None:
    heir = replace(C, role="worker", manager="", peer="")
    steps = plan([A, B, replace(C, id="old", **DEAD), heir], want("c", "manager"), want("b", "worker"))
    assert [update.node.id for update in steps.updates] == ["id3", "id2"]
    assert [node.id for node in steps.ghosts] == ["old"]


def test_what_is_still_missing() -> None:
    found = {
        "a": A,
        "b": replace(B, manager="unreachable"),
        "w": replace(W, status="down"),
        "p": replace(W, role="manager"),
    }
    wanted = [want("a", "manager"), want("b", "manager"), want("w"), want("p", "manager")]
    assert members.missing(found, wanted) == [
        "b: ready manager, unreachable as manager",
        "w: down worker",
        "p: ready manager",
    ]
