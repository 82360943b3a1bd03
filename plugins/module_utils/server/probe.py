# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which ports each server serves, who has to reach them, and what a server does to find out whether that works.

A server here has C(host), C(name), C(address), C(role) in the swarm (empty: none), C(nfs), whether it serves NFS, and
C(nfs_implementation), by what.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..common.ports import MANAGER, MEMBERS, NFS, VXLAN

Seen = Mapping[str, Mapping[str, Any]]  # by host, the result of host_info there
# Who may have a port already: what will serve it. The kernel itself has no process.
HOLDERS = {
    MANAGER: ("dockerd",),
    **dict.fromkeys(MEMBERS, ("dockerd",)),
    VXLAN: ("dockerd", ""),
    NFS: ("", "ganesha.nfsd"),
}


def server_of(variables: Mapping[str, Any], nfs_servers: Iterable[str] = ()) -> dict[str, Any]:
    """A server, from its host variables; C(nfs_servers) are the hosts that serve NFS."""
    host = str(variables.get("inventory_hostname"))
    return {
        "host": host,
        "name": str(variables.get("swarm_node_name") or host),
        "address": str(variables.get("swarm_node_address") or ""),
        "role": str(variables.get("swarm_node_role") or ""),
        "nfs": host in list(nfs_servers),
        "nfs_implementation": str(variables.get("nfs_server_implementation") or "auto"),
    }


def serves(server: Mapping[str, Any]) -> list[str]:
    """The ports on which a server has to be reached by the swarm's members."""
    return [
        *([MANAGER] if server["role"] == "manager" else []),
        *(MEMBERS if server["role"] else []),
        *([NFS] if server["nfs"] else []),
    ]


def holder(seen: Mapping[str, Any], port: str) -> str | None:
    """The program that has a port of a server already; empty: its kernel; None: it is free."""
    for entry in (seen.get("host") or {}).get("ports") or []:
        if entry["port"] == port:
            return str(entry["program"])
    return None


def strangers(server: Mapping[str, Any], seen: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Ports of a server that something else has already, each with that program.

    An engine in a swarm has them open, so there a port without a program is the engine's, whose process was not seen.
    """
    unseen = ("",) if _active(seen) else ()
    pairs = ((port, holder(seen, port)) for port in serves(server))
    return [
        (port, program) for port, program in pairs if program is not None and program not in (*HOLDERS[port], *unseen)
    ]


def task(servers: Iterable[Mapping[str, Any]], seen: Seen, host: str, members_too: bool = True) -> dict[str, Any]:
    """What one server is to do: its C(address), the ports to C(listen) on, the C(peers) to reach and C(expected) ones.

    A port that is in use cannot be listened on. With TCP it is what serves it that is reached then; with UDP nothing
    can be told of it. With C(members_too) off, nothing is tried between servers that are in a swarm already.
    """
    servers = [server for server in servers if _on_host(seen.get(server["host"], {}))]
    me = next((server for server in servers if server["host"] == host), None)
    nothing: dict[str, Any] = {"address": "", "listen": [], "peers": [], "expected": []}
    if me is None:
        return nothing
    others = [
        server
        for server in servers
        if server is not me and (members_too or not (_active(seen[server["host"]]) and _active(seen[host])))
    ]
    clients = [server for server in others if server["role"]]
    listen = [port for port in serves(me) if holder(seen[host], port) is None] if clients else []
    peers = [peer for peer in (_peer(other, seen[other["host"]], seen[host]) for other in others) if peer["ports"]]
    if not me["role"]:
        peers = []
    if not listen and not peers:
        return nothing
    return {
        "address": me["address"],
        "listen": listen,
        "peers": peers,
        "expected": [client["address"] for client in clients] if listen else [],
    }


def _peer(server: Mapping[str, Any], seen: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    in_use = [port for port in serves(server) if holder(seen, port) is not None]
    return {
        "name": server["host"],
        "address": server["address"],
        "ports": [port for port in serves(server) if port.endswith("/tcp") or port not in in_use],
        "in_use": [port for port in in_use if port.endswith("/tcp")],
        "mtu": min(int(one["host"]["address"]["mtu"] or 0) for one in (seen, own)),
    }


def _on_host(seen: Mapping[str, Any]) -> bool:
    return bool(((seen.get("host") or {}).get("address") or {}).get("interface"))


def _active(seen: Mapping[str, Any]) -> bool:
    return bool(((seen.get("host") or {}).get("engine") or {}).get("swarm") == "active")
