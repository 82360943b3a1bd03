# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The NFS server, asked by real clients through the protocol."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from harness import Cluster

SERVER = "nfs://172.31.240.5"
# Root of a node may not write here: it is nobody, and the directory is root's.
EXPORT = "/exports/student-volumes"
# So a user has one, as students have theirs.
USER = 4321
PLACE = f"{EXPORT}/written-by-a-test"
FILE = f"{PLACE}/file"


@pytest.fixture
def written(cluster: Cluster, nfs: str) -> Iterator[str]:
    """The text of a file that one node has written through NFS."""
    cluster.inside(nfs, "sh", "-c", f"mkdir -m 0700 -p {PLACE} && chown {USER}:{USER} {PLACE}")
    write(cluster)
    yield "hello from chimera"
    cluster.inside(nfs, "rm", "-r", PLACE)


def url(path: str, user: int = USER) -> str:
    return f"{SERVER}{path}?version=4&uid={user}&gid={user}"


def write(cluster: Cluster) -> None:
    cluster.pour(b"hello from chimera", "test-chimera-node", "sh", "-c", "cat > /tmp/hello")
    cluster.inside("test-chimera-node", "nfs-cp", "/tmp/hello", url(FILE))


def read(cluster: Cluster, node: str) -> str:
    return cluster.inside(node, "timeout", "20", "nfs-cat", url(FILE))


def test_what_one_node_writes_another_reads(cluster: Cluster, written: str) -> None:
    assert read(cluster, "test-cerberus-node") == written


def test_the_storage_mounted_in_every_node_shows_the_same_file(cluster: Cluster, host_of: Any, written: str) -> None:
    for name in cluster.names:
        assert host_of(name).file(FILE).content_string == written


def test_clients_see_at_once_what_is_written_and_removed_beside_the_server(cluster: Cluster, written: str) -> None:
    cluster.inside("test-cerberus-node", "sh", "-c", f"echo changed > {FILE}; mkdir {FILE}.d")
    assert read(cluster, "test-chimera-node") == "changed"
    assert "file.d" in cluster.inside("test-chimera-node", "nfs-ls", url(PLACE))
    cluster.inside("test-cerberus-node", "rm", "-r", FILE, f"{FILE}.d")
    assert "file" not in cluster.inside("test-chimera-node", "nfs-ls", url(PLACE))
    write(cluster)


def test_root_of_a_node_is_nobody(cluster: Cluster, written: str) -> None:
    for place in (FILE, f"{EXPORT}/of-root"):
        with pytest.raises(subprocess.CalledProcessError) as refused:
            cluster.inside("test-chimera-node", "nfs-cp", "/etc/hostname", f"{SERVER}{place}?version=4")
        assert "NFS4ERR_ACCESS" in refused.value.stdout + refused.value.stderr
    assert read(cluster, "test-cerberus-node") == written


@pytest.fixture
def stranger(cluster: Cluster, nfs: str) -> Iterator[str]:
    """A container that is no machine of the cluster, on its network, and on another on which the server is 172.31.241.5."""
    image = cluster.docker("inspect", "--format", "{{.Image}}", nfs)
    try:
        cluster.docker("network", "create", "--subnet", "172.31.241.0/24", "test-stranger")
        cluster.docker("network", "connect", "--ip", "172.31.241.5", "test-stranger", nfs)
        cluster.docker(
            "run", "-d", "--name", "test-stranger", "--network", "test-stranger", "--entrypoint", "sleep", image, "600"
        )
        cluster.docker("network", "connect", "hydra-test", "test-stranger")
        yield "test-stranger"
    finally:
        cluster.docker("rm", "--force", "test-stranger", check=False)
        cluster.docker("network", "disconnect", "--force", "test-stranger", nfs, check=False)
        cluster.docker("network", "rm", "test-stranger", check=False)


def test_a_client_that_is_no_member_is_refused(cluster: Cluster, stranger: str, written: str) -> None:
    """In the cluster's subnet and outside of it."""
    for server in ("172.31.240.5", "172.31.241.5"):
        cluster.inside(stranger, "bash", "-c", f"</dev/tcp/{server}/2049")  # the network is not what is in the way
        with pytest.raises(subprocess.CalledProcessError) as refused:
            cluster.inside(stranger, "timeout", "20", "nfs-ls", f"nfs://{server}{EXPORT}?version=4")
        assert refused.value.returncode != 124
        assert "NFS4ERR" in refused.value.stderr or "denied" in refused.value.stderr.lower(), refused.value.stderr
