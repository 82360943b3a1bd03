# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.placement import (
    eligible,
    known,
    parse,
    reason,
    satisfies,
    takes_tasks,
)


def node(name: str, availability: str = "active", status: str = "ready", **labels: str) -> dict[str, Any]:
    return {
        "id": f"id-{name}",
        "name": name,
        "role": "worker",
        "status": status,
        "availability": availability,
        "address": "172.30.0.20",
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
        ("node.ip==172.30.0.0/24", True),
        ("node.ip==172.30.0.20", True),
        ("node.ip!=172.30.0.20", False),
        ("node.ip==10.0.0.0/8", False),
        ("node.platform.arch==X86_64", True),
        ("node.labels.Workload==jupyter", False),  # a label's name is compared as it is
        ("NODE.LABELS.workload==jupyter", True),
        ("node.memory==4g", True),
        ("node.ip==here", True),
        ("nonsense", True),
    ],
)
def test_satisfies(constraint: str, expected: bool) -> None:
    assert satisfies(node("chimera", workload="jupyter"), constraint) is expected


def test_what_is_not_known_is_answered_as_asked() -> None:
    assert satisfies(node("chimera"), "node.memory==4g", unknown=False) is False
    assert satisfies({**node("chimera"), "address": ""}, "node.ip==172.30.0.20", unknown=False) is False


@pytest.mark.parametrize(
    ("constraint", "parts"),
    [
        ("node.role == manager", ("node.role", "==", "manager")),
        ("  node.labels.a-b_c.d!=x y ", ("node.labels.a-b_c.d", "!=", "x y")),
        ("node.labels.path==/a|b", ("node.labels.path", "==", "/a|b")),
        ("node.ip!=172.30.0.0/16", ("node.ip", "!=", "172.30.0.0/16")),
    ],
)
def test_parse(constraint: str, parts: tuple[str, str, str]) -> None:
    assert parse(constraint) == parts


WRITE = "write it as node.labels.gpu == true or node.role != manager"
CHARACTERS = "letters, digits, spaces and : . _ / * ( ) ? + [ ] \\ ^ $ | -, and at least one of them"


@pytest.mark.parametrize(
    ("constraint", "message"),
    [
        ("a = b", f"it has neither == nor !=; {WRITE}"),
        ("", f"it has neither == nor !=; {WRITE}"),
        ("== b", f"'' is no key: letters, digits, '.', '_' and '-', a letter first; {WRITE}"),
        ("node role == b", f"'node role' is no key: letters, digits, '.', '_' and '-', a letter first; {WRITE}"),
        ("node.role == ", f"'' is no value: {CHARACTERS}; {WRITE}"),
        ("node.role === manager", f"'= manager' is no value: {CHARACTERS}; {WRITE}"),
        ("node.labels.x == a,b", f"'a,b' is no value: {CHARACTERS}; {WRITE}"),
        (
            "node.ip == 172.30.0.300",
            "'172.30.0.300' is neither an address nor a network: write it like 172.30.0.20 or 172.30.0.0/24",
        ),
    ],
)
def test_malformed(constraint: str, message: str) -> None:
    with pytest.raises(ValueError) as raised:
        parse(constraint)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("node.id", True),
        ("Node.Hostname", True),
        ("node.labels.gpu", True),
        ("engine.labels.disk", True),
        ("node.labels.", False),
        ("node.label.gpu", False),
        ("node.memory", False),
    ],
)
def test_known(key: str, expected: bool) -> None:
    assert known(key) is expected


@pytest.mark.parametrize(
    ("constraints", "names"),
    [
        ([], ["chimera", "cerberus"]),
        (["node.labels.gpu==true"], ["chimera", "cerberus"]),
        (["node.labels.gpu==true", "node.hostname!=chimera"], ["cerberus"]),
        (["node.labels.disk==ssd"], ["lerna", "hydra"]),  # none that takes tasks, so those that might again
        (["node.labels.disk==tape"], []),
    ],
)
def test_eligible(constraints: list[str], names: list[str]) -> None:
    nodes = [
        node("chimera", gpu="true"),
        node("cerberus", gpu="true"),
        node("lerna", "drain", gpu="true", disk="ssd"),
        node("hydra", status="down", disk="ssd"),
    ]
    assert [one["name"] for one in eligible(nodes, constraints)] == names
    assert [takes_tasks(one) for one in nodes] == [True, True, False, False]


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
