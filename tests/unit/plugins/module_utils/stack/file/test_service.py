# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.report import UNKNOWN, Report
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.service import Around, service, without_ignored

FILES = {
    "/s/app.env": b"LEVEL=info\nFROM_RUN\nNOWHERE\nOVER=file\n",
    "/s/quoted.env": b"A='x'\n",
    "/s/bad.env": b"A=1\nB C\n",
    "/s/latin.env": b"A=\xe4",
}


def read(path: str) -> bytes:
    if path not in FILES:
        raise FileNotFoundError(2, "No such file or directory")
    return FILES[path]


AROUND = Around("/s", {"FROM_RUN": "run", "HOME": "/home/me"}, read)


def made(data: dict[str, Any], report: Report | None = None) -> dict[str, Any]:
    """Of a service with an image: what its data make of it besides image, networks and deploy where these are as ever."""
    report = report or Report("f")
    found = service({"image": "i", **data}, ("services", "web"), report, AROUND)
    assert found.pop("image") == "i"
    if found["networks"] == {"default": {}}:
        del found["networks"]
    if found["deploy"] == {}:
        del found["deploy"]
    return found


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"image": "i"}, {"image": "i", "networks": {"default": {}}, "deploy": {}}),
        ({"image": "i", "deploy": None, "networks": []}, {"image": "i", "networks": {"default": {}}, "deploy": {}}),
    ],
)
def test_a_service_always_has_networks_and_deploy(data: dict[str, Any], expected: dict[str, Any]) -> None:
    report = Report()
    assert service(data, ("services", "web"), report, AROUND) == expected
    assert (report.problems, report.notes) == ([], [])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"environment": ["A=1", "FROM_RUN", "NOWHERE"]}, {"environment": {"A": "1", "FROM_RUN": "run"}}),
        ({"environment": {"A": "1.10", "B": None}}, {"environment": {"A": "1.10"}}),
        (
            {"env_file": "app.env", "environment": {"OVER": "own"}},
            {"environment": {"LEVEL": "info", "FROM_RUN": "run", "OVER": "own"}},
        ),
        ({"env_file": [{"path": "none.env", "required": "false"}]}, {}),
        ({"labels": ["a=b", "c"], "sysctls": {"x": "1"}}, {"labels": {"a": "b", "c": ""}, "sysctls": {"x": "1"}}),
        ({"networks": ["a", "b"]}, {"networks": {"a": {}, "b": {}}}),
        ({"networks": {"a": None, "b": {"aliases": ["x"]}}}, {"networks": {"a": {}, "b": {"aliases": ["x"]}}}),
        ({"dns": "1.1.1.1", "dns_search": ["a", "b"]}, {"dns": ["1.1.1.1"], "dns_search": ["a", "b"]}),
        ({"extra_hosts": ["a:1.2.3.4", "b=::1"]}, {"extra_hosts": ["a:1.2.3.4", "b:::1"]}),
        (
            {"extra_hosts": {"b": "2.2.2.2", "a": ["1.1.1.1", "::1"]}},
            {"extra_hosts": ["a:1.1.1.1", "a:::1", "b:2.2.2.2"]},
        ),
        (
            {"command": ["sleep", "3600"], "entrypoint": "/run me"},
            {"command": ["sleep", "3600"], "entrypoint": "/run me"},
        ),
        ({"read_only": "true", "tty": "no", "init": "yes"}, {"read_only": True, "tty": False, "init": True}),
        (
            {"ulimits": {"nproc": "65535", "nofile": {"soft": "1", "hard": "2"}}},
            {"ulimits": {"nproc": 65535, "nofile": {"soft": 1, "hard": 2}}},
        ),
        (
            {"configs": ["a", {"source": "b", "target": "/b", "uid": "1", "mode": "0440"}]},
            {"configs": [{"source": "a"}, {"source": "b", "target": "/b", "uid": "1", "mode": 288}]},
        ),
        (
            {"healthcheck": {"test": ["CMD", "x"], "interval": "1m", "retries": "3", "disable": "false"}},
            {"healthcheck": {"test": ["CMD", "x"], "interval": "1m", "retries": 3, "disable": False}},
        ),
        (
            {"volumes": ["a:/a"], "tmpfs": "/t"},
            {"volumes": [{"type": "volume", "source": "a", "target": "/a"}, {"type": "tmpfs", "target": "/t"}]},
        ),
        ({"logging": {"driver": "json-file", "options": {"max-file": "3"}}},) * 2,
        ({"scale": "3"}, {"deploy": {"replicas": 3}}),
        ({"scale": "3", "deploy": {"replicas": "1"}}, {"deploy": {"replicas": 1}}),
        ({"restart": "always"}, {"deploy": {"restart_policy": {"condition": "any"}}}),
        ({"restart": "unless-stopped"}, {"deploy": {"restart_policy": {"condition": "any"}}}),
        ({"restart": "on-failure"}, {"deploy": {"restart_policy": {"condition": "on-failure"}}}),
        ({"restart": "on-failure:3"}, {"deploy": {"restart_policy": {"condition": "on-failure", "max_attempts": 3}}}),
        (
            {"restart": "always", "deploy": {"restart_policy": {"condition": "none"}}},
            {"deploy": {"restart_policy": {"condition": "none"}}},
        ),
        (
            {"deploy": {"labels": ["a=1"], "update_config": {"parallelism": "0", "max_failure_ratio": "0.3"}}},
            {"deploy": {"labels": {"a": "1"}, "update_config": {"parallelism": 0, "max_failure_ratio": 0.3}}},
        ),
        (
            {"deploy": {"placement": {"constraints": ["node.role == manager"], "max_replicas_per_node": "2"}}},
            {"deploy": {"placement": {"constraints": ["node.role == manager"], "max_replicas_per_node": 2}}},
        ),
        (
            {"deploy": {"resources": {"limits": {"cpus": "0.50", "memory": "50M", "pids": "10"}}}},
            {"deploy": {"resources": {"limits": {"cpus": "0.50", "memory": "50M", "pids": 10}}}},
        ),
    ],
)
def test_every_key_has_one_form(data: dict[str, Any], expected: dict[str, Any]) -> None:
    report = Report()
    assert made(data, report) == expected
    assert (report.problems, report.notes) == ([], [])


