# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ports of a swarm and of its storage, as C(NUMBER/PROTOCOL)."""

from __future__ import annotations

MANAGER = "2377/tcp"  # of managers: joining, and what members and managers say to each other
VXLAN = "4789/udp"  # the overlay networks' own traffic
MEMBERS = ("7946/tcp", "7946/udp", VXLAN)
NFS = "2049/tcp"
RPCBIND = "111/tcp"  # of NFS before version 4
ALL = (MANAGER, *MEMBERS, NFS)


def split(port: str) -> tuple[str, str]:
    """C(2377/tcp) as ('2377', 'tcp')."""
    number, _sign, protocol = port.partition("/")
    return number, protocol
