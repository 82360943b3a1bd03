# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.demand import service_of
from ansible_collections.hydra.swarm.plugins.module_utils.stack.placement import problems

GIB = 2**30


def node(name: str, role: str = "worker", **more: Any) -> dict[str, Any]:
    return {
        "id": f"id-{name}",
        "name": name,
        "role": role,
        "status": "ready",
        "availability": "active",
        "address": "172.30.0.10",
        "platform": "linux/x86_64",
        "labels": {},
        "engine_labels": {},
        "cpus": 2.0,
        "memory": 4 * GIB,
        "generic_resources": {},
        **more,
    }


HYDRA = node("hydra", "manager", cpus=1.0, memory=8 * GIB)
CHIMERA = node("chimera", labels={"gpu": "true", "workload": "jupyter"}, generic_resources={"NVIDIA-GPU": ["GPU-1"]})
CERBERUS = node("cerberus", labels={"gpu": "true"}, generic_resources={"NVIDIA-GPU": ["GPU-2", "GPU-3"], "SSD": 4})
NODES = [CERBERUS, CHIMERA, HYDRA]
LABEL = "correct it, or label a node accordingly (swarm_node_labels)"
KEYS = (
    "node.id, node.hostname, node.ip, node.role, node.platform.os, node.platform.arch, node.labels.KEY, "
    "engine.labels.KEY"
)
BACK = "bring it back (make restore-node, make swarm-up)"


def found(nodes: list[dict[str, Any]] | None = None, **deploy: Any) -> list[str]:
    return problems(service_of("web", {"image": "tiny:1", "deploy": deploy}), NODES if nodes is None else nodes)


def constrained(*constraints: str, **more: Any) -> dict[str, Any]:
    return {"placement": {"constraints": list(constraints), **more}}


def reserving(**reserved: Any) -> dict[str, Any]:
    generic = [
        {"discrete_resource_spec": {"kind": kind, "value": value}}
        for kind, value in reserved.pop("generic", {}).items()
    ]
    return {"resources": {"reservations": {**reserved, "generic_resources": generic}}}


@pytest.mark.parametrize(
    "deploy",
    [
        {},
        constrained("node.role == manager"),
        constrained("node.labels.gpu == true", "node.hostname != chimera", "node.ip == 172.30.0.0/24"),
        constrained("node.platform.arch == x86_64", "node.platform.os != windows"),
        reserving(cpus="2", memory="4G"),
        reserving(generic={"NVIDIA-GPU": 2, "SSD": 4}),
        {"replicas": 30, **reserving(generic={"NVIDIA-GPU": 1})},  # two run, the others wait
        {"replicas": 6, **constrained(max_replicas_per_node=2)},
        {"mode": "global", **constrained(max_replicas_per_node=1)},
    ],
)
def test_what_can_run(deploy: dict[str, Any]) -> None:
    assert found(**deploy) == []


@pytest.mark.parametrize(
    ("constraints", "expected"),
    [
        (
            ["node.labels.gpu == yes"],
            "no node meets constraint 'node.labels.gpu == yes': cerberus has gpu=true; chimera has gpu=true "
            f"workload=jupyter; hydra has no labels; {LABEL}",
        ),
        (
            ["engine.labels.disk == ssd"],
            "no node meets constraint 'engine.labels.disk == ssd': cerberus has no labels; chimera has no labels; hydra "
            f"has no labels; {LABEL}",
        ),
        (
            ["node.hostname == lerna"],
            "no node meets constraint 'node.hostname == lerna': cerberus has node.hostname cerberus; chimera has "
            f"node.hostname chimera; hydra has node.hostname hydra; {LABEL}",
        ),
        (
            ["node.platform.arch == amd64"],
            "no node meets constraint 'node.platform.arch == amd64': cerberus has node.platform.arch x86_64; chimera has "
            "node.platform.arch x86_64; hydra has node.platform.arch x86_64; Swarm calls it x86_64",
        ),
        (
            ["node.platform.os == windows"],
            "no node meets constraint 'node.platform.os == windows': cerberus has node.platform.os linux; chimera has "
            f"node.platform.os linux; hydra has node.platform.os linux; {LABEL}",
        ),
        (
            ["node.labels.workload == jupyter", "node.role == manager"],
            "no node meets all its constraints: 'node.labels.workload == jupyter' is met by chimera; 'node.role == "
            "manager' is met by hydra; correct one, or label a node accordingly (swarm_node_labels)",
        ),
        (
            ["a = b"],
            "constraint 'a = b' is malformed: it has neither == nor !=; write it as node.labels.gpu == true or node.role "
            "!= manager",
        ),
        (
            ["node.label.gpu == true"],
            "constraint 'node.label.gpu == true': Swarm knows no 'node.label.gpu', so no node meets it; use one of "
            f"{KEYS}; did you mean node.labels.gpu?",
        ),
        (
            ["memory != 4g"],
            f"constraint 'memory != 4g': Swarm knows no 'memory', so no node meets it; use one of {KEYS}",
        ),
    ],
)
def test_constraints(constraints: list[str], expected: str) -> None:
    assert found(**constrained(*constraints)) == [expected]


