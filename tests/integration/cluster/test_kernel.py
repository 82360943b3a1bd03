# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the summary says of the kernel is so."""

from __future__ import annotations

from typing import Any

from harness import Ran


def test_ipvs(again: Ran, host_of: Any) -> None:
    assert ("no IPVS" in again.said) is not host_of("test-hydra-node").file("/proc/net/ip_vs").exists


def test_nfs_client(again: Ran, host_of: Any, nfs: str) -> None:
    node = host_of("test-chimera-node")
    node.run("mkdir -p /tmp/mounted")
    mounts = node.run("mount -t nfs4 172.31.240.5:/exports/student-volumes /tmp/mounted && umount /tmp/mounted")
    assert ("no NFS client" in again.said) is (mounts.rc != 0), mounts.stderr
