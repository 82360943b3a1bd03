# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall.containers import (
    REACH_RULE,
    Containers,
    Reach,
    containers,
    problem_of,
)


def test_link_local_addresses_are_always_closed() -> None:
    assert containers([], []) == Containers(("169.254.0.0/16", "fe80::/10"))
    assert containers(["2001:db8::/64", "192.0.2.7", "192.0.2.0/24"], []).closed == (
        "169.254.0.0/16",
        "192.0.2.0/24",
        "2001:db8::/64",
        "fe80::/10",
    )


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("192.0.2.7", Reach(("192.0.2.7",))),
        ({"to": ["192.0.2.7", "2001:db8::1"]}, Reach(("192.0.2.7", "2001:db8::1"))),
        ({"to": "192.0.2.0/24", "ports": "443/tcp"}, Reach(("192.0.2.0/24",), (("443", "tcp"),))),
        ({"ports": ["443/tcp", "60000-60100/udp"]}, Reach((), (("443", "tcp"), ("60000-60100", "udp")))),
    ],
)
def test_what_is_opened(entry: Any, expected: Reach) -> None:
    assert containers([], [entry]).reach == (expected,)


RULE = "write it like 443/tcp or 60000-60100/udp"


@pytest.mark.parametrize(
    ("closed", "reach", "message"),
    [
        ([], [], ""),
        ([], [{}], f"containers_reach: {{}} opens nothing: {REACH_RULE}"),
        ([], [{"too": ["192.0.2.7"]}], f"containers_reach: {{'too': ['192.0.2.7']}} opens nothing: {REACH_RULE}"),
        ([], [7], f"containers_reach: 7 opens nothing: {REACH_RULE}"),
        ([], [{"ports": ["443"]}], f"containers_reach: '443' is no port: {RULE}"),
        ([], [{"ports": ["0-9/tcp"]}], f"containers_reach: '0-9/tcp' is no port: {RULE}"),
        (
            [],
            [{"to": "192.0.2.5", "ports": ["2000-2100/tcp"]}],
            "containers_reach: 2000-2100/tcp holds 2049/tcp, which is for the machines alone: leave it out",
        ),
        ("10.0.0.0/8", [], "containers_closed and containers_reach are lists: write each entry behind a '-'"),
    ],
)
def test_mistakes(closed: Any, reach: Any, message: str) -> None:
    assert problem_of(closed, reach) == message
    if message and isinstance(closed, list):
        with pytest.raises(Refusal, match="containers_reach"):
            containers(closed, reach)
