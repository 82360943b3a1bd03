# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.diff import differing
from ansible_collections.hydra.swarm.plugins.module_utils.stack.view import object_name, of_document, of_service

ID = "sha256:" + "a" * 64
DOCUMENT: dict[str, Any] = {
    "version": "3.9",
    "services": {
        "web": {
            "image": "hydra-test/none",
            "command": "sh -c 'echo $X; sleep 5'",
            "environment": {"A": "1", "EMPTY": ""},
            "labels": {"c": "1"},
            "user": 1000,
            "stop_grace_period": "10s",
            "healthcheck": {"test": "true", "interval": "1m30s", "start_interval": "1s"},
            "networks": {"default": {"aliases": ["w", "web"]}, "p": {}},
            "volumes": [
                {"type": "volume", "source": "d", "target": "/d"},
                {"type": "bind", "source": "/exports/x", "target": "/x", "read_only": True},
                {"type": "tmpfs", "target": "/t"},
            ],
            "ports": [{"target": 80, "published": 8099, "protocol": "tcp", "mode": "host"}, {"target": 90}],
            "configs": [{"source": "k"}],
            "secrets": [{"source": "s", "target": "pw"}],
            "deploy": {
                "endpoint_mode": "dnsrr",
                "labels": {"x": "y"},
                "replicas": 2,
                "update_config": {"order": "start-first", "parallelism": 1, "delay": "0s"},
                "placement": {
                    "constraints": ["node.role == worker"],
                    "preferences": [{"spread": "node.labels.rack"}],
                    "max_replicas_per_node": 1,
                },
                "resources": {
                    "limits": {"cpus": "0.5", "memory": "64M", "pids": 100},
                    "reservations": {
                        "cpus": 0.25,
                        "generic_resources": [{"discrete_resource_spec": {"kind": "GPU", "value": 1}}],
                    },
                },
            },
        }
    },
    "networks": {"default": {}, "p": {"external": True, "name": "hydra_public"}},
    "volumes": {"d": {"driver": "local", "driver_opts": {"type": "nfs", "size": 1}}},
    "configs": {"k": {"external": True, "name": "core_k-1"}},
    "secrets": {"s": {"external": True, "name": "core_s-1"}},
}
# What an engine answers for it, after docker stack deploy.
SPEC: dict[str, Any] = {
    "Name": "core_web",
    "Labels": {
        "com.docker.stack.image": "hydra-test/none",
        "com.docker.stack.namespace": "core",
        "hydra.swarm.cluster": "hydra",
        "hydra.swarm.digest": "abc",
        "x": "y",
    },
    "TaskTemplate": {
        "ContainerSpec": {
            "Image": "hydra-test/none:latest",
            "Labels": {"c": "1", "com.docker.stack.namespace": "core"},
            "Args": ["sh", "-c", "echo $X; sleep 5"],
            "Env": ["A=1", "EMPTY="],
            "User": "1000",
            "Privileges": {"CredentialSpec": None, "SELinuxContext": None},
            "StopGracePeriod": 10 * 10**9,
            "Mounts": [
                {
                    "Type": "volume",
                    "Source": "core_d",
                    "Target": "/d",
                    "VolumeOptions": {
                        "Labels": {"com.docker.stack.namespace": "core"},
                        "DriverConfig": {"Name": "local", "Options": {"type": "nfs", "size": "1"}},
                    },
                },
                {"Type": "bind", "Source": "/exports/x", "Target": "/x", "ReadOnly": True},
                {"Type": "tmpfs", "Target": "/t"},
            ],
            "Healthcheck": {"Test": ["CMD-SHELL", "true"], "Interval": 90 * 10**9, "StartInterval": 10**9},
            "Configs": [{"File": {"Name": "k", "UID": "0"}, "ConfigID": "i1", "ConfigName": "core_k-1"}],
            "Secrets": [{"File": {"Name": "pw", "UID": "0"}, "SecretID": "i2", "SecretName": "core_s-1"}],
            "Isolation": "default",
        },
        "Resources": {
            "Limits": {"NanoCPUs": 5 * 10**8, "MemoryBytes": 64 * 2**20, "Pids": 100},
            "Reservations": {
                "NanoCPUs": 25 * 10**7,
                "GenericResources": [{"DiscreteResourceSpec": {"Kind": "GPU", "Value": 1}}],
            },
        },
        "Placement": {
            "Constraints": ["node.role == worker"],
            "Preferences": [{"Spread": {"SpreadDescriptor": "node.labels.rack"}}],
            "MaxReplicas": 1,
        },
        "Networks": [
            {"Target": "n1", "Aliases": ["web"]},
            {"Target": "n2", "Aliases": ["w", "web"]},
        ],
        "ForceUpdate": 0,
        "Runtime": "container",
    },
    "Mode": {"Replicated": {"Replicas": 2}},
    "UpdateConfig": {"Parallelism": 1, "MaxFailureRatio": 0, "Order": "start-first"},
    "EndpointSpec": {
        "Mode": "dnsrr",
        "Ports": [
            {"Protocol": "tcp", "TargetPort": 90, "PublishMode": "ingress"},
            {"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8099, "PublishMode": "host"},
        ],
    },
}
NETWORKS = {"n1": "hydra_public", "n2": "core_default"}


def wanted(**service: Any) -> dict[str, Any]:
    document = {**DOCUMENT, "services": {"web": {**DOCUMENT["services"]["web"], **service}}}
    return of_document("core", "web", document)


def test_what_was_deployed_is_what_the_file_says() -> None:
    assert differing(of_service(SPEC, NETWORKS), wanted()) == []


def test_the_view() -> None:
    assert wanted() == {
        "image": "hydra-test/none",
        "command": "sh -c 'echo $X; sleep 5'",
        "env": {"A": "1", "EMPTY": ""},
        "labels": {"x": "y"},
        "container_labels": {"c": "1"},
        "mode": "replicated",
        "replicas": 2,
        "constraints": ["node.role == worker"],
        "preferences": ["node.labels.rack"],
        "max_per_node": 1,
        "endpoint_mode": "dnsrr",
        "ports": ["8099->80/tcp (host)", "any->90/tcp (ingress)"],
        "networks": {"core_default": ["w"], "hydra_public": []},
        "mounts": {
            "/d": {
                "type": "volume",
                "source": "core_d",
                "driver": "local",
                "options": {"type": "nfs", "size": "1"},
            },
            "/x": {"type": "bind", "source": "/exports/x", "read_only": True},
            "/t": {"type": "tmpfs"},
        },
        "configs": {"core_k-1": "k"},
        "secrets": {"core_s-1": "pw"},
        "limits": {"cpus": 0.5, "memory": 64 * 2**20, "pids": 100},
        "reservations": {"cpus": 0.25, "generic": {"GPU": 1}},
        "healthcheck": {"test": ["CMD-SHELL", "true"], "interval": "90s", "start_interval": "1s"},
        "update": {"order": "start-first"},
        "user": "1000",
        "stop_grace_period": "10s",
    }


@pytest.mark.parametrize(
    ("service", "keys"),
    [
        ({"image": "hydra-test/none:latest"}, []),
        ({"image": "docker.io/hydra-test/none"}, []),
        ({"image": "hydra-test/none:2"}, ["image"]),
        ({"command": ["sh", "-c", "echo $X; sleep 5"]}, []),
        ({"command": ["sh", "-c", "echo $X; sleep 6"]}, ["command"]),
        ({"environment": {"A": "2"}}, ["env"]),
        ({"labels": {}}, ["container_labels"]),
        ({"ports": []}, ["ports"]),
        ({"healthcheck": {"disable": True}}, ["healthcheck"]),
        ({"healthcheck": {"test": ["CMD-SHELL", "true"], "interval": "90s", "start_interval": "1s"}}, []),
        ({"healthcheck": {"test": ["CMD-SHELL", "true"], "interval": "90s"}}, ["healthcheck"]),
        ({"networks": {"default": {}}}, ["networks"]),
        ({"user": "1000"}, []),
        ({"stop_grace_period": "1m"}, ["stop_grace_period"]),
        ({"deploy": {}}, [
            "constraints", "endpoint_mode", "labels", "limits", "max_per_node", "preferences", "replicas",
            "reservations", "update",
        ]),
    ],
)  # fmt: skip
def test_differences(service: dict[str, Any], keys: list[str]) -> None:
    assert differing(of_service(SPEC, NETWORKS), wanted(**service)) == keys


def test_a_pinned_image_is_shown_by_its_name_and_compared_by_its_id() -> None:
    container = {**SPEC["TaskTemplate"]["ContainerSpec"], "Image": ID}
    spec = {
        **SPEC,
        "Labels": {**SPEC["Labels"], "hydra.swarm.image": "hydra-test/none"},
        "TaskTemplate": {**SPEC["TaskTemplate"], "ContainerSpec": container},
    }
    live = of_service(spec, NETWORKS)
    assert (live["image"], live["image_id"]) == ("hydra-test/none", ID)
    assert differing(live, of_document("core", "web", DOCUMENT, ID)) == []
    assert differing(live, of_document("core", "web", DOCUMENT, ID.replace("a", "b"))) == ["image_id"]


@pytest.mark.parametrize(
    ("mode", "deploy", "keys"),
    [
        ({"Global": {}}, {"mode": "global"}, []),
        ({"Global": {}}, {}, ["mode", "replicas"]),
        ({"Replicated": {"Replicas": 0}}, {"replicas": 0}, []),
        ({"Replicated": {"Replicas": 0}}, {}, ["replicas"]),
        ({"ReplicatedJob": {"TotalCompletions": 3, "MaxConcurrent": 1}}, {"mode": "replicated-job", "replicas": 3}, []),
        ({"GlobalJob": {}}, {"mode": "global-job"}, []),
    ],
)
def test_modes(mode: dict[str, Any], deploy: dict[str, Any], keys: list[str]) -> None:
    deploy = {**DOCUMENT["services"]["web"]["deploy"], "replicas": 1, **deploy}
    assert differing(of_service({**SPEC, "Mode": mode}, NETWORKS), wanted(deploy=deploy)) == keys


@pytest.mark.parametrize(
    ("definitions", "name"),
    [
        ({"n": {}}, "core_n"),
        (None, "core_n"),
        ({"n": None}, "core_n"),
        ({"n": {"name": "real"}}, "real"),
        ({"n": {"external": True}}, "n"),
        ({"n": {"external": {"name": "old"}}}, "old"),
    ],
)
def test_real_names(definitions: Any, name: str) -> None:
    assert object_name("core", "n", definitions) == name


def test_the_pause_that_service_update_sets_is_no_difference() -> None:
    config = {**SPEC["UpdateConfig"], "Delay": 2 * 10**9}
    paced = {**SPEC, "UpdateConfig": config, "Labels": {**SPEC["Labels"], "hydra.swarm.paced": "2s"}}
    assert differing(of_service(paced, NETWORKS), wanted()) == []
    assert differing(of_service({**SPEC, "UpdateConfig": config}, NETWORKS), wanted()) == ["update"]
