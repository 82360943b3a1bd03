# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The NFS server is made anew, and is asked to serve something else: asked by real clients through the protocol."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from harness import Cluster

# Root of a node may not write here, so a user has a directory, as students have theirs.
PLACE = "/exports/student-volumes/written-by-a-test"
USER = 4321


def test_the_data_survives_a_new_nfs_container(cluster: Cluster, nfs: str, before: dict[str, str]) -> None:
    _manager, *others = cluster.names
    url = f"nfs://{cluster.machines[nfs]['swarm_node_address']}{PLACE}/file?version=4&uid={USER}&gid={USER}"
    writer, reader = others
    cluster.inside(nfs, "sh", "-c", f"mkdir -m 0700 -p {PLACE} && chown {USER}:{USER} {PLACE}")
    cluster.pour(b"hello from a node", writer, "sh", "-c", "cat > /tmp/hello")
    cluster.inside(writer, "nfs-cp", "/tmp/hello", url)
    try:
        old = cluster.docker("inspect", "--format", "{{.Id}}", nfs)
        cluster.docker("rm", "--force", nfs)
        cluster.play("swarm-up")
        assert cluster.docker("inspect", "--format", "{{.Id}}", nfs) != old
        assert cluster.inside(reader, "timeout", "20", "nfs-cat", url) == "hello from a node"
    finally:
        cluster.inside(reader, "rm", "-r", PLACE)  # every node has the storage mounted


@pytest.fixture
def home(cluster: Cluster, nfs: str) -> Iterator[str]:
    """The path of a directory that its owner alone may read, to be exported; what was exported comes back."""
    yield "/exports/home-of-a-test"
    cluster.play("swarm-up", "--tags", "storage")
    cluster.inside(nfs, "rm", "-r", "/exports/home-of-a-test")


def test_a_home_that_root_may_not_list_is_served_and_what_is_not_is_named(
    cluster: Cluster, nfs: str, home: str
) -> None:
    clients = [{"host": cluster.machines[cluster.names[0]]["swarm_node_address"], "squash": "root"}]
    export = {"path": home, "owner": "1000", "mode": "0700", "clients": clients}
    wanted = {"nfs_server_exports": [export], "swarm_verify_exports": [home, "/exports/nonesuch"]}
    told = cluster.play("swarm-up", "--tags", "storage,verify", check=False, **wanted)
    server = cluster.machines[nfs]["swarm_node_address"]
    assert (
        f"1 promise(s) of the inventory are not kept: - NFS server {server} does not serve /exports/nonesuch: "
        in told.said
    )
    assert "NFS4ERR_NOENT" in told.said and "NFS4ERR_ACCESS" not in told.said
