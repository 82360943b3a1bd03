# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.demand import service_of
from ansible_collections.hydra.swarm.plugins.module_utils.stack.ports import problems

NODES = [
    {"name": name, "id": name, "role": role, "status": "ready", "availability": "active", "address": ""}
    | {"labels": {}, "engine_labels": {}, "platform": "linux/x86_64"}
    for name, role in (("cerberus", "worker"), ("chimera", "worker"), ("hydra", "manager"))
]
ANOTHER = "publish another port"
MANAGER = {"placement": {"constraints": ["node.role == manager"]}}
WORKERS = {"placement": {"constraints": ["node.role == worker"]}}


def port(published: int, mode: str = "ingress", protocol: str = "tcp", target: int = 80) -> dict[str, Any]:
    return {"target": target, "published": published, "protocol": protocol, "mode": mode}


def service(*ports: dict[str, Any], **deploy: Any) -> dict[str, Any]:
    return {"image": "tiny:1", "ports": list(ports), "deploy": deploy}


def other(*ports: dict[str, Any], nodes: tuple[str, ...] = (), desired: str = "running") -> dict[str, Any]:
    return {"name": "shop_web", "ports": list(ports), "tasks": [{"node": node, "desired": desired} for node in nodes]}


def found(services: dict[str, Any], *others: dict[str, Any]) -> list[str]:
    return problems([service_of(name, one) for name, one in services.items()], others, NODES)


@pytest.mark.parametrize(
    ("services", "others"),
    [
        ({"api": service(port(80)), "web": service(port(80, protocol="udp"), port(81))}, []),
        ({"api": service(port(0)), "web": service(port(0), port(0))}, []),
        ({"api": service(port(80, "host")), "web": service(port(80, "host"))}, []),
        ({"api": service(port(80, "host"), **MANAGER), "web": service(port(80, "host"), replicas=2, **WORKERS)}, []),
        ({"web": service(port(80, "host"), mode="global")}, []),
        ({"web": service(port(80, "host"), mode="replicated-job", replicas=9)}, []),
        ({"web": service(port(80, "host"), endpoint_mode="dnsrr")}, []),
        ({"web": service(port(80))}, [other(port(81)), other(port(80, protocol="udp")), other(port(0))]),
        ({"web": service(port(80, "host"))}, [other(port(80, "host"), nodes=("hydra", "chimera"))]),
        ({"web": service(port(80, "host"), **WORKERS)}, [other(port(80, "host"), nodes=("hydra",))]),
        (
            {"web": service(port(80, "host"), **MANAGER)},
            [other(port(80, "host"), nodes=("hydra",), desired="shutdown")],
        ),
        ({"web": service(port(80, "host"), **MANAGER)}, [other(port(80, "host"), nodes=("",))]),
    ],
)
def test_ports_that_can_be_had(services: dict[str, Any], others: list[dict[str, Any]]) -> None:
    assert found(services, *others) == []


ONCE = "and in ingress mode the whole swarm has it once"


@pytest.mark.parametrize(
    ("services", "others", "expected"),
    [
        (
            {"web": service(port(80), port(80, target=81))},
            [],
            f"web: port 80 is published twice: {ANOTHER} for one of them",
        ),
        (
            {"web": service(port(80, "host"), port(80, target=81, mode="host"))},
            [],
            f"web: port 80 is published twice: {ANOTHER} for one of them",
        ),
        (
            {"api": service(port(80)), "web": service(port(80))},
            [],
            f"api and web: both publish port 80, {ONCE}: {ANOTHER} for one of them",
        ),
        (
            {"api": service(port(53, "host", "udp")), "web": service(port(53, protocol="udp"))},
            [],
            f"api and web: both publish port 53/udp, {ONCE}: {ANOTHER} for one of them",
        ),
        (
            {"api": service(port(80, "host"), **MANAGER), "web": service(port(80, "host"), **MANAGER)},
            [],
            "api and web: both publish port 80 in host mode, which a node has once; they are 2 tasks, and hydra can run "
            f"them: {ANOTHER} for one of them, or keep them on different nodes",
        ),
        (
            {"api": service(port(80, "host"), mode="global"), "web": service(port(80, "host"))},
            [],
            "api and web: both publish port 80 in host mode, which a node has once; they are 4 tasks, and cerberus, "
            f"chimera, hydra can run them: {ANOTHER} for one of them, or keep them on different nodes",
        ),
        (
            {"web": service(port(80), port(81), endpoint_mode="dnsrr")},
            [],
            "web: port 80, 81 in ingress mode needs a virtual IP, which endpoint_mode dnsrr does without: give the port "
            "mode: host, or leave endpoint_mode out",
        ),
        (
            {"web": service(port(80, "host"), replicas=4)},
            [],
            "web: 4 replicas, but a node can publish port 80 in host mode once, and cerberus, chimera, hydra can run it: "
            "ask for 3 at most, or put a proxy in front",
        ),
        (
            {"web": service(port(80))},
            [other(port(80))],
            f"web: port 80 is already published by service shop_web in ingress mode, {ONCE}: {ANOTHER}, or remove that "
            "service",
        ),
        (
            {"web": service(port(80, "host"))},
            [other(port(80))],
            f"web: port 80 is already published by service shop_web in ingress mode, {ONCE}: {ANOTHER}, or remove that "
            "service",
        ),
        (
            {"web": service(port(80))},
            [other(port(80, "host"))],
            f"web: port 80 is already published by service shop_web in host mode, {ONCE}: {ANOTHER}, or remove that "
            "service",
        ),
        (
            {"web": service(port(80, "host"), **MANAGER)},
            [other(port(80, "host"), nodes=("hydra", "chimera"))],
            "web: port 80 in host mode is already published on hydra by service shop_web, and of the nodes that can run "
            f"it (hydra) too few are left: {ANOTHER}, or remove that service",
        ),
        (
            {"web": service(port(80, "host"), mode="global")},
            [other(port(80, "host"), nodes=("chimera",))],
            "web: port 80 in host mode is already published on chimera by service shop_web, and of the nodes that can run "
            f"it (cerberus, chimera, hydra) too few are left: {ANOTHER}, or remove that service",
        ),
    ],
)
def test_ports_that_cannot_be_had(services: dict[str, Any], others: list[dict[str, Any]], expected: str) -> None:
    assert found(services, *others) == [expected]
