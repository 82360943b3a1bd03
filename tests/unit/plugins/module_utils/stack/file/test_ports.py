# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.kinds import read
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.ports import ports
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.report import UNKNOWN, Report

FORM = "write it like 8080:80, 80 or 53:53/udp"
PATH = ("services", "web", "ports")


def port(target: int, published: int | None = None, protocol: str = "tcp", mode: str = "ingress") -> dict[str, Any]:
    where = {} if published is None else {"published": published}
    return {"target": target, **where, "protocol": protocol, "mode": mode}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("80", [port(80)]),
        ("8080:80", [port(80, 8080)]),
        ("53:53/UDP", [port(53, 53, "udp")]),
        ("22:22", [port(22, 22)]),
        (":80", [port(80)]),
        ("80-81", [port(80), port(81)]),
        ("8000-8001:80-81", [port(80, 8000), port(81, 8001)]),
        ("8000-8001:80", [port(80, 8000), port(80, 8001)]),
        ({"target": "80"}, [port(80)]),
        ({"target": "80", "published": "8080", "mode": "host"}, [port(80, 8080, mode="host")]),
        ({"target": "53", "published": "0", "protocol": "udp"}, [port(53, protocol="udp")]),
        ({"target": "80", "published": "8000-8001"}, [port(80, 8000), port(80, 8001)]),
        ({"target": "80", "published": None, "protocol": None, "mode": None}, [port(80)]),
        ({"target": UNKNOWN}, []),
        (UNKNOWN, []),
    ],
)
def test_every_port_is_one_of_its_own(value: Any, expected: list[dict[str, Any]]) -> None:
    report = Report()
    assert read(ports, [value], PATH, report) == expected
    assert (report.problems, report.notes) == ([], [])


def test_the_same_port_twice_is_one() -> None:
    assert read(ports, ["80:80", "80:80/tcp"], PATH, Report()) == [port(80, 80)]


@pytest.mark.parametrize(
    ("value", "shown", "address"),
    [
        ("127.0.0.1:5000-5001:5000-5001", "127.0.0.1:5000-5001:5000-5001", "127.0.0.1"),
        ("[::1]:80:80", "[::1]:80:80", "::1"),
        ("127.0.0.1::80", "127.0.0.1::80", "127.0.0.1"),
        ({"target": "80", "published": "81", "host_ip": "127.0.0.1"}, "81:80", "127.0.0.1"),
    ],
)
def test_an_address_is_noted_as_ignored(value: Any, shown: str, address: str) -> None:
    report = Report()
    assert read(ports, [value], PATH, report)
    ignored = f"a swarm publishes on every address of its nodes, so {address} is ignored"
    assert (report.problems, report.notes) == ([], [f"web: port {shown}: {ignored}"])


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("99999:80", f"port '99999' is not between 1 and 65535; {FORM}"),
        ("0", f"the port inside the container is missing; {FORM}"),
        ("80:", f"'80:' is no port; {FORM}"),
        ("a:b", f"'a:b' is no port; {FORM}"),
        ("80/icmp", f"'80/icmp' is no port; {FORM}"),
        ("81-80", f"port '81-80' is not between 1 and 65535; {FORM}"),
        ("80-82:90-91", "3 ports are published for 2 ports inside: make it as many"),
        ({"published": "80"}, "target is missing: the port inside the container"),
        (["80"], "this is a list, not a text"),
    ],
)
def test_a_bad_port_is_reported(value: Any, problem: str) -> None:
    report = Report("f")
    assert read(ports, ["1:1", value], PATH, report) == [port(1, 1)]
    assert report.problems == [f"f:1:1: services.web.ports[1]: {problem}"]


def test_ports_are_a_list() -> None:
    report = Report("f")
    assert read(ports, "80:80", PATH, report) is None
    assert report.problems == [f"f:1:1: services.web.ports: this is '80:80', not a list; {FORM}"]
