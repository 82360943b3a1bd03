# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Students' names, whose network is whose, and what people read of it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.student import workspaces

RULE = "it must be of lower-case letters, digits and '-', start with a letter and have at most 31 characters"
POOL = ["net_01", "net_02"]
DEFAULTS = {"image": "lab:1", "gpus": 0, "constraints": ["node.labels.workload == jupyter"]}


def node(name: str, gpus: Any = 0, workload: str = "jupyter") -> dict[str, Any]:
    return {
        "id": name, "name": name, "status": "ready", "availability": "active", "role": "worker", "platform": "linux/x86_64",
        "labels": {"workload": workload}, "engine_labels": {}, "generic_resources": {"NVIDIA-GPU": gpus} if gpus else {},
    }  # fmt: skip


def service(student: str, network: str, running: int = 1, **more: Any) -> dict[str, Any]:
    task = {"state": "running" if running else "pending", "desired": "running", "error": "", "node": "chimera-node"}
    return {
        "name": f"student-{student}_jupyter", "image": "lab:1", "running": running, "desired": 1, "tasks": [task],
        "labels": {"hydra.swarm.student": student, "hydra.swarm.student.network": network}, "ports": [], "max_per_node": 0,
        "constraints": DEFAULTS["constraints"], "reserved": {"cpus": 0, "memory": 0, "generic_resources": {}}, **more,
    }  # fmt: skip


def swarm(*services: dict[str, Any], networks: list[str] | None = None, nodes: Any = None) -> dict[str, Any]:
    other = {**service("x", "y"), "name": "core_traefik", "labels": {}}
    names = POOL if networks is None else networks
    return {
        "nodes": nodes or [node("chimera-node", ["GPU-a"]), node("cerberus-node", ["GPU-b", "GPU-c"], "ollama")],
        "networks": [{"name": name} for name in names],
        "services": [other, *services],
    }


@pytest.mark.parametrize(
    ("services", "network"),
    [
        ([], "net_01"),
        ([service("bob", "net_01")], "net_02"),
        ([service("bob", "net_02")], "net_01"),
        ([service("ada", "net_02")], "net_02"),  # as before, although the first is free
        ([service("ada", "old_net")], "net_01"),  # his own is gone
        ([service("ada", "net_01"), service("bob", "net_01")], "net_02"),  # nobody shares
    ],
)
def test_allocation(services: list[dict[str, Any]], network: str) -> None:
    assert workspaces.allocate("ada", POOL, swarm(*services)) == network


def test_a_network_of_ones_own_outside_the_pool_is_kept() -> None:
    assert workspaces.allocate("ada", POOL, swarm(service("ada", "old"), networks=[*POOL, "old"])) == "old"


def test_no_network_is_left() -> None:
    busy = swarm(service("bob", "net_01"), service("cleo", "net_02", running=0))
    with pytest.raises(Refusal) as caught:
        workspaces.allocate("ada", POOL, busy)
    assert str(caught.value) == (
        "no network is free for ada: each of the 2 of student_workspace_networks has a student (bob, cleo). Remove a "
        "workspace that is no longer used (make student-down STUDENT=cleo), or list more networks in "
        "student_workspace_networks and run make swarm-up and make deploy-all; that attaches the proxy to them, which "
        "restarts it once"
    )


def test_networks_that_are_not_there() -> None:
    with pytest.raises(Refusal) as caught:
        workspaces.allocate("ada", POOL, swarm(networks=[]))
    assert str(caught.value) == (
        "the swarm has no network net_01, net_02: make swarm-up makes what swarm_network_networks lists"
    )
    assert workspaces.allocate("ada", POOL, swarm(networks=["net_02"])) == "net_02"


def test_no_pool() -> None:
    with pytest.raises(Refusal) as caught:
        workspaces.allocate("ada", [], swarm())
    assert str(caught.value) == (
        "student_workspace_networks is empty: list the networks of which every student gets one, and the same ones in "
        "swarm_network_networks"
    )


@pytest.mark.parametrize(
    ("wish", "services", "expected"),
    [
        ({}, [], ("lab:1", 0, "net_01")),
        ({"image": "", "gpus": ""}, [], ("lab:1", 0, "net_01")),
        ({"image": "other:2", "gpus": "1"}, [], ("other:2", 1, "net_01")),
        (
            {},
            [service("ada", "net_02", image="own:3", reserved={"generic_resources": {"NVIDIA-GPU": 1}})],
            ("own:3", 1, "net_02"),  # what nobody named stays
        ),
        (
            {"gpus": 0},
            [service("ada", "net_02", reserved={"generic_resources": {"NVIDIA-GPU": 1}})],
            ("lab:1", 0, "net_02"),
        ),
    ],
)
def test_plan(wish: dict[str, Any], services: list[dict[str, Any]], expected: tuple[str, int, str]) -> None:
    planned = workspaces.plan(swarm(*services), "ada", wish, DEFAULTS, POOL)
    assert planned["problems"] == []
    assert (planned["image"], planned["gpus"], planned["network"]) == expected


