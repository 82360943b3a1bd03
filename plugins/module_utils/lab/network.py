# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The network between a lab's servers and this computer: a bridge, an interface for each server, and the way out.

Servers reach what this computer reaches (packages), as long as the lab is there; nobody but this computer reaches them.
Everything bears the lab's name, so that what is there is taken away as exactly as it was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Interface
from typing import Any

from ..common.errors import Refusal

OWNER = "hydra.swarm.lab"


@dataclass(frozen=True)
class Network:
    """The network as it should be: C(uplink) is the interface of this computer's default route, empty without one."""

    bridge: str
    gateway: IPv4Interface
    taps: Sequence[str]
    uplink: str = ""

    @property
    def owner(self) -> str:
        return f"{OWNER}={self.bridge}"


def rules(network: Network) -> list[list[str]]:
    """iptables rules, the table first: out of the lab and back, from the lab's addresses alone."""
    mark = ["-m", "comment", "--comment", network.owner]
    subnet = str(network.gateway.network)
    answers = ["-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"]
    return [
        ["nat", "POSTROUTING", "-s", subnet, "!", "-d", subnet, *mark, "-j", "MASQUERADE"],
        ["filter", "FORWARD", "-i", network.bridge, *mark, "-j", "ACCEPT"],
        ["filter", "FORWARD", "-o", network.bridge, *answers, *mark, "-j", "ACCEPT"],
    ]


def links(seen: Iterable[Mapping[str, Any]], network: Network) -> dict[str, str]:
    """Name -> what it is, of the interfaces that are the lab's; from C(ip -json -details address).

    Raises Refusal if one of the names belongs to somebody else.
    """
    found = {}
    for link in seen:
        name, owner = str(link.get("ifname")), str(link.get("ifalias", ""))
        if owner == network.owner:
            addresses = [f"{a['local']}/{a['prefixlen']}" for a in link.get("addr_info", []) if a["family"] == "inet"]
            found[name] = " ".join(addresses) if name == network.bridge else f"on {link.get('master', 'no bridge')}"
        elif name in (network.bridge, *network.taps):
            raise Refusal(
                f"interface {name} is there and is not this lab's: remove or rename it, or name the lab differently"
            )
    return found


def clashes(routes: Iterable[Mapping[str, Any]], network: Network) -> None:
    """Raises Refusal if this computer reaches a part of the lab's subnet elsewhere; from C(ip -json route)."""
    ours = network.gateway.network
    for route in routes:
        target = str(route.get("dst", "default"))
        if target == "default" or ":" in target or route.get("dev") == network.bridge:
            continue
        if IPv4Interface(target).network.overlaps(ours):
            raise Refusal(
                f"subnet {ours} overlaps {target}, this computer's route through {route.get('dev')}: choose another"
            )


def wanted_links(network: Network) -> dict[str, str]:
    return {network.bridge: str(network.gateway), **dict.fromkeys(network.taps, f"on {network.bridge}")}


def steps(network: Network, there: Mapping[str, str]) -> list[list[str]]:
    """The commands that make the interfaces which are not C(there), or not as they should be."""
    made: list[list[str]] = []
    for name, wanted in wanted_links(network).items():
        if there.get(name) == wanted:
            continue
        if name in there:
            made.append(["ip", "link", "delete", name])
        bridge = name == network.bridge
        made.append(
            ["ip", "link", "add", name, "type", "bridge"] if bridge else ["ip", "tuntap", "add", name, "mode", "tap"]
        )
        made.append(["ip", "link", "set", name, "alias", network.owner])
        made.append(
            ["ip", "address", "add", wanted, "dev", name]
            if bridge
            else ["ip", "link", "set", name, "master", network.bridge]
        )
        made.append(["ip", "link", "set", name, "up"])
    return made
