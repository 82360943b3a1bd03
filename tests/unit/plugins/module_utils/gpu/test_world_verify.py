# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError, Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.engine.world import Engine
from ansible_collections.hydra.swarm.plugins.module_utils.gpu import world_verify
from ansible_collections.hydra.swarm.plugins.module_utils.gpu.world_verify import Verification

ONE = "GPU-1f"
OURS = {"hydra.swarm.cluster": "hydra"}


def node(name: str, simulated: bool = True, **more: Any) -> dict[str, Any]:
    labels = {"hydra.swarm.gpus": "simulated"} if simulated else {}
    offers = {"engine_labels": labels, "generic_resources": {"NVIDIA-GPU": [ONE]}}
    return {"id": f"id-{name}", "name": name, "status": "ready", "availability": "active", **offers, **more}


class Manager(Engine):
    """Services that are created have one task in the state given; its log comes at the second look."""

    def __init__(self, state: str = "complete", error: str = "", **services: dict[str, Any]):
        super().__init__()
        self.state, self.error, self.services = state, error, dict(services)
        self.created: list[str] = []
        self.looks = 0
        self.log = f"PATH=/bin\0DOCKER_RESOURCE_NVIDIA-GPU={ONE}\0\nhydra-gpu-verify: end\n"

    def _request(self, method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        if method == "POST":
            self.created.append(body["Name"])
            self.services[f"s{len(self.created)}"] = body
            return {"ID": f"s{len(self.created)}"}
        if method == "DELETE":
            del self.services[path.rpartition("/")[2]]
            return None
        if path == "/services":
            return [{"ID": key, "Spec": spec} for key, spec in self.services.items()]
        (service,) = query["filters"]["service"]
        given = [{"NamedResourceSpec": {"Kind": "NVIDIA-GPU", "Value": ONE}}]
        status = {"State": self.state, "Err": self.error}
        return [
            {
                "ID": f"t-{service}",
                "Spec": {"ContainerSpec": {}},
                "Status": status,
                "GenericResources": given,
            }
        ]

    def stream(self, path: str, most: int, seconds: float, **query: str) -> bytes:
        self.looks += 1
        text = "" if self.looks == 1 else self.log
        stamped = "".join(f"2026-01-01T10:00:0{n}Z {line}\n" for n, line in enumerate(text.splitlines()))
        return bytes([1, 0, 0, 0]) + len(stamped).to_bytes(4, "big") + stamped.encode()


def verify(manager: Manager, *nodes: dict[str, Any]) -> list[dict[str, Any]]:
    return Verification(manager, "cuda:1", "hydra", 5).results(nodes)


def test_each_node_has_a_service_and_none_is_left() -> None:
    manager = Manager()
    results = verify(manager, node("chimera"), node("cerberus"))
    assert manager.created == ["hydra-gpu-verify-chimera", "hydra-gpu-verify-cerberus"]
    assert [(one["node"], one["reserved"], one["seen"], one["problem"]) for one in results] == [
        ("chimera", [ONE], [ONE], ""),
        ("cerberus", [ONE], [ONE], ""),
    ]
    assert manager.services == {}


def test_a_real_one_that_sees_more(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = Manager()
    cards = f"GPU 0: A (UUID: {ONE})\nGPU 1: A (UUID: GPU-2e)\n"
    manager.log = manager.log.replace("hydra-gpu", f"{cards}hydra-gpu")
    (result,) = verify(manager, node("chimera", simulated=False))
    assert result["seen"] == [ONE, "GPU-2e"]
    assert result["problem"].startswith("its container sees 2 GPUs (GPU-1f, GPU-2e), and only GPU-1f is reserved")


def test_a_node_that_takes_no_tasks_is_told_and_not_asked() -> None:
    manager = Manager()
    results = verify(manager, node("chimera", availability="drain"), node("cerberus", status="down"))
    assert [one["problem"] for one in results] == [
        "not verified, since it is ready, drain",
        "not verified, since it is down, active",
    ]
    assert manager.created == []


def test_gpus_that_are_all_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world_verify, "BUSY", 0.0)
    manager = Manager("pending", "no suitable node (insufficient resources on 1 node)")
    (result,) = verify(manager, node("chimera"))
    assert "no GPU is free on it" in result["problem"]
    assert manager.services == {}


def test_what_a_killed_run_left_is_removed_first() -> None:
    manager = Manager(old={"Name": "hydra-gpu-verify-chimera", "Labels": OURS})
    assert verify(manager, node("chimera"))[0]["problem"] == ""
    assert manager.services == {}


def test_somebody_elses_service_is_left_alone() -> None:
    foreign = {"Name": "hydra-gpu-verify-chimera", "Labels": {}}
    manager = Manager(theirs=foreign, another={"Name": "hydra-gpu-verify-chimera-2", "Labels": {}})
    with pytest.raises(Refusal) as refusal:
        verify(manager, node("chimera"))
    assert str(refusal.value) == (
        "service hydra-gpu-verify-chimera has no label hydra.swarm.cluster=hydra, so it is somebody else's: rename or "
        "remove it"
    )
    assert (len(manager.services), manager.created) == (2, [])


def test_services_go_when_the_run_fails() -> None:
    class Failing(Manager):
        def _request(self, method: str, path: str, query: dict[str, Any], body: Any) -> Any:
            if path == "/tasks":
                raise EngineError("docker GET /tasks: the swarm has no leader")
            return super()._request(method, path, query, body)

    manager = Failing()
    with pytest.raises(EngineError):
        verify(manager, node("chimera"))
    assert (manager.created, manager.services) == (["hydra-gpu-verify-chimera"], {})
