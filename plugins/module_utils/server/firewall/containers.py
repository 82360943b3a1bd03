# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What containers may not reach: the cluster's machines, this one too, and what only a machine's own network knows.

Tasks reach each other over their overlay networks, and volumes are mounted by the engines: neither comes this way. So
what comes from a container to a machine is for a published port at best, and for the swarm itself at worst: whoever
may send to its VXLAN port puts packets into any overlay network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...common.errors import Refusal
from ...common.ports import MANAGER, MEMBERS, NFS, RPCBIND, split
from .words import addresses, collapse, port

LINK_LOCAL = ("169.254.0.0/16", "fe80::/10")
SWARM = tuple(map(split, (MANAGER, *MEMBERS)))
STORAGE = tuple((split(one)[0], protocol) for one in (RPCBIND, NFS) for protocol in ("tcp", "udp"))
DNS = (("53", "udp"), ("53", "tcp"))
REACH_RULE = (
    "write an address, or {to: [192.0.2.10], ports: [443/tcp]}; without 'to' the ports of everything that is closed, "
    "without 'ports' all but those of the swarm and of NFS"
)


@dataclass(frozen=True)
class Reach:
    """What is open all the same: C(ports) as (numbers, protocol); nothing is any of them."""

    to: tuple[str, ...] = ()
    ports: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Containers:
    """C(closed): networks, besides the machine's own addresses."""

    closed: tuple[str, ...]
    reach: tuple[Reach, ...] = ()


def containers(closed: Iterable[Any], reach: Iterable[Any]) -> Containers:
    """Every mistake is named in one refusal."""
    problems: list[str] = []
    near = addresses("containers_closed", closed, problems)
    found = tuple(one for entry in reach if (one := _reach(entry, problems)))
    if problems:
        raise Refusal("; ".join(problems))
    return Containers(collapse((*near, *LINK_LOCAL)), found)


def problem_of(closed: Any, reach: Any) -> str:
    """What is wrong with what an inventory says; empty: nothing."""
    if not isinstance(closed, list) or not isinstance(reach, list):
        return "containers_closed and containers_reach are lists: write each entry behind a '-'"
    try:
        containers(closed, reach)
    except Refusal as refusal:
        return str(refusal)
    return ""


def _reach(entry: Any, problems: list[str]) -> Reach | None:
    fields = entry if isinstance(entry, Mapping) else {"to": entry}
    to, ports = fields.get("to", []), fields.get("ports", [])
    to, ports = ([to] if isinstance(to, str) else to), ([ports] if isinstance(ports, str) else ports)
    if set(fields) - {"to", "ports"} or not isinstance(to, list) or not isinstance(ports, list) or not (to or ports):
        problems.append(f"containers_reach: {entry!r} opens nothing: {REACH_RULE}")
        return None
    found = []
    for text in ports:
        named = port(text)
        if not named:
            problems.append(f"containers_reach: {text!r} is no port: write it like 443/tcp or 60000-60100/udp")
            continue
        protocol, first, last = named
        problems += [
            f"containers_reach: {text} holds {number}/{protocol}, which is for the machines alone: leave it out"
            for number, kind in dict.fromkeys((*SWARM, *STORAGE))
            if kind == protocol and first <= int(number) <= last
        ]
        found.append((str(first) if first == last else f"{first}-{last}", protocol))
    return Reach(addresses("containers_reach", to, problems), tuple(found))
