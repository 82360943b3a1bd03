# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fixtures for tests on a real cluster of their own (molecule/default/inventory), made if it is not there yet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import testinfra

pytest.register_assert_rewrite("harness")

from harness import Cluster  # noqa: E402  # what it asserts is to be explained too

TINY = """
set -e
cd "$(mktemp -d)"
apt-get update -q >&2
apt-get download -q busybox-static >&2
dpkg-deb -x busybox-static_*.deb unpacked
mkdir -p bin www
cp "$(find unpacked -type f -path '*/bin/busybox')" bin/busybox
for applet in sh httpd wget sleep cat; do ln -s busybox "bin/$applet"; done
hostname > www/index.html
tar -c bin www | docker import --change 'ENV PATH=/bin' - hydra-test/tiny:1 >&2
rm -rf "$PWD" /var/lib/apt/lists/* /var/cache/apt/*
docker save hydra-test/tiny:1
"""


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The tests' cluster, running."""
    made = Cluster()
    if not made.succeeds("exec", made.names[0], "docker", "node", "ls"):
        made.play("swarm-up")
    return made


@pytest.fixture(scope="session")
def nfs(cluster: Cluster) -> str:
    """Name of the NFS server's container."""
    return next(name for name, host in cluster.machines.items() if host.get("dind_node_service") == "nfs")


@pytest.fixture(scope="session")
def host_of():  # type: ignore[no-untyped-def]
    """A machine as testinfra sees it, by container name."""
    return lambda name: testinfra.get_host(f"docker://{name}")


@pytest.fixture(scope="session")
def tiny(cluster: Cluster) -> Iterator[str]:
    """ID of an image with a shell, a web server and a client, on every node: a static busybox of 2 MB.

    An image named by its ID is looked for in no registry.
    """
    first, *others = cluster.names
    packed = cluster.pour(b"", first, "bash", "-c", TINY)
    for name in others:
        cluster.pour(packed, name, "docker", "load", "-q")
    yield cluster.inside(first, "docker", "image", "inspect", "--format", "{{.Id}}", "hydra-test/tiny:1")
    for name in cluster.names:
        cluster.inside(name, "docker", "image", "rm", "--force", "hydra-test/tiny:1", check=False)
