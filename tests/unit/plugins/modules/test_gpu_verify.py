# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a task sees is told to test_world_verify.py; here is what the module makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.modules import gpu_verify

GOOD = {"node": "chimera-node", "gpus": ["GPU-a"], "given": ["GPU-a"], "simulated": False, "problem": ""}


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch, swarm: Any) -> list[Any]:
    """What the tries on the nodes are to end with; and the nodes that were tried."""
    results: list[Any] = []

    class Verification:
        def __init__(self, _engine: Any, image: str, owner: str, timeout: float):
            assert (image, owner, timeout) == ("cuda:1", "hydra", 300.0)

        def results(self, nodes: list[dict[str, Any]]) -> list[Any]:
            assert [node["name"] for node in nodes] == ["chimera-node"]
            return results

    monkeypatch.setattr(gpu_verify, "Verification", Verification)
    monkeypatch.setattr(
        gpu_verify.verify, "report", lambda found: [f"{one['node']}: {one['problem'] or 'good'}" for one in found]
    )
    offers = [{"NamedResourceSpec": {"Kind": "NVIDIA-GPU", "Value": "GPU-a"}}]
    swarm.answers["/nodes"][1]["Description"]["Resources"] = {"GenericResources": offers}
    return results


def test_all_is_as_it_should_be(call: Any, verified: list[Any]) -> None:
    verified.append(GOOD)
    result = call(gpu_verify, owner="hydra", image="cuda:1")
    assert result == {"changed": False, "nodes": [GOOD], "report": ["chimera-node: good"]}


def test_a_node_that_fails_fails_the_task_with_all_that_is_known(call: Any, verified: list[Any]) -> None:
    verified.append({**GOOD, "problem": "sees two"})
    result = call(gpu_verify, owner="hydra", image="cuda:1", nodes=["chimera-node"])
    assert (result["failed"], result["msg"], result["report"]) == (
        True,
        "chimera-node: sees two",
        ["chimera-node: sees two"],
    )


def test_a_node_without_gpus_is_refused(call: Any, verified: list[Any]) -> None:
    result = call(gpu_verify, owner="hydra", image="cuda:1", nodes=["hydra-node"])
    assert result["msg"] == "hydra-node: offers no NVIDIA-GPU; those that do are chimera-node"


def test_it_cannot_be_rehearsed(call: Any, verified: list[Any]) -> None:
    assert call(gpu_verify, check=True, owner="hydra", image="cuda:1")["skipped"] is True


def test_an_image_that_its_registry_does_not_hand_out(call: Any, verified: list[Any], swarm: Any) -> None:
    swarm.refuses["/distribution/r.example.edu/cuda:1/json"] = EngineError("docker GET ...: unauthorized", 401)
    ours = {"host": "r.example.edu", "username": "hydra", "password": "s3cret"}
    result = call(gpu_verify, owner="hydra", image="r.example.edu/cuda:1", registries=[ours])
    assert result["msg"].startswith("registry r.example.edu does not let user hydra in, or not to r.example.edu/cuda:1")
