# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who may reach which port of a server of the swarm: the rules, without the words of any one firewall.

A member of the swarm may reach everything that its rules do not close; a stranger is anybody else.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...common.change import Change
from ...common.errors import Refusal
from ...common.ports import ALL, MANAGER, MEMBERS, NFS, split
from .containers import Containers, containers, problem_of
from .words import PORT, addresses, collapse

OWNER = "hydra.swarm"  # the mark of what is ours, where a firewall has room for one
PORT_RULE = "write it like 443/tcp, 60000-60100/udp, or {port: 443/tcp, sources: [192.0.2.0/24]}"


@dataclass(frozen=True)
class Rule:
    """Accept or drop new connections; without protocol all of them, without sources those of everybody."""

    verdict: str
    protocol: str = ""
    ports: str = ""
    sources: tuple[str, ...] = ()

    def of(self, version: int) -> Rule | None:
        """The rule for one version of IP; None where its sources are all of the other."""
        sources = tuple(one for one in self.sources if ipaddress.ip_network(one).version == version)
        return None if self.sources and not sources else Rule(self.verdict, self.protocol, self.ports, sources)


@dataclass(frozen=True)
class Policy:
    """C(guard): new connections to this host, as they come in, before Docker redirects some of them to containers.

    C(published): those that Docker did redirect to a container, by the port they came for; empty leaves them alone.
    C(containers): what comes from containers; without it, that is left alone. C(spared): bridges of the host whose name
    begins as those of Docker's do; over them comes who comes over any other interface.
    """

    guard: tuple[Rule, ...] = ()
    published: tuple[Rule, ...] = ()
    containers: Containers | None = None
    spared: tuple[str, ...] = ()

    def opened(self) -> tuple[Rule, ...]:
        """What a firewall that closes everything by itself has to let in."""
        return tuple(rule for rule in self.guard if rule.verdict == "accept")


def policy(wanted: Mapping[str, Any], ssh_ports: Iterable[int], spared: Iterable[str] = ()) -> Policy:
    """The rules for one host; every mistake in what is wanted is named in one refusal."""
    problems: list[str] = []
    members = addresses("members", wanted["members"], problems)
    clients = addresses("nfs_clients", wanted["nfs_clients"], problems)
    published = _published(wanted["published"], problems)
    ports = sorted(set(ssh_ports))
    problems += [f"ssh_ports: {port} is no port: use 1 to 65535" for port in ports if not 0 < port < 65536]
    if not wanted["members"]:
        problems.append("members: nobody is listed, and a swarm without members cannot work: list their addresses")
    machines = addresses("machines", wanted["machines"], problems)
    closed, reach = [*wanted["containers_closed"], *members, *machines], wanted["containers_reach"]
    problems += [problem] if (problem := problem_of(wanted["containers_closed"], reach)) else []
    if problems:
        raise Refusal("; ".join(problems))

    inside, spared = containers(closed, reach) if wanted["containers"] else None, tuple(sorted(spared))
    if not wanted["strangers"]:
        return Policy(containers=inside, spared=spared)
    guard = [Rule("accept", "tcp", str(port)) for port in ports]
    if wanted["manager"]:
        guard += _only(MANAGER, members)
    else:
        guard.append(Rule("drop", "tcp", split(MANAGER)[0]))  # not even for members: nothing here should answer
    for port in MEMBERS:
        guard += _only(port, members)
    if wanted["nfs"]:
        guard += _only(NFS, collapse((*members, *clients)))
    for protocol, port, sources in published:
        reached = collapse((*members, *sources))
        guard += _only(f"{port}/{protocol}", reached) if sources else [Rule("accept", protocol, port)]
    if wanted["default_deny"]:
        guard += [Rule("accept", sources=members), Rule("drop")]
    listed = [Rule("accept", protocol, port) for protocol, port, sources in published]
    behind = (Rule("accept", sources=members), *listed, Rule("drop")) if listed else ()
    return Policy(tuple(guard), behind, inside, spared)


def plan(actual: Mapping[str, Any], wanted: Mapping[str, Any]) -> Change:
    """Both sides as a world sees them: C(rules) by tool, C(opened) in the host's own firewall, C(at_boot)."""
    return Change(dict(actual), dict(wanted))


def ports_of_sshd(config: str) -> set[int]:
    """The ports that an sshd_config names; without any it is 22."""
    ports = set()
    for line in config.splitlines():
        words = line.split("#")[0].replace("=", " ").split()
        if len(words) < 2 or words[0].lower() not in ("port", "listenaddress"):
            continue
        # An IPv6 address has colons of its own: only [address]:port has a port then.
        text = words[1] if words[0].lower() == "port" else _port_after(words[1])
        if text.isdigit() and 0 < int(text) < 65536:
            ports.add(int(text))
    return ports


def _port_after(address: str) -> str:
    return address.rpartition(":")[2] if address.count(":") == 1 or "]:" in address else ""


def _only(port: str, sources: tuple[str, ...]) -> list[Rule]:
    numbers, protocol = split(port)
    return [Rule("accept", protocol, numbers, sources), Rule("drop", protocol, numbers)]


def _published(entries: Iterable[Any], problems: list[str]) -> list[tuple[str, str, tuple[str, ...]]]:
    """(protocol, ports, sources) of each entry; no sources: everybody."""
    found: list[tuple[str, str, tuple[str, ...]]] = []
    for entry in entries:
        fields = entry if isinstance(entry, Mapping) else {"port": entry}
        match = PORT.fullmatch(str(fields.get("port")))
        sources = fields.get("sources") or []
        if not match or set(fields) - {"port", "sources"} or not isinstance(sources, list):
            problems.append(f"published: {entry!r} is no port: {PORT_RULE}")
            continue
        first, last, protocol = int(match[1]), int(match[2] or match[1]), match[3]
        if last > 65535 or first > last:
            problems.append(f"published: {fields['port']} is no range of 1 to 65535: {PORT_RULE}")
            continue
        ours = [port for port, kind in map(split, ALL) if kind == protocol]
        problems += [
            f"published: {fields['port']} holds {port}/{protocol}, which is for members: leave it out"
            for port in ours
            if first <= int(port) <= last
        ]
        problems += [
            f"published: {fields['port']} overlaps {ports}/{other}: list each port once"
            for other, ports, _sources in found
            if other == protocol and first <= int(ports.split("-")[-1]) and int(ports.split("-")[0]) <= last
        ]
        ports = str(first) if first == last else f"{first}-{last}"
        found.append((protocol, ports, addresses(f"published: {fields['port']}", sources, problems)))
    return found