def test_every_bad_constraint_is_named() -> None:
    assert len(found(**constrained("a = b", "node.labels.gpu == no", "node.role == manager"))) == 2


@pytest.mark.parametrize(
    ("changes", "deploy", "expected"),
    [
        ({"availability": "drain"}, constrained("node.labels.workload == jupyter"), "chimera is drained"),
        ({"availability": "pause"}, constrained("node.labels.workload == jupyter"), "chimera is paused"),
        ({"status": "down"}, constrained("node.labels.workload == jupyter"), "chimera is down"),
    ],
)
def test_nodes_that_take_no_tasks_are_named_where_there_are_no_others(
    changes: dict[str, str], deploy: dict[str, Any], expected: str
) -> None:
    nodes = [CERBERUS, {**CHIMERA, **changes}, HYDRA]
    assert found(nodes, **deploy) == [
        f"no node takes tasks and meets its constraints (node.labels.workload == jupyter): {expected}; {BACK}"
    ]
    assert found(nodes, **constrained("node.labels.gpu == true")) == []


def test_no_node_takes_tasks_at_all() -> None:
    nodes = [{**one, "availability": "drain"} for one in NODES]
    assert found(nodes) == [f"no node takes tasks: cerberus is drained, chimera is drained, hydra is drained; {BACK}"]


@pytest.mark.parametrize(
    ("deploy", "expected"),
    [
        (
            reserving(generic={"NVIDIA-GPU": 3}),
            "a task reserves 3 NVIDIA-GPU, more than any node that may run it has (cerberus has 2 NVIDIA-GPU, chimera has "
            "1 NVIDIA-GPU, hydra has 0 NVIDIA-GPU): reserve less",
        ),
        (
            {**reserving(generic={"NVIDIA-GPU": 2}), **constrained("node.labels.workload == jupyter")},
            "a task reserves 2 NVIDIA-GPU, more than any node that may run it has (chimera has 1 NVIDIA-GPU): reserve "
            "less",
        ),
        (
            {**reserving(generic={"NVIDIA-GPU": 1}), **constrained("node.role == manager")},
            "a task reserves 1 NVIDIA-GPU, more than any node that may run it has (hydra has 0 NVIDIA-GPU): they offer no "
            "generic resource; correct the kind or the constraints, or give a node some (swarm_node_gpus)",
        ),
        (
            reserving(generic={"NVIDIA_GPU": 1}),
            "a task reserves 1 NVIDIA_GPU, more than any node that may run it has (cerberus has 0 NVIDIA_GPU, chimera has "
            "0 NVIDIA_GPU, hydra has 0 NVIDIA_GPU): they offer NVIDIA-GPU, SSD; correct the kind or the constraints, or "
            "give a node some (swarm_node_gpus); did you mean NVIDIA-GPU?",
        ),
        (
            reserving(cpus="2.5"),
            "a task reserves 2.5 CPUs, more than any node that may run it has (cerberus has 2 CPUs, chimera has 2 CPUs, "
            "hydra has 1 CPUs): reserve less",
        ),
        (
            reserving(memory="1T"),
            "a task reserves 1 TiB of memory, more than any node that may run it has (cerberus has 4 GiB of memory, "
            "chimera has 4 GiB of memory, hydra has 8 GiB of memory): reserve less",
        ),
        (
            reserving(cpus="2", memory="8G"),
            "a task reserves 2 CPUs, 8 GiB of memory, and no node that may run it has all of that (cerberus has 2 CPUs, "
            "4 GiB of memory; chimera has 2 CPUs, 4 GiB of memory; hydra has 1 CPUs, 8 GiB of memory): reserve less",
        ),
        (
            {"replicas": 7, **constrained(max_replicas_per_node=2)},
            "7 replicas with max_replicas_per_node 2 need 4 nodes, and 3 can run it (cerberus, chimera, hydra): ask for "
            "6 replicas at most, or allow more on a node",
        ),
        (
            {"replicas": 2, **constrained("node.role == manager", max_replicas_per_node=1)},
            "2 replicas with max_replicas_per_node 1 need 2 nodes, and 1 can run it (hydra): ask for 1 replicas at most, "
            "or allow more on a node",
        ),
    ],
)
def test_resources_and_tasks_a_node(deploy: dict[str, Any], expected: str) -> None:
    assert found(**deploy) == [expected]


def test_every_resource_is_named() -> None:
    assert len(found(**reserving(cpus="9", memory="9T", generic={"FPGA": 1}))) == 3


def test_without_nodes_nothing_can_be_said() -> None:
    assert found([], **constrained("node.role == manager")) == []
