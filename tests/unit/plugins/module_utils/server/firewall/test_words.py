# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall.words import (
    addresses,
    collapse,
    port,
    versioned,
)


def test_addresses_inside_others_are_left_out() -> None:
    assert collapse(["192.0.2.0/28", "192.0.2.1", "2001:db8::1/128"]) == ("192.0.2.0/28", "2001:db8::1")


def test_what_is_no_address_is_said_and_left_out() -> None:
    problems: list[str] = []
    assert addresses("here", ["192.0.2.1", "x", "0.0.0.0/0"], problems) == ("192.0.2.1",)
    assert [problem.partition(":")[0] for problem in problems] == ["here", "here"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("443/tcp", ("tcp", 443, 443)), ("1-9/udp", ("udp", 1, 9)), ("9-1/udp", None), ("65536/tcp", None), (443, None)],
)
def test_ports(text: object, expected: tuple[str, int, int] | None) -> None:
    assert port(text) == expected


def test_each_version_of_ip_by_itself() -> None:
    assert versioned(["192.0.2.1", "2001:db8::/64"], 6) == ("2001:db8::/64",)
