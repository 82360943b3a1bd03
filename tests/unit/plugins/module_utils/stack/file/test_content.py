# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.content import (
    bytes_of,
    content,
    hashed,
    network,
    volume,
)
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.report import UNKNOWN, Report
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.service import Around

FROM = "comes from one of file, environment, content or external, and this one"
NFS = {"type": "nfs", "o": "addr=10.0.0.1,rw", "device": ":/exports"}


def read(path: str) -> bytes:
    if path != "/s/site.conf":
        raise FileNotFoundError(2, "No such file or directory")
    return b"x"


AROUND = Around("/s", {"TOKEN": "t0k3n", "EMPTY": ""}, read)


@pytest.mark.parametrize(
    ("data", "expected", "notes"),
    [
        (None, {}, []),
        (
            {"driver": "overlay", "attachable": "true", "labels": ["a=b"]},
            {"driver": "overlay", "attachable": True, "labels": {"a": "b"}},
            [],
        ),
        ({"external": "true"}, {"external": True, "name": "front"}, []),
        ({"external": "true", "name": "real"}, {"external": True, "name": "real"}, []),
        ({"external": {"name": "real"}}, {"external": True, "name": "real"}, []),
        ({"external": "false", "name": "own"}, {"name": "own"}, []),
        (
            {"driver": "bridge", "driver_opts": {"com.docker.network.bridge.name": "br0"}},
            {},
            ["network front: a bridge is a single machine's; the stack gets an overlay network"],
        ),
        (
            {"enable_ipv6": "true", "ipam": {"config": [{"subnet": "10.1.0.0/24", "gateway": "10.1.0.1"}]}},
            {"ipam": {"config": [{"subnet": "10.1.0.0/24"}]}},
            [
                "front: Swarm ignores enable_ipv6 of a network",
                "front.ipam.config.0: Swarm ignores gateway of a network",
            ],
        ),
    ],
)
def test_networks(data: Any, expected: dict[str, Any], notes: list[str]) -> None:
    report = Report()
    assert network(data, ("networks", "front"), report) == expected
    assert (report.problems, report.notes) == ([], notes)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, {}),
        ({"driver": "local", "driver_opts": NFS, "name": "n"}, {"driver": "local", "driver_opts": NFS, "name": "n"}),
        ({"external": "true"}, {"external": True, "name": "data"}),
        ({"x-cluster-spec": {"group": "g"}, "x-other": "1"}, {"x-cluster-spec": {"group": "g"}}),
    ],
)
def test_volumes(data: Any, expected: dict[str, Any]) -> None:
    report = Report()
    assert volume(data, ("volumes", "data"), report) == expected
    assert report.problems == []


@pytest.mark.parametrize(
    ("data", "name", "origin"),
    [
        ({"file": "site.conf"}, "core_site-2d711642b726", {"path": "/s/site.conf"}),
        ({"file": "./x/../site.conf", "external": "false"}, "core_site-2d711642b726", {"path": "/s/site.conf"}),
        ({"content": "x"}, "core_site-2d711642b726", {"inline": True}),
        ({"file": "site.conf", "name": "own"}, "own-2d711642b726", {"path": "/s/site.conf"}),
    ],
)
def test_a_config_of_the_stack_is_external_under_the_name_of_its_content(
    data: dict[str, Any], name: str, origin: dict[str, Any]
) -> None:
    made, source = content("config", "core", data, ("configs", "site"), Report(), AROUND)
    assert made == {"external": True, "name": name}
    assert source == {"kind": "config", "key": "site", "base": name[:-13], "name": name, "origin": origin}


def test_a_secret_from_a_variable_and_what_a_source_says_of_it() -> None:
    data = {"environment": "TOKEN", "template_driver": "golang", "labels": {"a": "1"}}
    made, source = content("secret", "core", data, ("secrets", "token"), Report(), AROUND)
    assert source is not None
    assert made == {"external": True, "name": source["name"]}
    assert source["origin"] == {"environment": "TOKEN"}
    assert (source["template_driver"], source["labels"]) == ("golang", {"a": "1"})
    assert "t0k3n" not in str(source)
    assert bytes_of(source, AROUND) == b"t0k3n"
    assert hashed(source, b"t0k3n") == source["name"] != hashed(source, b"other")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"external": "true"}, {"external": True, "name": "s"}),
        ({"external": {"name": "real"}}, {"external": True, "name": "real"}),
        ({"driver": "vault", "driver_opts": {"a": "b"}}, {"driver": "vault", "driver_opts": {"a": "b"}}),
    ],
)
def test_what_the_stack_does_not_bring_has_no_source(data: dict[str, Any], expected: dict[str, Any]) -> None:
    assert content("secret", "core", data, ("secrets", "s"), Report(), AROUND) == (expected, None)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, f"a config {FROM} has none"),
        ({}, f"a config {FROM} has none"),
        ({"file": "a", "content": "b"}, f"a config {FROM} has file and content"),
        ({"file": "none"}, "/s/none: No such file or directory"),
        ({"environment": "NO"}, "variable NO is not set; set it in .env beside the file or in the environment"),
        ({"environment": "EMPTY"}, "a config must not be empty, and this one is"),
        (
            {"file": "site.conf", "name": "a b"},
            "name 'a b': a swarm takes letters, digits, '.', '-' and '_'; choose another",
        ),
    ],
)
def test_content_that_is_nowhere_is_refused(data: Any, message: str) -> None:
    with pytest.raises(ValueError) as error:
        content("config", "core", data, ("configs", "site"), Report(), AROUND)
    assert str(error.value) == message


def test_a_long_name_is_noted() -> None:
    report = Report()
    made, _source = content("config", "core", {"content": "x"}, ("configs", "k" * 60), report, AROUND)
    assert report.notes == [f"config {'k' * 60}: in the swarm it is {made['name']}, as 64 characters fit"]


def test_content_that_is_not_known_is_no_second_problem() -> None:
    report = Report()
    assert content("config", "core", {"content": UNKNOWN}, ("configs", "c"), report, AROUND) == ({}, None)
    assert report.problems == []
