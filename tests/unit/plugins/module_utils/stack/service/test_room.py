# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.demand import service_of
from ansible_collections.hydra.swarm.plugins.module_utils.stack.service import room

GPU = "NVIDIA-GPU"


def node(name: str, gpus: Any = (), **more: Any) -> dict[str, Any]:
    facts = {
        "availability": "active",
        "status": "ready",
        "labels": {"gpu": "true"} if gpus else {},
        "engine_labels": {},
    }
    amounts = {"cpus": 4.0, "memory": 8 * 2**30, "generic_resources": {GPU: gpus} if gpus else {}}
    return {"name": name, "role": "worker", "id": name, "platform": "linux/x86_64", **facts, **amounts, **more}


def running(
    name: str, *nodes: str, gpus: int = 0, cpus: float = 0, memory: int = 0, state: str = "running"
) -> dict[str, Any]:
    generic = {GPU: gpus} if gpus else {}
    return {
        "name": name,
        "mode": "replicated",
        "constraints": ["node.labels.gpu == true"],
        "reserved": {"cpus": cpus, "memory": memory, "generic_resources": generic},
        "tasks": [{"node": one, "state": state} for one in nodes],
    }


def asking(gpus: int = 1, mode: str = "replicated", **reservations: Any) -> dict[str, Any]:
    generic = [{"discrete_resource_spec": {"kind": GPU, "value": gpus}}] if gpus else []
    resources = {"reservations": {"generic_resources": generic, **reservations}}
    return {"deploy": {"mode": mode, "resources": resources, "placement": {"constraints": ["node.labels.gpu == true"]}}}


NODES = [node("hydra"), node("chimera", ["GPU-a"]), node("cerberus", 2)]


@pytest.mark.parametrize(
    ("service", "services", "order"),
    [
        (asking(), [], "start-first"),
        (asking(), [running("web", "chimera", gpus=1), running("x", "cerberus", gpus=1)], "start-first"),
        (asking(), [running("web", "chimera", "cerberus", "cerberus", gpus=1)], "stop-first"),
        (asking(), [running("web", "chimera", "cerberus", "cerberus", gpus=1)], ""),
        # Those that have ended have given theirs back.
        (asking(), [running("web", "chimera", "cerberus", "cerberus", gpus=1, state="failed")], "start-first"),
        (asking(0), [running("web", "chimera", "cerberus", gpus=1)], "start-first"),
        (asking(mode="replicated-job"), [running("web", "chimera", "cerberus", "cerberus", gpus=1)], "start-first"),
        (asking(0, cpus="2"), [running("web", "chimera", cpus=3.0)], "start-first"),
    ],
)
def test_there_is_room(service: Any, services: Any, order: str) -> None:
    assert room.problem(service_of("web", service), order, {"nodes": NODES, "services": services}) == ""


@pytest.mark.parametrize(
    ("service", "services", "holds", "free"),
    [
        (
            asking(),
            [running("web", "chimera", gpus=1), running("ai", "cerberus", gpus=2)],
            "1 NVIDIA-GPU",
            "free on chimera: 0 NVIDIA-GPU of 1 NVIDIA-GPU; free on cerberus: 0 NVIDIA-GPU of 2 NVIDIA-GPU",
        ),
        (
            asking(2),
            [running("web", "cerberus", gpus=2)],
            "2 NVIDIA-GPU",
            "free on chimera: 1 NVIDIA-GPU of 1 NVIDIA-GPU; free on cerberus: 0 NVIDIA-GPU of 2 NVIDIA-GPU",
        ),
        # One in every node's place.
        (
            asking(mode="global"),
            [running("web", "chimera", "cerberus", gpus=1)],
            "1 NVIDIA-GPU",
            "free on chimera: 0 NVIDIA-GPU of 1 NVIDIA-GPU",
        ),
        (
            asking(0, cpus="3", memory=str(6 * 2**30)),
            [running("web", "chimera", "cerberus", cpus=3.0, memory=6 * 2**30)],
            "3 CPUs and 6 GiB of memory",
            "free on chimera: 1 CPUs of 4 CPUs, 2 GiB of memory of 8 GiB of memory; free on cerberus: 1 CPUs of 4 CPUs, "
            "2 GiB of memory of 8 GiB of memory",
        ),
    ],
)
def test_there_is_none(service: Any, services: Any, holds: str, free: str) -> None:
    assert room.problem(service_of("web", service), "start-first", {"nodes": NODES, "services": services}) == (
        f"web: order start-first starts a new task while the old one still has its {holds}, and there is no room for both "
        f"({free}), so the update would never converge: make it stop-first (deploy.update_config.order), reserve less, or "
        "free some"
    )


def test_a_service_as_the_swarm_lists_it() -> None:
    service = room.service_of_view(running("core_web", "chimera", gpus=1))
    assert (service.name, service.generic, service.constraints) == ("core_web", {GPU: 1}, ("node.labels.gpu == true",))
    full = [running("core_web", "chimera", gpus=1), running("ai", "cerberus", gpus=2)]
    assert room.problem(service, "start-first", {"nodes": NODES, "services": full}).startswith(
        "core_web: order start-first"
    )
