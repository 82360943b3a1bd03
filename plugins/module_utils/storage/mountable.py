# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which exports a client may mount, and who its root is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from .exports import Client


def mountable(exports: Iterable[Mapping[str, Any]], address: str) -> list[str]:
    """The paths that a client of this address may mount, as far as the inventory tells.

    C(exports) are those of nfs_export. A client given by name is no proof: only the server knows who that is.
    """
    return [
        export["path"]
        for export in exports
        if any(_includes(client["host"], address) for client in export.get("clients", []))
    ]


def squashed(exports: Iterable[Mapping[str, Any]], addresses: Iterable[str]) -> list[str]:
    """The paths on which root of one of these clients is nobody."""
    known = list(addresses)
    return [
        export["path"]
        for export in exports
        if any(_squash(export.get("clients", []), address) in ("root", "all") for address in known)
    ]


def _squash(clients: Iterable[Mapping[str, Any]], address: str) -> str:
    """What an export makes of this client's users; empty: it is no client, as far as the inventory tells."""
    mine = [client for client in clients if _includes(client["host"], address)]
    mine.sort(key=lambda client: Client(str(client["host"])).precedence())
    return str(mine[0].get("squash", "root")) if mine else ""


def _includes(host: str, address: str) -> bool:
    try:
        return host == "*" or ip_address(address) in ip_network(host, strict=False)
    except ValueError:
        return False
