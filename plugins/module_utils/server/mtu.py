# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The MTU of overlay networks, from that of the path between the servers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

STANDARD = 1500
VXLAN = 50  # bytes that VXLAN adds to what a task sends: outer IPv4, UDP and VXLAN headers, and the inner Ethernet one


def path_mtu(seen: Iterable[Mapping[str, Any]]) -> int:
    """The smallest MTU of the interfaces that bear the servers' addresses; the usual 1500 where none is known.

    C(seen) are results of host_info.
    """
    known = [int(((one.get("host") or {}).get("address") or {}).get("mtu") or 0) for one in seen]
    return min((mtu for mtu in known if mtu), default=STANDARD)


def overlay_mtu(path: int) -> int:
    """What a task on an overlay network may send; 0: what an engine takes by itself fits."""
    # An engine takes 1450. A larger path could carry more, but then every path has to, also one added later.
    return path - VXLAN if path < STANDARD else 0


def with_mtu(
    networks: Iterable[Mapping[str, Any]], path: int, present: Iterable[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """The wanted networks, with the MTU that fits the path where one is to be made that sets none itself.

    A network that exists keeps what it has: it could only be made anew, which would cut off the services on it.
    """
    fits, there = overlay_mtu(path), {network["name"] for network in present}
    return [
        {**network, "mtu": fits}
        if fits and network.get("mtu") is None and network["name"] not in there
        else {**network}
        for network in networks
    ]
