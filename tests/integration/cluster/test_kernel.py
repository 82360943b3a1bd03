# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the summary says of the kernel is so."""

from __future__ import annotations

from typing import Any

import pytest
from harness import Cluster


@pytest.fixture(scope="module")
def summary(cluster: Cluster) -> str:
    return cluster.play("swarm-up").said


def test_ipvs(summary: str, host_of: Any) -> None:
    assert ("no IPVS" in summary) is not host_of("test-hydra-node").file("/proc/net/ip_vs").exists


def test_nfs_client(summary: str, host_of: Any, nfs: str) -> None:
    node = host_of("test-chimera-node")
    node.run("mkdir -p /tmp/mounted")
    mounts = node.run("mount -t nfs4 172.31.240.5:/exports/student-volumes /tmp/mounted && umount /tmp/mounted")
    assert ("no NFS client" in summary) is (mounts.rc != 0), mounts.stderr
