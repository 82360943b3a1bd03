# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What it does with machines is told to test_world_task.py; here is what it takes and refuses, and how it fails."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.modules import dind_node

NODE = {"name": "hydra-node", "address": "172.30.0.10"}
NETWORK = {"name": "hydra", "subnet": "172.30.0.0/16"}
WHOLE = {"cluster": "hydra", "nodes": [NODE], "image": "node:1", "network": NETWORK}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The parameters of every run that gets so far."""
    runs: list[Any] = []

    def run(module: Any) -> dict[str, Any]:
        runs.append((module.params, module.check_mode))
        return {"changed": False}

    monkeypatch.setattr(dind_node, "run", run)
    return runs


def test_what_is_not_said_is_as_documented(call: Any, asked: list[Any]) -> None:
    call(dind_node, check=True, **WHOLE)
    ((params, rehearsal),) = asked
    assert rehearsal is True
    assert (params["state"], params["bind_address"], params["privileges"], params["purge"]) == (
        "started",
        "127.0.0.1",
        "auto",
        False,
    )
    (node,) = params["nodes"]
    assert (node["service"], node["ports"], node["memory"], node["settings"]) == ("engine", [], "0", None)


@pytest.mark.parametrize("lacking", ["nodes", "image", "network"])
def test_machines_cannot_be_made_of_nothing(call: Any, asked: list[Any], lacking: str) -> None:
    words = {key: value for key, value in WHOLE.items() if key != lacking}
    assert lacking in call(dind_node, **words)["msg"] and asked == []
    call(dind_node, **{**words, "state": "absent"})
    assert len(asked) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "up"},
        {"privileges": "all"},
        {"nodes": [{**NODE, "service": "web"}]},
        {"nodes": [{**NODE, "port": 80}]},
    ],
)
def test_what_it_does_not_know_is_refused(call: Any, asked: list[Any], wrong: dict[str, Any]) -> None:
    assert call(dind_node, **{**WHOLE, **wrong})["failed"] and asked == []


def test_an_engine_that_does_not_answer_is_a_failure_with_its_reason(
    call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(module: Any) -> dict[str, Any]:
        raise EngineError("no Docker Engine answers on the control host")

    monkeypatch.setattr(dind_node, "run", run)
    assert call(dind_node, **WHOLE)["msg"] == "no Docker Engine answers on the control host"
