# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils._core.placement import reason, satisfies


def node(name: str, availability: str = "active", status: str = "ready", **labels: str) -> dict[str, Any]:
    return {
        "id": f"id-{name}",
        "name": name,
        "role": "worker",
        "status": status,
        "availability": availability,
        "platform": "linux/x86_64",
        "labels": labels,
        "engine_labels": {"disk": "ssd"},
    }


def service(**more: Any) -> dict[str, Any]:
    reserved = {"cpus": 0, "memory": 0, "generic_resources": {}}
    return {"constraints": [], "reserved": reserved, "ports": [], "max_per_node": 0, **more}


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("node.labels.workload==jupyter", True),
        ("node.labels.workload == Jupyter", True),
        ("node.labels.workload != jupyter", False),
        ("node.labels.gpu==true", False),
        ("node.labels.gpu!=true", True),
        ("engine.labels.disk==ssd", True),
        ("node.hostname==chimera", True),
        ("node.role==manager", False),
        ("node.platform.os==linux", True),
        ("node.platform.arch!=x86_64", False),
        ("node.ip==10.0.0.0/8", True),
        ("nonsense", True),
    ],
)
def test_satisfies(constraint: str, expected: bool) -> None:
    assert satisfies(node("chimera", workload="jupyter"), constraint) is expected


RESERVED = {"cpus": 4.0, "memory": 2**30, "generic_resources": {"NVIDIA-GPU": 2, "FPGA": ["a"]}}
PORTS = [{"published": 8080, "mode": "host"}, {"published": 80, "mode": "ingress"}]


@pytest.mark.parametrize(
    ("error", "asked", "nodes", "expected"),
    [
        (
            "no suitable node (scheduling constraints not satisfied on 1 node)",
            {"constraints": ["node.labels.workload==jupyter", "node.role==worker"]},
            [node("chimera", "drain", workload="jupyter"), node("cerberus")],
            "; needs node.labels.workload==jupyter (chimera is drained)",
        ),
        (
            "no suitable node (scheduling constraints not satisfied on 1 node)",
            {"constraints": ["node.labels.gpu==true"]},
            [node("chimera", status="down", gpu="true"), node("lerna", "pause", gpu="true")],
            "; needs node.labels.gpu==true (chimera is down, lerna is paused)",
        ),
        (
            "no suitable node (scheduling constraints not satisfied on 1 node)",
            {"constraints": ["node.labels.gpu==true"]},
            [node("chimera")],
            "; needs node.labels.gpu==true (no node has it)",
        ),
        (  # each is met by some node, but none meets both
            "no suitable node (scheduling constraints not satisfied on 2 nodes)",
            {"constraints": ["node.labels.gpu==true", "node.labels.disk==ssd"]},
            [node("chimera", gpu="true"), node("cerberus", disk="ssd")],
            "; needs node.labels.gpu==true, node.labels.disk==ssd",
        ),
        (
            "no suitable node (insufficient resources on 3 nodes)",
            {"reserved": RESERVED},
            [],
            "; needs 4 CPUs, 1 GiB, 2 NVIDIA-GPU, 1 FPGA",
        ),
        (
            "no suitable node (host-mode port already in use on 3 nodes)",
            {"ports": PORTS},
            [],
            "; needs host port 8080",
        ),
        (
            "no suitable node (max replicas per node limit exceed)",
            {"max_per_node": 2},
            [],
            "; needs a node with fewer than 2 of its tasks",
        ),
        ("no suitable node (unsupported platform on 3 nodes)", {}, [], ""),
    ],
)
def test_reason(error: str, asked: dict[str, Any], nodes: list[dict[str, Any]], expected: str) -> None:
    assert reason(error, service(**asked), nodes) == error + expected
