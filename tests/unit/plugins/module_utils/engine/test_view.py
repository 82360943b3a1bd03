# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.engine.view import view

NODE = {
    "ID": "n1",
    "Version": {"Index": 7},
    "Spec": {"Labels": {"gpu": "true"}, "Role": "worker", "Availability": "active"},
    "Description": {
        "Hostname": "chimera",
        "Platform": {"Architecture": "x86_64", "OS": "linux"},
        "Engine": {"EngineVersion": "26.1.5", "Labels": {"disk": "ssd"}},
        "Resources": {
            "NanoCPUs": 2000000000,
            "MemoryBytes": 1024,
            "GenericResources": [
                {"NamedResourceSpec": {"Kind": "NVIDIA-GPU", "Value": "GPU-a"}},
                {"NamedResourceSpec": {"Kind": "NVIDIA-GPU", "Value": "GPU-b"}},
                {"DiscreteResourceSpec": {"Kind": "slots", "Value": 3}},
            ],
        },
    },
    "Status": {"State": "ready", "Addr": "10.0.0.2"},
}
NETWORK = {
    "Id": "w1",
    "Name": "public",
    "Driver": "overlay",
    "Attachable": True,
    "IPAM": {"Config": [{"Subnet": "10.0.1.0/24"}]},
    "Labels": {"hydra.swarm.cluster": "hydra"},
}


def service(mode: dict[str, Any]) -> dict[str, Any]:
    template = {"ContainerSpec": {"Image": "web:1@sha256:abc"}, "Placement": {"Constraints": ["node.role==worker"]}}
    port = {"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8080, "PublishMode": "host"}
    return {
        "ID": "s1",
        "Spec": {"Name": "web", "TaskTemplate": template, "Mode": mode},
        "Endpoint": {"Spec": {"Mode": "dnsrr"}, "Ports": [port]},
    }


def task(
    identity: str, slot: int, state: str, desired: str = "running", node: str = "n1", **more: Any
) -> dict[str, Any]:
    status = {"State": state, "Timestamp": "then", "Err": more.get("error", "")}
    return {
        "ID": identity,
        "ServiceID": "s1",
        "NodeID": node,
        "DesiredState": desired,
        "Status": status,
        "Spec": {"ContainerSpec": {"Image": "web:1@sha256:abc"}},
        "CreatedAt": more.get("created", "1"),
        **({"Slot": slot} if slot else {}),
    }


def tasks(mode: dict[str, Any], *listed: dict[str, Any]) -> list[tuple[Any, ...]]:
    [shown] = view([NODE], [service(mode)], listed)["services"]
    return [(one["id"], one["name"], one["state"], one["error"]) for one in shown["tasks"]]


def test_a_node_and_a_network_are_read() -> None:
    seen = view([NODE], [], [], [NETWORK])
    assert (
        seen["nodes"][0].items()
        >= {
            "name": "chimera",
            "address": "10.0.0.2",
            "reachability": "",
            "engine_labels": {"disk": "ssd"},
            "platform": "linux/x86_64",
            "cpus": 2.0,
            "memory": 1024,
            "generic_resources": {"NVIDIA-GPU": ["GPU-a", "GPU-b"], "slots": 3},
        }.items()
    )
    assert seen["networks"] == [
        {
            "id": "w1",
            "name": "public",
            "driver": "overlay",
            "attachable": True,
            "internal": False,
            "ingress": False,
            "subnets": ["10.0.1.0/24"],
            "cluster": "hydra",
        }
    ]


def test_a_service_is_read() -> None:
    seen = view([NODE], [service({"Replicated": {"Replicas": 3}})], [task("t1", 1, "running")])
    shown = dict(seen["services"][0])
    assert shown.pop("tasks") == [
        {
            "id": "t1",
            "name": "web.1",
            "slot": 1,
            "node": "chimera",
            "node_id": "n1",
            "state": "running",
            "desired": "running",
            "error": "",
            "image": "web:1",
            "since": "then",
        }
    ]
    assert shown == {
        "id": "s1",
        "name": "web",
        "stack": "",
        "labels": {},
        "mode": "replicated",
        "image": "web:1",
        "desired": 3,
        "running": 1,
        "endpoint_mode": "dnsrr",
        "ports": [{"published": 8080, "target": 80, "protocol": "tcp", "mode": "host"}],
        "constraints": ["node.role==worker"],
        "max_per_node": 0,
        "reserved": {"cpus": 0.0, "memory": 0, "generic_resources": {}},
    }


def test_history_is_left_out_and_tasks_that_still_stop_are_not() -> None:
    old, stopping = task("t1", 1, "shutdown", "shutdown"), task("t2", 1, "running", "shutdown")
    new = task("t3", 1, "running", node="n2")
    assert tasks({"Replicated": {"Replicas": 1}}, old, stopping, new) == [
        ("t2", "web.1", "running", ""),
        ("t3", "web.1", "running", ""),
    ]


def test_a_retried_task_carries_the_last_error_and_a_pending_one_only_its_own() -> None:
    first = task("t1", 1, "rejected", "shutdown", error="No such image: web:0", created="1")
    second = task("t2", 1, "failed", "shutdown", error="exit 1", created="2")
    retried, other = task("t3", 1, "ready"), task("t4", 2, "preparing")
    pending = task("t5", 1, "pending", node="")
    assert tasks({"Replicated": {"Replicas": 2}}, first, second, retried, other) == [
        ("t3", "web.1", "ready", "exit 1"),
        ("t4", "web.2", "preparing", ""),
    ]
    assert tasks({"Replicated": {"Replicas": 1}}, first, second, pending) == [("t5", "web.1", "pending", "")]


def test_a_global_service_wants_the_tasks_it_has() -> None:
    [shown] = view([NODE], [service({"Global": {}})], [task("t1", 0, "running"), task("t2", 0, "starting", node="n2")])[
        "services"
    ]
    assert (shown["mode"], shown["desired"], shown["running"]) == ("global", 2, 1)
    assert [one["name"] for one in shown["tasks"]] == ["web.chimera", "web.n2"]


def test_a_service_of_a_stack_names_the_image_that_it_runs_by_id() -> None:
    entry = service({"Replicated": {"Replicas": 1}})
    entry["Spec"]["Labels"] = {"com.docker.stack.namespace": "core", "hydra.swarm.image": "auth:latest"}
    [shown] = view([NODE], [entry], [])["services"]
    assert (shown["stack"], shown["image"]) == ("core", "auth:latest")


def test_configs_and_secrets_are_names_and_labels() -> None:
    config = {"ID": "c1", "Spec": {"Name": "conf", "Labels": {"a": "b"}, "Data": "c2VjcmV0"}}
    seen = view([NODE], [], [], [], [config], [{"ID": "s1", "Spec": {"Name": "key"}}])
    assert seen["configs"] == [{"name": "conf", "labels": {"a": "b"}}]
    assert seen["secrets"] == [{"name": "key", "labels": {}}]
