# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.engine import nodes

HYDRA = nodes.Node("id1", "hydra", "ready", "active", "manager", "10.0.0.1", {}, "26.1.5", True, "reachable")
CHIMERA = nodes.Node("id2", "chimera", "ready", "active", "worker", "10.0.0.2", {"gpu": "true"}, "26.1.5")
GHOST = replace(CHIMERA, id="id3", status="down")
TWIN = replace(CHIMERA, id="id4")

ENTRY = {
    "ID": "id1",
    "Version": {"Index": 7},
    "Spec": {"Labels": None, "Role": "manager", "Availability": "drain"},
    "Description": {"Hostname": "hydra", "Engine": {"EngineVersion": "26.1.5"}},
    "Status": {"State": "ready", "Addr": "0.0.0.0"},
    "ManagerStatus": {"Leader": True, "Reachability": "reachable", "Addr": "10.0.0.1:2377"},
}


def test_an_entry_of_the_api_is_read() -> None:
    node = nodes.node_of(ENTRY)
    assert node.facts() == {
        "id": "id1",
        "name": "hydra",
        "status": "ready",
        "availability": "drain",
        "role": "manager",
        "address": "10.0.0.1",
        "labels": {},
        "leader": True,
        "reachability": "reachable",
        "peer": "10.0.0.1:2377",
        "engine": "26.1.5",
    }
    assert nodes.node_from(node.facts()) == replace(node, version=0, spec=None)
    assert (node.version, node.spec, node.manager, node.peer) == (7, ENTRY["Spec"], "reachable", "10.0.0.1:2377")


def test_an_entry_that_never_reported_is_read() -> None:
    node = nodes.node_of({"ID": "id9", "Version": {"Index": 1}, "Spec": {"Role": "worker"}})
    assert (node.name, node.status, node.engine, node.address, node.ready) == ("", "unknown", "", "", False)


@pytest.mark.parametrize(
    ("listed", "word", "found"),
    [
        ([HYDRA, CHIMERA], "chimera", "id2"),
        ([HYDRA, CHIMERA], "id1", "id1"),
        ([GHOST], "chimera", "id3"),
        ([GHOST, CHIMERA], "chimera", "id2"),
        ([GHOST, CHIMERA], "id3", "id3"),
        (
            [HYDRA],
            "cerberus",
            "node cerberus is not in the swarm, which lists hydra; join it first, or correct the name",
        ),
        ([], "cerberus", "node cerberus is not in the swarm, which lists none; join it first, or correct the name"),
        (
            [CHIMERA, TWIN],
            "chimera",
            (
                "node chimera stands for 2 entries of the swarm, and not exactly one of them is Ready: id2 (ready), "
                "id4 (ready); name the one you mean by its ID, or remove the others (docker node rm --force ID)"
            ),
        ),
    ],
)
def test_which_entry_a_word_stands_for(listed: list[nodes.Node], word: str, found: str) -> None:
    try:
        answer = nodes.find(listed, word).id
    except Refusal as error:
        answer = str(error)
    assert answer == found


def test_a_node_listed_by_name_and_by_id_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        nodes.find_all([HYDRA], ["hydra", "id1"])
    assert str(caught.value) == "hydra and id1 are the same node (id1); list it once"


def test_only_a_rehearsal_may_miss_a_node() -> None:
    assert nodes.find_all([HYDRA], ["hydra", "cerberus"], rehearsal=True) == {"hydra": HYDRA}
    with pytest.raises(Refusal):
        nodes.find_all([HYDRA], ["hydra", "cerberus"])


def test_titles_tell_namesakes_apart() -> None:
    assert nodes.titles([HYDRA, CHIMERA, GHOST]) == {"id1": "hydra", "id2": "chimera (id2)", "id3": "chimera (id3)"}


@pytest.mark.parametrize(
    ("listed", "missing"),
    [
        ([HYDRA, CHIMERA, GHOST], []),
        ([HYDRA], ["chimera: not listed"]),
        ([HYDRA, GHOST], ["chimera: id3 down"]),
        ([HYDRA, CHIMERA, TWIN], ["chimera: id2 ready, id4 ready"]),
    ],
)
def test_what_is_not_ready(listed: list[nodes.Node], missing: list[str]) -> None:
    assert nodes.not_ready(listed, ["id1", "chimera"]) == missing


@pytest.mark.parametrize(
    ("node", "role", "has"),
    [
        (HYDRA, "manager", True),
        (HYDRA, "worker", False),
        (replace(HYDRA, manager="unreachable"), "manager", False),
        (replace(CHIMERA, role="manager"), "manager", False),
        (replace(HYDRA, role="worker"), "worker", False),
        (CHIMERA, "worker", True),
    ],
)
def test_a_role_counts_when_the_swarm_acts_on_it(node: nodes.Node, role: str, has: bool) -> None:
    assert node.has_role(role) is has
