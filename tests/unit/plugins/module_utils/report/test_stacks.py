# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.report import stacks

NODES = [{"name": "hydra", "address": "10.0.0.1"}, {"name": "chimera", "address": "10.0.0.2"}]
PUBLISHED = {"hydra": {"80/tcp": "127.0.0.1:8080"}}
IDENTITY = "sha256:" + "ab" * 32


def port(number: int, mode: str = "host", protocol: str = "tcp") -> dict[str, Any]:
    return {"published": number, "target": 80, "protocol": protocol, "mode": mode}


def service(**more: Any) -> dict[str, Any]:
    return {
        "name": "core_web",
        "stack": "core",
        "mode": "replicated",
        "image": "web:1",
        "running": 1,
        "desired": 2,
        "ports": [],
        "constraints": [],
        "max_per_node": 0,
        "reserved": {"cpus": 0, "memory": 0, "generic_resources": {}},
        "tasks": [],
        **more,
    }


def task(name: str, node: str, state: str, error: str = "", image: str = IDENTITY) -> dict[str, Any]:
    return {"name": name, "node": node, "state": state, "desired": "running", "error": error, "image": image}


def test_ports_of_machines() -> None:
    machines = [{"name": "hydra", "ports": ["80", "127.0.0.9:5353:53/udp"]}, {"name": "chimera", "ports": []}]
    assert stacks.published_ports(machines, "127.0.0.1") == {
        "hydra": {"80/tcp": "127.0.0.1:80", "53/udp": "127.0.0.9:5353"},
        "chimera": {},
    }


@pytest.mark.parametrize(
    ("published", "running", "expected"),
    [
        (port(80), ["hydra", "chimera", "chimera"], ["127.0.0.1:8080", "10.0.0.2:80"]),
        (port(80), [], []),
        (port(80), ["gone"], []),
        (port(80, "ingress"), ["chimera"], ["127.0.0.1:8080"]),
        (port(81, "ingress"), ["chimera"], ["10.0.0.1:81"]),
        (port(80, protocol="udp"), ["hydra"], ["10.0.0.1:80"]),
    ],
)
def test_where_a_port_answers(published: dict[str, Any], running: list[str], expected: list[str]) -> None:
    assert stacks.addresses(published, running, NODES, PUBLISHED) == expected


def test_status_of_one_stack() -> None:
    tasks = [task("core_web.1", "hydra", "running"), task("core_web.2", "", "pending", "no suitable node", "web:1")]
    swarm = {"nodes": NODES, "services": [service(tasks=tasks, ports=[port(80)]), service(name="x", stack="other")]}
    assert stacks.status(stacks.state_of(swarm, "core", PUBLISHED)) == (
        "core: 1 of 2 tasks of 1 service running\n"
        "\n"
        "SERVICE   MODE        TASKS   ANSWERS AT      IMAGE\n"
        "core_web  replicated  1 of 2  127.0.0.1:8080  web:1\n"
        "\n"
        "TASK        NODE   STATE    IMAGE ID      WHY\n"
        "core_web.1  hydra  running  abababababab\n"
        "core_web.2  -      pending  -             no suitable node"
    )


def test_status_of_all_stacks_and_of_none() -> None:
    swarm = {"nodes": NODES, "services": [service(), service(name="x", stack="other")]}
    assert [one["name"] for one in stacks.state_of(swarm, "", {})["services"]] == ["core_web", "x"]
    nothing = stacks.status(stacks.state_of({"nodes": [], "services": []}, "", {}))
    assert nothing == "No stack is deployed. Deploy one with: make deploy-stack STACK=name FILE=path"


def test_report_of_a_deploy() -> None:
    deployed = service(nodes=["hydra", "hydra"], running=2, ports=[port(80)], image_id=IDENTITY)
    result = {"services": [deployed], "actions": ["create core_web"]}
    assert stacks.report(result, "core", NODES, PUBLISHED) == (
        "core: create core_web\n"
        "\n"
        "SERVICE   TASKS   NODES  ANSWERS AT      IMAGE\n"
        "core_web  2 of 2  hydra  127.0.0.1:8080  web:1 (abababababab)"
    )
    assert stacks.report({"services": []}, "core", NODES, PUBLISHED) == "core: nothing is deployed"
