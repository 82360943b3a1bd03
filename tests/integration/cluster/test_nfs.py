# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The NFS server, asked by real clients through the protocol."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from harness import Cluster

EXPORT = "nfs://172.31.240.5/exports/student-volumes"
FILE = "/exports/student-volumes/written-by-a-test"


@pytest.fixture
def written(cluster: Cluster, nfs: str) -> Iterator[str]:
    """The text of a file that one node has written through NFS."""
    write(cluster)
    yield "hello from chimera"
    cluster.inside(nfs, "rm", FILE)


def write(cluster: Cluster) -> None:
    cluster.pour(b"hello from chimera", "test-chimera-node", "sh", "-c", "cat > /tmp/hello")
    cluster.inside("test-chimera-node", "nfs-cp", "/tmp/hello", f"{EXPORT}/written-by-a-test?version=4")


def read(cluster: Cluster, node: str) -> str:
    return cluster.inside(node, "timeout", "20", "nfs-cat", f"{EXPORT}/written-by-a-test?version=4")


def test_what_one_node_writes_another_reads(cluster: Cluster, written: str) -> None:
    assert read(cluster, "test-cerberus-node") == written


def test_the_storage_mounted_in_every_node_shows_the_same_file(cluster: Cluster, host_of: Any, written: str) -> None:
    for name in cluster.names:
        assert host_of(name).file(FILE).content_string == written


def test_clients_see_at_once_what_is_written_and_removed_beside_the_server(cluster: Cluster, written: str) -> None:
    cluster.inside("test-cerberus-node", "sh", "-c", f"echo changed > {FILE}; mkdir {FILE}.d")
    assert read(cluster, "test-chimera-node") == "changed"
    assert "written-by-a-test.d" in cluster.inside("test-chimera-node", "nfs-ls", f"{EXPORT}?version=4")
    cluster.inside("test-cerberus-node", "rm", "-r", FILE, f"{FILE}.d")
    assert "written-by-a-test" not in cluster.inside("test-chimera-node", "nfs-ls", f"{EXPORT}?version=4")
    write(cluster)


@pytest.fixture
def stranger(cluster: Cluster, nfs: str) -> Iterator[str]:
    """A container on a network outside the cluster's subnet, on which the server can be reached at 172.31.241.5."""
    image = cluster.docker("inspect", "--format", "{{.Image}}", nfs)
    try:
        cluster.docker("network", "create", "--subnet", "172.31.241.0/24", "test-stranger")
        cluster.docker("network", "connect", "--ip", "172.31.241.5", "test-stranger", nfs)
        cluster.docker(
            "run", "-d", "--name", "test-stranger", "--network", "test-stranger", "--entrypoint", "sleep", image, "600"
        )
        yield "test-stranger"
    finally:
        cluster.docker("rm", "--force", "test-stranger", check=False)
        cluster.docker("network", "disconnect", "--force", "test-stranger", nfs, check=False)
        cluster.docker("network", "rm", "test-stranger", check=False)


def test_a_client_outside_the_subnet_is_refused(cluster: Cluster, stranger: str, written: str) -> None:
    cluster.inside(stranger, "bash", "-c", "</dev/tcp/172.31.241.5/2049")  # the network is not what is in the way
    with pytest.raises(subprocess.CalledProcessError) as refused:
        cluster.inside(stranger, "timeout", "20", "nfs-ls", "nfs://172.31.241.5/exports/student-volumes?version=4")
    assert refused.value.returncode != 124
    assert "NFS4ERR" in refused.value.stderr or "denied" in refused.value.stderr.lower(), refused.value.stderr
