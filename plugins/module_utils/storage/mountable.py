# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which exports a client may mount."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any


def mountable(exports: Iterable[Mapping[str, Any]], address: str) -> list[str]:
    """The paths that a client of this address may mount, as far as the inventory tells.

    C(exports) are those of nfs_export. A client given by name is no proof: only the server knows who that is.
    """
    return [
        export["path"]
        for export in exports
        if any(_includes(client["host"], address) for client in export.get("clients", []))
    ]


def _includes(host: str, address: str) -> bool:
    try:
        return host == "*" or ip_address(address) in ip_network(host, strict=False)
    except ValueError:
        return False
