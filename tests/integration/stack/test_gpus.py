# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Simulated GPUs are counted and handed out by the swarm as real ones are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from harness import Cluster, until

KIND = "NVIDIA-GPU"
VARIABLE = f"DOCKER_RESOURCE_{KIND}"
UUID = re.compile(r"GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STACK = "test-gpus"
Deploy = Callable[..., None]


def plain(cluster: Cluster, name: str) -> int:
    """How many GPUs the inventory itself gives a node."""
    return int(cluster.machines[name].get("swarm_node_gpus", 0))


def advertised(cluster: Cluster) -> dict[str, list[str]]:
    """What the manager says each node offers."""
    found: dict[str, list[str]] = {}
    for name in cluster.names:
        node = json.loads(cluster.inside(cluster.names[0], "docker", "node", "inspect", name))[0]
        offered = node["Description"]["Resources"].get("GenericResources") or []
        found[name] = [one["NamedResourceSpec"]["Value"] for one in offered if one["NamedResourceSpec"]["Kind"] == KIND]
    return found


def pending(cluster: Cluster, service: str) -> list[str]:
    """Why each task of the service that has no node has none."""
    manager = cluster.names[0]
    ids = cluster.inside(
        manager, "docker", "service", "ps", "-q", "--no-trunc", "--filter", "desired-state=running", service
    ).split()
    tasks = json.loads(cluster.inside(manager, "docker", "inspect", *ids)) if ids else []
    return [task["Status"].get("Err", "") for task in tasks if task["Status"]["State"] == "pending"]


def handed_out(cluster: Cluster, service: str) -> list[list[str]]:
    """The UUIDs that each running task sees in its environment, as its container says."""
    found = []
    for node, container in cluster.tasks(service).items():
        environment = cluster.inside(node, "docker", "exec", container, "cat", "/proc/1/environ").split("\0")
        given = dict(entry.split("=", 1) for entry in environment if "=" in entry)
        found.append(given[VARIABLE].split(","))
    return found


def holders(cluster: Cluster) -> list[str]:
    """The services that reserve GPUs."""
    ids = cluster.inside(cluster.names[0], "docker", "service", "ls", "-q").split()
    services = json.loads(cluster.inside(cluster.names[0], "docker", "service", "inspect", *ids)) if ids else []
    return [service["Spec"]["Name"] for service in services if KIND in json.dumps(service["Spec"]["TaskTemplate"])]


@pytest.fixture
def deploy(cluster: Cluster, tiny: str) -> Iterator[Deploy]:
    """Deploys a stack with one service that sleeps; the stack is gone afterwards."""
    manager = cluster.names[0]
    assert holders(cluster) == [], "these services hold GPUs that the test needs"

    def deploy_it(service: str, replicas: int, gpus: int, **placement: Any) -> None:
        wanted = [{"discrete_resource_spec": {"kind": KIND, "value": gpus}}]
        resources = {"reservations": {"generic_resources": wanted}}
        one = {
            "image": tiny,
            "command": ["sleep", "100000"],
            "stop_signal": "SIGKILL",
            "deploy": {
                "endpoint_mode": "dnsrr",
                "replicas": replicas,
                "placement": placement,
                "resources": resources,
            },
        }
        file = json.dumps({"version": "3.9", "services": {service: one}}).encode()
        cluster.pour(file, manager, "docker", "stack", "deploy", "--resolve-image=never", "-c", "-", STACK)

    yield deploy_it
    ours = ("--filter", f"label=com.docker.stack.namespace={STACK}")

    def gone() -> bool:
        # Said again: a network that a task still had is refused, and left.
        cluster.inside(manager, "docker", "stack", "rm", STACK, check=False)
        return not any(
            cluster.inside(name, "docker", "ps", "-q", *ours) for name in cluster.names
        ) and not cluster.inside(manager, "docker", "network", "ls", "-q", *ours)

    until("the stack to be gone", gone)


def test_every_node_offers_the_gpus_of_the_inventory_and_has_the_label(cluster: Cluster) -> None:
    offered, nodes = advertised(cluster), cluster.nodes()
    assert {name: len(uuids) for name, uuids in offered.items()} == {
        name: plain(cluster, name) for name in cluster.names
    }
    everything = [uuid for uuids in offered.values() for uuid in uuids]
    assert len(everything) == len(set(everything)) == 2
    assert all(UUID.fullmatch(uuid) for uuid in everything)
    assert {name for name, node in nodes.items() if node.labels.get("gpu") == "true"} == {
        name for name, uuids in offered.items() if uuids
    }


def test_of_three_tasks_with_a_gpu_each_two_run_and_one_says_why_not(cluster: Cluster, deploy: Deploy) -> None:
    deploy("model", replicas=3, gpus=1)
    service = f"{STACK}_model"
    until("two tasks to run", lambda: len(cluster.tasks(service)) == 2)
    (reason,) = until("a third task to be pending with a reason", lambda: [r for r in pending(cluster, service) if r])
    assert "insufficient resources on 3 nodes" in reason

    offered = advertised(cluster)
    assert sorted(handed_out(cluster, service)) == sorted([uuid] for uuids in offered.values() for uuid in uuids)
    assert set(cluster.tasks(service)) == {name for name, uuids in offered.items() if uuids}
    said = cluster.play("swarm-status").said
    assert "needs 1 NVIDIA-GPU" in said
    assert all(uuid in said for uuids in offered.values() for uuid in uuids)


def test_a_gpu_that_is_given_back_goes_to_the_one_who_waits(cluster: Cluster, deploy: Deploy) -> None:
    deploy("first", replicas=2, gpus=1)
    until("two tasks to run", lambda: len(cluster.tasks(f"{STACK}_first")) == 2)
    deploy("second", replicas=1, gpus=1)
    until("a task to be pending", lambda: [reason for reason in pending(cluster, f"{STACK}_second") if reason])
    cluster.inside(cluster.names[0], "docker", "service", "scale", "--detach", f"{STACK}_first=1")
    until("the one that waited to run", lambda: len(cluster.tasks(f"{STACK}_second")) == 1)
    until("one task to be left", lambda: len(cluster.tasks(f"{STACK}_first")) == 1)
    given = handed_out(cluster, f"{STACK}_first") + handed_out(cluster, f"{STACK}_second")
    assert sorted(given) == sorted([uuid] for uuids in advertised(cluster).values() for uuid in uuids)


def test_two_gpus_of_one_node_are_more_than_any_has(cluster: Cluster, deploy: Deploy) -> None:
    deploy("big", replicas=1, gpus=2)
    service = f"{STACK}_big"
    (reason,) = until("the task to be pending with a reason", lambda: [r for r in pending(cluster, service) if r])
    assert "insufficient resources on 3 nodes" in reason
    assert cluster.tasks(service) == {}