@pytest.mark.parametrize(
    ("gpus", "left"),
    [("0", {}), ("2", {"generic_resources": [{"discrete_resource_spec": {"kind": "GPU", "value": 2}}]})],
)
def test_a_reservation_of_nothing_is_none(gpus: str, left: dict[str, Any]) -> None:
    resources = [{"discrete_resource_spec": {"kind": "GPU", "value": gpus}}]
    data = {"deploy": {"resources": {"reservations": {"generic_resources": resources}}}}
    assert made(data) == {"deploy": {"resources": {"reservations": left}}}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"imge": "x"}, ".imge: unknown key; did you mean image?"),
        ({"deploy": {"replica": "1"}}, ".deploy.replica: unknown key; did you mean replicas?"),
        ({"deploy": {"endpoint_mode": "dns"}}, ".deploy.endpoint_mode: 'dns' is none of vip, dnsrr"),
        ({"deploy": "x"}, ".deploy: this is 'x', not a mapping"),
        ({"restart": "sometimes"}, ".restart: 'sometimes' is none of no, always, unless-stopped, on-failure[:NUMBER]"),
        (
            {"ulimits": {"nofile": {"soft": "1"}}},
            ".ulimits.nofile: hard is missing; write a number, or both soft and hard",
        ),
        ({"secrets": [{"target": "x"}]}, ".secrets[0]: source is missing: the key of a config or secret"),
        ({"env_file": "none.env"}, ".env_file[0]: /s/none.env: No such file or directory"),
        ({"env_file": "latin.env"}, ".env_file[0]: /s/latin.env is not UTF-8"),
        ({"env_file": "bad.env"}, ".env_file[0]: bad.env:2: this is no NAME=value: a name has no spaces"),
        (
            {"deploy": {"resources": {"reservations": {"devices": [{"capabilities": ["gpu"]}]}}}},
            ".deploy.resources.reservations.devices: Swarm reserves no devices; reserve a generic resource: "
            "generic_resources: [{discrete_resource_spec: {kind: NVIDIA-GPU, value: 1}}]",
        ),
    ],
)
def test_what_is_wrong_is_reported(data: dict[str, Any], problem: str) -> None:
    report = Report("f")
    made(data, report)
    assert report.problems == [f"f:1:1: services.web{problem}"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "image is missing; name the image of the service"),
        ({"build": "."}, "image is missing, and Swarm builds none: docker build -t NAME ., then image: NAME"),
        (
            {"build": {"context": "./x"}},
            "image is missing, and Swarm builds none: docker build -t NAME ./x, then image: NAME",
        ),
    ],
)
def test_a_service_needs_an_image(data: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as error:
        service(data, ("services", "web"), Report(), AROUND)
    assert str(error.value) == message


def test_an_image_that_is_not_known_is_no_second_problem() -> None:
    report = Report()
    service({"image": UNKNOWN}, ("services", "web"), report, AROUND)
    assert report.problems == []


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (
            {"restart": "no"},
            "web: Swarm ignores restart: no; set deploy.restart_policy.condition to none, if you mean it",
        ),
        ({"networks": {"a": {"ipv4_address": "1.2.3.4"}}}, "web.networks.a: Swarm ignores ipv4_address"),
        (
            {"env_file": "quoted.env"},
            "web: quoted.env:1: the quotes around the value of A are part of it, as for docker stack deploy",
        ),
    ],
)
def test_notes(data: dict[str, Any], note: str) -> None:
    report = Report()
    made(data, report)
    assert (report.notes, report.problems) == ([note], [])


def test_what_swarm_ignores_is_left_out_and_named() -> None:
    report = Report("f")
    data = {
        "build": ".",
        "image": "i",
        "container_name": "w",
        "depends_on": {"db": {"condition": "service_healthy"}},
        "x-own": 1,
        "privileged": "true",
        "devices": [],
        "shm_size": "1g",
    }
    assert without_ignored("web", data, report) == {"image": "i"}
    assert report.problems == []
    assert report.notes == [
        "web: Swarm ignores build, container_name, depends_on",
        "web: a task of a swarm is never privileged; cap_add may give it what it needs",
        "web: Swarm ignores shm_size, so /dev/shm has 64 MB; mount a tmpfs with target /dev/shm for more",
    ]


def test_what_cannot_be_left_out_is_refused() -> None:
    report = Report("f")
    assert without_ignored("web", {"mem_limit": "5m", "extends": {"service": "x"}}, report) == {}
    assert sorted(report.problems) == [
        "f:1:1: services.web.extends: is not for Swarm; share what services have in common with a YAML anchor: <<: *common",
        "f:1:1: services.web.mem_limit: is not for Swarm; set deploy.resources.limits.memory",
    ]
