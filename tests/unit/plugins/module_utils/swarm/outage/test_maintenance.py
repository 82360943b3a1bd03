# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.engine.nodes import Node
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.outage import maintenance

LABEL = maintenance.LABEL


def node(name: str, manager: str = "", availability: str = "active", status: str = "ready", **labels: str) -> Node:
    role = "manager" if manager else "worker"
    return Node(name, name, status, availability, role, "", labels, "28.5.2+dfsg4", manager=manager)


@pytest.mark.parametrize("was", ["active", "pause", "drain"])
def test_a_node_gets_back_what_it_had(was: str) -> None:
    fields = maintenance.begun(node("chimera", availability=was, gpu="true"))
    assert fields == {"Availability": "drain", "Labels": {"gpu": "true", LABEL: was}}
    drained = node("chimera", availability="drain", **fields["Labels"])
    assert maintenance.begun(drained) == fields  # begun again: what it had before is still known
    assert maintenance.ended(drained) == {"Availability": was, "Labels": {"gpu": "true"}}


def test_a_node_that_is_not_under_maintenance_stays_as_it_is() -> None:
    assert maintenance.ended(node("chimera", availability="drain")) == {}
    assert maintenance.plan([node("chimera")], "end").changed is False


def test_a_label_that_says_nothing_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        maintenance.ended(node("chimera", **{LABEL: "yes"}))
    assert str(caught.value) == (
        "node chimera: label hydra.swarm.maintenance is 'yes', which is no availability (active, pause, drain); remove it "
        "(docker node update --label-rm hydra.swarm.maintenance chimera) and set the availability by hand"
    )


def test_the_change() -> None:
    assert maintenance.plan([node("chimera", gpu="true")], "begin").diff() == {
        "before": {"chimera": {"availability": "active", "labels": {"gpu": "true"}}},
        "after": {"chimera": {"availability": "drain", "labels": {"gpu": "true", LABEL: "active"}}},
    }


def managers(states: str) -> list[Node]:
    """m1 and so on, one for each letter: r reachable, u unreachable; and a worker."""
    words = {"r": ("reachable", "ready"), "u": ("unreachable", "down")}
    return [
        *(node(f"m{number}", words[state][0], status=words[state][1]) for number, state in enumerate(states, 1)),
        node("w"),
    ]


@pytest.mark.parametrize(
    ("states", "stopped", "problem"),
    [
        ("r", "m1", ""),  # a lone manager has to be stopped one day
        ("rr", "m1", ""),
        ("rrr", "m1", ""),
        ("rru", "w", ""),
        ("rru", "m3", ""),
        (
            "rru",
            "m1",
            "while the engine of m1 is stopped, 1 of the swarm's 3 managers would be reachable, and 2 have to be: bring back "
            "m3 first, or remove it from the swarm",
        ),
        ("rrrru", "m1", ""),
        (
            "rrruu",
            "m2",
            "while the engine of m2 is stopped, 2 of the swarm's 5 managers would be reachable, and 3 have to be: bring back "
            "m4, m5 first, or remove it from the swarm",
        ),
        (
            "ru",
            "m1",
            "while the engine of m1 is stopped, 0 of the swarm's 2 managers would be reachable, and 2 have to be: bring back "
            "m2 first, or remove it from the swarm",
        ),
    ],
)
def test_a_manager_that_the_swarm_cannot_do_without(states: str, stopped: str, problem: str) -> None:
    nodes = managers(states)
    assert maintenance.refusal(nodes, next(one for one in nodes if one.name == stopped)) == problem


@pytest.mark.parametrize(
    ("seen", "engine", "words"),
    [
        (node("w"), "", ""),
        (node("w"), "28.5.2+dfsg4-5", ""),  # a package's version against an engine's
        (node("w"), "5:28.5.2-1~debian.13~trixie", ""),
        (node("w"), "28.5", ""),
        (node("w"), "28.6.0-1", "w is listed with engine 28.5.2+dfsg4, not 28.6.0-1"),
        (node("w", status="down"), "", "w is down"),
        (node("m", "reachable"), "", ""),
        (node("m", "unreachable"), "", "m is unreachable as manager"),
    ],
)
def test_when_a_node_is_back(seen: Node, engine: str, words: str) -> None:
    assert maintenance.missing(seen, engine) == words


def service(name: str, desired: int, running: int, mode: str = "replicated", error: str = "") -> dict[str, Any]:
    tasks = [{"state": "pending", "error": error}] if error else []
    return {"name": name, "mode": mode, "desired": desired, "running": running, "tasks": tasks}


def test_services_have_to_run_as_they_did() -> None:
    services = [service("web", 2, 2), service("gpu", 3, 2), service("agent", 3, 3, "global")]
    before = {"services": [*services, service("job", 1, 0, "replicated-job")]}
    accepted = maintenance.lacking(before)
    assert accepted == {"web": 0, "gpu": 1, "agent": 0}
    now = {
        "services": [
            service("web", 2, 1, error="no suitable node"),
            service("gpu", 3, 2),
            service("agent", 3, 2, "global"),
            service("made meanwhile", 1, 0),
        ]
    }
    assert maintenance.unserved(now, accepted) == [
        "web runs 1 of 2 tasks (no suitable node)",
        "agent runs 2 of 3 tasks",
    ]


def test_another_manager_is_asked_first_and_a_lone_one_by_itself() -> None:
    manager = {"engine": {"swarm": {"manager": True}}}
    worker, silent = {"engine": {"swarm": {"manager": False}}}, {"failed": True, "msg": "no engine"}
    asked = [{"item": "b", **silent}, {"item": "c", **manager}, {"item": "d", **manager}]
    assert maintenance.way("a", ["a", "b", "c", "d"], asked) == {"through": "c", "refusal": ""}
    assert maintenance.way("a", ["a", "b"], [{"item": "b", **worker}]) == {"through": "a", "refusal": ""}
    assert maintenance.way("w", ["a", "b"], [{"item": "a", "skipped": True}, {"item": "b", **silent}]) == {
        "through": "",
        "refusal": "No manager of the swarm answers (a, b), so w cannot be drained, and its engine is left as it is. "
        "Bring a manager back, then run this again.",
    }