@pytest.mark.parametrize(
    ("nodes", "names"),
    [
        ([("chimera", "ready", "jupyter"), ("cerberus", "ready", "ollama")], ["chimera"]),
        (
            [("chimera", "down", "jupyter"), ("cerberus", "ready", "ollama"), ("hydra", "ready", "")],
            ["cerberus", "hydra"],
        ),
        ([("chimera", "ready", "jupyter"), ("orthrus", "down", "jupyter")], ["chimera"]),
        ([("chimera", "down", "jupyter")], []),
    ],
)
def test_where_a_home_is_made(nodes: list[tuple[str, str, str]], names: list[str]) -> None:
    listed = [{**node(name, workload=workload), "status": status} for name, status, workload in nodes]
    assert workspaces.homes(swarm(nodes=listed), DEFAULTS["constraints"]) == names


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        (
            {"gpus": "2"},
            "GPU=2: no node with node.labels.workload == jupyter has 2 GPUs (chimera-node has 1); ask for fewer, or give a "
            "node more (its generic resource NVIDIA-GPU)",
        ),
        ({"gpus": "many"}, "GPU 'many': it must be a number of GPUs, for example GPU=1"),
        ({"gpus": "-1"}, "GPU '-1': it must be a number of GPUs, for example GPU=1"),
        (
            {"image": "Lab:1"},
            "'Lab:1' is no image name: write [REGISTRY/]NAME[:TAG], the name in lower case, for example app:latest",
        ),
    ],
)
def test_a_plan_that_cannot_be(wish: dict[str, Any], problem: str) -> None:
    planned = workspaces.plan(swarm(), "ada", wish, DEFAULTS, POOL)
    assert (planned["problems"], planned["network"]) == ([problem], "")


def test_a_name_that_is_no_part_of_a_hosts_name_is_for_no_new_workspace() -> None:
    (problem,) = workspaces.plan(swarm(), "ada-", {}, DEFAULTS, POOL)["problems"]
    assert problem.startswith("student 'ada-': its workspace is the host NAME.students..., whose parts end in no '-'")
    # One that is there can be given another image, and be ended.
    there = swarm(service("ada-", "net_02"))
    assert workspaces.plan(there, "ada-", {"image": "lab:2"}, DEFAULTS, POOL)["problems"] == []
    assert workspaces.removal_problems(there, "ada-") == []


def test_all_problems_are_told_at_once() -> None:
    nodes = [node("chimera-node", workload="ollama")]
    planned = workspaces.plan(swarm(nodes=nodes), "../bob", {"gpus": 1}, {**DEFAULTS, "image": ""}, POOL)
    assert planned["problems"] == [
        f"student '../bob': {RULE}, for example STUDENT=student1",
        "no image is named: IMAGE=name:tag (-e image=name:tag), or student_workspace_image in the inventory",
        "GPU=1: no node with node.labels.workload == jupyter has 1 GPU (there is no such node); ask for fewer, or give a "
        "node more (its generic resource NVIDIA-GPU)",
    ]


@pytest.mark.parametrize(
    ("services", "student", "problems"),
    [
        ([service("ada", "net_01")], "ada", []),
        ([], "ada", ["student ada has no workspace; there is none at all (make student-list)"]),
        ([service("bob", "net_01")], "ada", ["student ada has no workspace; there is bob (make student-list)"]),
        (
            [service("cleo", "net_02"), service("bob", "net_01")],
            "ada",
            ["student ada has no workspace; there are bob, cleo (make student-list)"],
        ),
        ([], "../x", [f"student '../x': {RULE}, for example STUDENT=student1"]),
    ],
)
def test_removal(services: list[dict[str, Any]], student: str, problems: list[str]) -> None:
    assert workspaces.removal_problems(swarm(*services), student) == problems


def waiting(student: str) -> dict[str, Any]:
    task = {
        "state": "pending",
        "desired": "running",
        "error": "no suitable node (insufficient resources on 1 node)",
        "node": "",
    }
    reserved = {"cpus": 0, "memory": 0, "generic_resources": {"NVIDIA-GPU": 1}}
    return service(student, "net_02", running=0, tasks=[task], reserved=reserved)


def test_listing() -> None:
    projects = [
        {"student": "ada", "project": "home", "path": "/e/ada/home", "used_bytes": 4096, "quota_bytes": 10 * 2**30},
        {"student": "ada", "project": "ml", "path": "/e/ada/ml", "used_bytes": None, "quota_bytes": 0},
        {"student": "dan", "project": "home", "path": "/e/dan/home", "used_bytes": 0, "quota_bytes": 0},
    ]
    listed = workspaces.listing(
        swarm(service("ada", "net_01"), waiting("cleo")), projects, "students.example.edu", "https"
    )
    assert [(one["student"], one["up"], one["state"], one["gpus"], one["url"]) for one in listed] == [
        ("ada", True, "running", 0, "https://ada.students.example.edu/"),
        ("cleo", True, "pending", 1, "https://cleo.students.example.edu/"),
        ("dan", False, "down", 0, ""),
    ]
    assert listed[0]["projects"][0] == {
        "project": "home", "path": "/e/ada/home", "used_bytes": 4096, "quota_bytes": 10 * 2**30,
    }  # fmt: skip
    assert listed[1]["reason"] == "no suitable node (insufficient resources on 1 node); needs 1 NVIDIA-GPU"
    assert workspaces.text(listed, POOL) == (
        "STUDENT  STATE        NODE          GPU  IMAGE  NETWORK  DATA                        ADDRESS\n"
        "ada      running 1/1  chimera-node  0    lab:1  net_01   home 4 KiB of 10 GiB, ml ?  https://ada.students.example.edu/\n"
        "cleo     pending 0/1  -             1    lab:1  net_02   -                           https://cleo.students.example.edu/\n"
        "dan      down         -             -    -      -        home 0 B                    -\n"
        "\n"
        "WAITING  WHY\n"
        "cleo     no suitable node (insufficient resources on 1 node); needs 1 NVIDIA-GPU\n"
        "\n"
        "2 of 2 student networks are in use"
    )


def test_nobody_yet() -> None:
    assert workspaces.text([], POOL, "unreachable") == (
        "There is no student yet. Make a workspace with: make student-up STUDENT=student1\n\n"
        "0 of 2 student networks are in use\n\nThe data could not be looked at: unreachable"
    )
