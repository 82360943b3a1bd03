# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a kernel offers that a swarm uses, and what the lack of it changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CONSEQUENCES = {
    "ipvs": (
        "no IPVS: virtual IPs of services and ports published in ingress mode do not answer; use endpoint_mode: dnsrr "
        "and ports with mode: host"
    ),
    "nfs_client": (
        "no NFS client: NFS volumes cannot be mounted; they are binds where nodes share the NFS server's storage, and "
        "refused elsewhere"
    ),
}


def features(filesystems: str, ipvs: bool, cgroup_v2: bool, modules: str = "") -> dict[str, Any]:
    """What the kernel offers.

    C(filesystems) is the text of /proc/filesystems, C(ipvs) says whether /proc/net/ip_vs exists, C(modules) is the
    text of the running kernel's modules.dep: a module that can be loaded will be, as soon as it is asked for.
    """
    supported = {line.split()[-1] for line in filesystems.splitlines() if line.strip()}
    loadable = {line.split(":")[0].rpartition("/")[2].partition(".")[0] for line in modules.splitlines()}
    return {
        "cgroup": 2 if cgroup_v2 else 1,
        "ipvs": ipvs or "ip_vs" in loadable,
        "nfs_client": "nfs4" in supported or "nfsv4" in loadable,
    }


def consequences(kernel: Mapping[str, Any]) -> list[str]:
    """One plain line for each missing feature, saying what it changes."""
    return [line for feature, line in CONSEQUENCES.items() if not kernel[feature]]
