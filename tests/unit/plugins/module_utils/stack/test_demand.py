# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.demand import Port, StackService, service_of

NODES = [
    {"name": name, "status": "ready", "availability": "active", "labels": {}, "platform": "linux/x86_64"}
    | {"id": name, "role": "worker", "engine_labels": {}, "address": ""}
    for name in ("chimera", "cerberus")
]


def test_what_a_service_asks_for() -> None:
    service = {
        "image": "tiny:1",
        "ports": [{"target": 80, "published": 8080, "protocol": "udp", "mode": "host"}, {"target": 81}],
        "deploy": {
            "mode": "replicated",
            "replicas": 2,
            "endpoint_mode": "dnsrr",
            "placement": {"constraints": ["node.role == worker"], "max_replicas_per_node": 1},
            "resources": {
                "limits": {"memory": "8G"},
                "reservations": {
                    "cpus": "0.5",
                    "memory": "512M",
                    "generic_resources": [
                        {"discrete_resource_spec": {"kind": "NVIDIA-GPU", "value": 1}},
                        {"discrete_resource_spec": {"kind": "SSD", "value": "2"}},
                        {"discrete_resource_spec": {"kind": "NVIDIA-GPU", "value": 1}},
                    ],
                },
            },
        },
    }
    ports = (Port(8080, 80, "udp", "host"), Port(0, 81, "tcp", "ingress"))
    assert service_of("web", service) == StackService(
        "web", "replicated", 2, ("node.role == worker",), 1, "dnsrr", ports, 0.5, 2**29, {"NVIDIA-GPU": 2, "SSD": 2}
    )
    assert service_of("web", service).host_ports == [ports[0]]


@pytest.mark.parametrize("service", [{"image": "tiny:1"}, {"image": "tiny:1", "deploy": {}, "ports": []}])
def test_what_is_not_said(service: dict[str, Any]) -> None:
    asked = service_of("web", service)
    assert asked == StackService("web", "replicated", None, (), 0, "", (), 0, 0, {})
    assert asked.replicas == 1


@pytest.mark.parametrize(
    ("deploy", "tasks"),
    [
        ({}, 1),
        ({"replicas": 0}, 0),
        ({"replicas": 5}, 5),
        ({"mode": "global"}, 2),
        ({"mode": "global", "placement": {"constraints": ["node.hostname == chimera"]}}, 1),
        ({"mode": "replicated-job", "replicas": 5}, 1),
        ({"mode": "global-job"}, 1),
    ],
)
def test_tasks_at_the_same_time(deploy: dict[str, Any], tasks: int) -> None:
    assert service_of("web", {"deploy": deploy}).tasks(NODES) == tasks


@pytest.mark.parametrize(
    ("other", "clashes"),
    [
        (Port(80, 8000, "tcp", "host"), True),
        (Port(80, 80, "udp", "ingress"), False),
        (Port(81, 80, "tcp", "ingress"), False),
    ],
)
def test_a_number_is_had_once_for_each_protocol(other: Port, clashes: bool) -> None:
    assert Port(80, 80, "tcp", "ingress").clashes(other) is clashes


def test_random_ports_never_clash() -> None:
    assert not Port(0, 80, "tcp", "host").clashes(Port(0, 80, "tcp", "host"))


def test_how_ports_are_called() -> None:
    ports = [Port(80, 8080, "tcp", "host"), Port(53, 53, "udp", "host"), Port(0, 80, "tcp", "host")]
    assert [port.name for port in ports] == ["80", "53/udp", "(random)"]
