# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Servers of a lab that are containers: machines of the cluster that bears the lab's name, and how SSH reaches them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from ipaddress import IPv4Interface
from typing import Any

from .servers import Guest


def container(lab: str, server: str) -> str:
    """Servers of several labs may have the same host name; their containers may not."""
    return f"{lab}-{server}"


def machines(servers: Iterable[Mapping[str, str]], lab: str, key: str) -> list[dict[str, Any]]:
    """The servers as dind_node takes its nodes; who has the private half of C(key) gets in."""
    return [
        {
            "name": container(lab, server["name"]),
            "hostname": server["name"],
            "address": server["address"],
            "service": "server",
            "environment": {"AUTHORIZED_KEY": key},
        }
        for server in servers
    ]


def network(lab: str, gateway: str) -> dict[str, str]:
    """The network as dind_node takes it, from this computer's address on it with the length of its prefix."""
    interface = IPv4Interface(gateway)
    return {"name": lab, "subnet": str(interface.network), "gateway": str(interface.ip)}


def through(lab: str, server: str) -> str:
    """The command that reaches a server's SSH port where its address leads nowhere."""
    return f"docker exec -i {container(lab, server)} hydra-node connect"


def seen(guests: Iterable[Guest], lab: str, machines: Iterable[Mapping[str, str]]) -> list[Guest]:
    """The servers as the engine has them; one that was made and never started is a stopped one."""
    states = {machine["name"]: machine["state"] for machine in machines}
    words = {"running": "running", "created": "stopped", "stopped": "stopped"}
    return [replace(one, state=words.get(states.get(container(lab, one.name), ""), "absent")) for one in guests]
