# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.modules import node_label


def labels(result: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {node["name"]: node["labels"] for node in result["nodes"]}


@pytest.mark.parametrize(
    ("state", "given", "after"),
    [
        ("exact", {"gpu": True}, {"gpu": "true"}),
        ("present", {"gpu": True}, {"rack": "1", "gpu": "true"}),
        ("absent", {"rack": "1"}, {}),
    ],
)
def test_labels_are_words_and_the_other_fields_stay(
    call: Any, swarm: Any, state: str, given: dict[str, Any], after: dict[str, str]
) -> None:
    swarm.answers["/nodes"][1] = swarm.node("chimera", availability="pause", rack="1")
    result = call(node_label, nodes=[{"node": "chimera-node", "labels": given, "state": state}])
    assert (result["changed"], labels(result)["chimera-node"]) == (True, after)
    assert (
        result["diff"]["before"]["chimera-node"] == {"rack": "1"} and result["diff"]["after"]["chimera-node"] == after
    )
    spec = {"Role": "worker", "Availability": "pause", "Labels": after}
    assert swarm.posted == [("POST", "/nodes/chimera/update", spec)]
    again = call(node_label, nodes=[{"node": "chimera", "labels": given, "state": state}])
    assert (again["changed"], len(swarm.posted)) == (False, 1)


def test_a_rehearsal_changes_nothing_and_may_not_know_a_node_yet(call: Any, swarm: Any) -> None:
    nodes = [{"node": word, "labels": {"a": "b"}} for word in ("chimera", "joins-later")]
    result = call(node_label, check=True, wait=30, nodes=nodes)
    assert (result["changed"], labels(result)["chimera-node"], swarm.posted) == (True, {}, [])


def test_a_node_that_is_not_there_is_named(call: Any, swarm: Any) -> None:
    result = call(node_label, nodes=[{"node": "nobody", "labels": {}}])
    assert result["msg"] == (
        "node nobody is not in the swarm, which lists chimera-node, hydra-node; join it first, or correct the name"
    )


def test_what_is_no_label_is_refused_before_anybody_is_asked(call: Any, swarm: Any) -> None:
    swarm.answers.clear()
    result = call(node_label, nodes=[{"node": "chimera", "labels": {"gpu": ["a"]}}])
    assert result["failed"] and "gpu" in result["msg"]


def test_one_that_does_not_become_ready_is_waited_for(call: Any, swarm: Any) -> None:
    swarm.answers["/nodes"][1]["Status"]["State"] = "down"
    result = call(node_label, wait=0.1, nodes=[{"node": "chimera", "labels": {"a": "b"}}])
    assert result["msg"] == "waited 0.1 s for chimera to be Ready; last seen: chimera: chimera down"
    assert swarm.posted == []
