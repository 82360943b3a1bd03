# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.modules import node_drain


def test_there_and_back(call: Any, swarm: Any) -> None:
    result = call(node_drain, node="chimera-node", wait=0)
    assert (result["changed"], result["node"]["availability"]) == (True, "drain")
    assert result["diff"]["before"] == {"node": "chimera-node", "availability": "active"}
    assert swarm.posted == [
        ("POST", "/nodes/chimera/update", {"Role": "worker", "Availability": "drain", "Labels": {}})
    ]
    assert call(node_drain, node="chimera-node", wait=0)["changed"] is False
    assert call(node_drain, node="chimera", availability="active", wait=0)["node"]["availability"] == "active"
    assert len(swarm.posted) == 2


def test_tasks_that_have_no_other_place_are_reported(call: Any, swarm: Any) -> None:
    spec = {"Name": "web", "Mode": {"Replicated": {"Replicas": 1}}, "TaskTemplate": {}}
    swarm.answers["/services"] = [{"ID": "s", "Spec": spec}]
    task = {"ID": "t", "ServiceID": "s", "Slot": 1, "NodeID": "chimera", "DesiredState": "running", "Spec": {}}
    swarm.answers["/tasks"] = [{**task, "Status": {"State": "running"}, "CreatedAt": ""}]
    result = call(node_drain, node="chimera", wait=0)
    assert result["affected"] == [{"service": "web", "slot": 1, "task": "web.1"}]


def test_a_rehearsal_says_what_would_move_and_asks_for_nothing(call: Any, swarm: Any) -> None:
    result = call(node_drain, check=True, node="chimera")
    assert (result["changed"], result["node"]["availability"], swarm.posted) == (True, "active", [])


@pytest.mark.parametrize(
    ("node", "words"), [("nobody", "node nobody is not in the swarm"), ("chimera", "is a worker of its swarm")]
)
def test_what_cannot_be_drained_from_here_is_refused(call: Any, swarm: Any, node: str, words: str) -> None:
    if node != "nobody":
        swarm.worker()
    result = call(node_drain, node=node, wait=0)
    assert words in result["msg"] and swarm.posted == []
