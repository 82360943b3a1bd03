# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Simulated GPUs of servers are offered, handed out one by one, and exhausted."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from harness import until
from lab import Lab

VARIABLE = "DOCKER_RESOURCE_NVIDIA-GPU"


def offered(lab: Lab) -> dict[str, list[str]]:
    found = {}
    for name in lab.names:
        node = json.loads(lab.inside(lab.names[0], "docker", "node", "inspect", name))[0]
        listed = node["Description"]["Resources"].get("GenericResources") or []
        found[name] = [one["NamedResourceSpec"]["Value"] for one in listed]
    return found


@pytest.fixture
def greedy(lab: Lab, tiny: str) -> Iterator[str]:
    """A service of three tasks that need a GPU each, of which there are two."""
    lab.inside(
        lab.names[0], "docker", "service", "create", "--detach", "--no-resolve-image", "--name", "test-greedy",
        "--replicas", "3", "--generic-resource", "NVIDIA-GPU=1", tiny, "sleep", "1d",
    )  # fmt: skip
    yield "test-greedy"
    lab.inside(lab.names[0], "docker", "service", "rm", "test-greedy")


def test_what_is_declared_is_offered(lab: Lab) -> None:
    assert {name: len(gpus) for name, gpus in offered(lab).items()} == {"hydra": 0, "chimera": 1, "cerberus": 1}


def test_each_task_gets_one_and_the_third_waits(lab: Lab, greedy: str) -> None:
    tasks = until("two tasks", lambda: t if len(t := lab.tasks(greedy)) == 2 else None, 60)
    for name, container in tasks.items():
        environment = lab.inside(name, "docker", "exec", container, "env").splitlines()
        assert f"{VARIABLE}={offered(lab)[name][0]}" in environment
    listed = lab.inside(lab.names[0], "docker", "service", "ps", "--no-trunc", "--format", "{{.Error}}", greedy)
    assert "insufficient resources on" in listed


def test_verification_sees_one_gpu_on_each_and_leaves_nothing(lab: Lab, tiny: str) -> None:
    ran = lab.play("gpu-verify", gpu_verify_image=tiny)
    assert all(name in ran.said for name in ("chimera", "cerberus")) and "simulated" in ran.said
    assert lab.inside(lab.names[0], "docker", "service", "ls", "-q", "--filter", "name=hydra-gpu-verify") == ""
