# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import os
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.machine import world_network
from ansible_collections.hydra.swarm.plugins.modules import node_info


def test_a_machine_whose_engine_answers(call: Any, swarm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world_network, "look", dict)
    node = call(node_info)["node"]
    assert node["hostname"] == os.uname().nodename
    assert node["engine"] == {"version": "28.5.2", "swarm": "active", "node_id": "hydra", "error": ""}
    assert {"memory", "disk"} <= set(node)
    assert node["kernel"]["release"] == os.uname().release
    assert isinstance(node["consequences"], list)
    assert node["faults"] == []


def test_a_machine_whose_engine_answers_and_that_reaches_nobody(
    call: Any, swarm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world_network, "look", lambda: {"rules": "*filter\n*nat"})
    assert [(fault["kind"], fault["mends"]) for fault in call(node_info)["node"]["faults"]] == [("rules", True)]


def test_of_one_whose_engine_is_down_the_rest_is_told(call: Any, swarm: Any) -> None:
    swarm.refuses["/info"] = EngineError("docker GET /info: no answer on /var/run/docker.sock")
    result = call(node_info, check=True)
    assert (result["changed"], result["node"]["engine"]) == (
        False,
        {"version": "", "swarm": "", "node_id": "", "error": "docker GET /info: no answer on /var/run/docker.sock"},
    )
    assert result["node"]["hostname"] == os.uname().nodename
