# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.outage.removal import outcome, removal, strangers

NAMES = {"hydra": "hydra-node", "chimera": "chimera-node", "cerberus": "cerberus-node"}


def node(name: str, manager: str = "", status: str = "ready", identity: str = "") -> dict[str, Any]:
    return {
        "id": identity or f"id-{name}",
        "name": f"{name}-node",
        "status": status,
        "availability": "active",
        "role": "manager" if manager else "worker",
        "address": "10.0.0.1",
        "labels": {},
        "engine": "28.5",
        "leader": False,
        "reachability": manager,
        "peer": "",
    }


HYDRA, CHIMERA, CERBERUS = node("hydra", "reachable"), node("chimera"), node("cerberus")


def test_a_worker_by_its_host_its_name_and_its_id() -> None:
    for word in ("chimera", "chimera-node", "id-chimera"):
        found = removal(word, NAMES, [HYDRA, CHIMERA, CERBERUS], ["hydra"], contained=True)
        assert (found["refused"], found["host"], found["through"]) == ("", "chimera", "hydra")
        assert (found["entries"], found["machine"]) == ([{"id": "id-chimera", "ready": True}], "chimera-node")
    assert found["question"] == (
        "This takes node chimera-node (ready) out of the swarm for good; its tasks move to other nodes. Its machine and "
        "the volume chimera-node-data go, with all that is only there."
    )


def test_one_that_no_inventory_has_any_more() -> None:
    found = removal("orthrus-node", NAMES, [HYDRA, node("orthrus", status="down")], ["hydra"])
    assert (found["refused"], found["host"], found["machine"]) == ("", "", "")
    assert found["entries"] == [{"id": "id-orthrus", "ready": False}]


def test_one_that_a_run_which_was_killed_has_taken_off_the_list() -> None:
    found = removal("chimera", NAMES, [HYDRA, CERBERUS], ["hydra"], contained=True)
    assert (found["refused"], found["entries"], found["machine"]) == ("", [], "chimera-node")


def test_of_two_entries_of_one_name_the_one_whose_id_was_said() -> None:
    ghost = node("chimera", status="down", identity="old")
    found = removal("old", NAMES, [HYDRA, CHIMERA, ghost], ["hydra"], contained=True)
    assert (found["entries"], found["host"], found["machine"]) == ([{"id": "old", "ready": False}], "", "")
    assert [one["id"] for one in removal("chimera", NAMES, [HYDRA, CHIMERA, ghost], ["hydra"])["entries"]] == [
        "id-chimera",
        "old",
    ]


@pytest.mark.parametrize(
    ("word", "nodes", "managers", "refused"),
    [
        ("orthrus", [HYDRA], ["hydra"], "NODE=orthrus is no node of this cluster; "),
        ("", [HYDRA], ["hydra"], "no NODE is given; the nodes are cerberus, chimera, hydra: name one of them"),
        (
            "hydra",
            [HYDRA, CHIMERA],
            ["hydra"],
            "hydra-node stays: this would cost the swarm its quorum: hydra-node is the last manager; make another node a "
            "manager first",
        ),
        (
            "chimera",
            [HYDRA, node("chimera", "reachable"), node("cerberus", "unreachable", "down")],
            ["hydra", "chimera"],
            "chimera-node stays: this would cost the swarm its quorum: without chimera-node the swarm has 2 managers, of "
            "which 2 must be reachable and 1 would be; bring back or remove cerberus-node first, or make another node a "
            "manager",
        ),
        (
            "chimera",
            [HYDRA, node("chimera", "reachable"), node("cerberus", "reachable")],
            ["chimera"],
            "chimera-node stays: no other manager of the inventory answers, through which it could be removed",
        ),
    ],
)
def test_refused(word: str, nodes: list[dict[str, Any]], managers: list[str], refused: str) -> None:
    assert removal(word, NAMES, nodes, managers)["refused"].startswith(refused)


def test_a_dead_manager_goes_and_a_living_one_goes_after_it() -> None:
    three = [HYDRA, node("chimera", "reachable"), node("cerberus", "unreachable", "down")]
    assert removal("cerberus", NAMES, three, ["hydra", "chimera"])["refused"] == ""
    assert removal("hydra", NAMES, [HYDRA, node("chimera", "reachable")], ["hydra", "chimera"])["through"] == "chimera"


@pytest.mark.parametrize(
    ("plan", "left", "words"),
    [
        ({"host": "", "machine": "x"}, False, "x is out of the swarm, and its machine and volume are removed."),
        (
            {"host": "orthrus", "machine": ""},
            True,
            "x is out of the swarm. The inventory still has it as orthrus: take it out there, or swarm-up lets it join "
            "again.",
        ),
        (
            {"host": "", "machine": ""},
            False,
            "x is out of the swarm. Its engine was not told: should it come back, run 'docker swarm leave --force' on it.",
        ),
    ],
)
def test_outcome(plan: dict[str, str], left: bool, words: str) -> None:
    assert outcome({"name": "x", **plan}, left) == words


def test_strangers() -> None:
    called_otherwise = {**CERBERUS, "name": "renamed"}
    members = [{"node_id": "id-cerberus"}]
    nodes = [HYDRA, CHIMERA, called_otherwise, node("orthrus")]
    assert strangers(nodes, NAMES.values(), members) == [
        "In the swarm, not in the inventory: orthrus-node (ready, worker). Take it out with: make node-remove "
        "NODE=orthrus-node"
    ]
    assert strangers(nodes[:3], NAMES.values(), members) == []
