# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fixtures for tests on a real cluster of their own, made if it is not there yet; each folder says whose inventory that is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import testinfra

pytest.register_assert_rewrite("harness")

from harness import TINY, Cluster, inventory_of  # noqa: E402  # what it asserts is to be explained too
from images import Images  # noqa: E402

# Its programs are ended at once: as the first process of a container, they do not hear the usual signal.
RECIPE = """
set -e
cd "$(mktemp -d)"
apt-get update -q >&2
apt-get download -q busybox-static >&2
dpkg-deb -x busybox-static_*.deb unpacked
mkdir -p bin www
cp "$(find unpacked -type f -path '*/bin/busybox')" bin/busybox
for applet in sh httpd wget sleep cat; do ln -s busybox "bin/$applet"; done
hostname > www/index.html
tar -c bin www | docker import --change 'ENV PATH=/bin' --change 'STOPSIGNAL SIGKILL' - "$1" >&2
rm -rf "$PWD" /var/lib/apt/lists/* /var/cache/apt/*
docker save "$1"
"""


@pytest.fixture(scope="session")
def inventory() -> Path:
    """That of the tests' cluster: the development cluster under other names."""
    return inventory_of("default")


@pytest.fixture(scope="session")
def cluster(inventory: Path) -> Cluster:
    """The tests' cluster, running."""
    made = Cluster(inventory)
    if not made.succeeds("exec", made.names[0], "docker", "node", "ls"):
        made.play("swarm-up")
    return made


@pytest.fixture
def before(cluster: Cluster) -> dict[str, str]:
    """The IDs of the nodes; where a test that failed has left something broken, after a swarm-up."""
    try:
        return cluster.heals(20)
    except AssertionError:
        cluster.play("swarm-up")
        return cluster.heals(20)


@pytest.fixture(scope="session")
def nodes(cluster: Cluster) -> dict[str, str]:
    """Node name by host of the inventory: hydra, chimera, cerberus."""
    return {machine["host"]: name for name, machine in cluster.machines.items() if name in cluster.names}


@pytest.fixture(scope="session")
def nfs(cluster: Cluster) -> str:
    """Name of the NFS server's container."""
    return next(name for name, host in cluster.machines.items() if host.get("dind_node_service") == "nfs")


@pytest.fixture(scope="session")
def host_of():  # type: ignore[no-untyped-def]
    """A machine as testinfra sees it, by container name."""
    return lambda name: testinfra.get_host(f"docker://{name}")


@pytest.fixture(scope="session")
def images(cluster: Cluster) -> Iterator[Images]:
    """Builds images; what it built, except for what all runs share, is removed at the end."""
    made = Images(cluster)
    yield made
    made.remove()


@pytest.fixture(scope="session")
def jupyter(images: Images) -> str:
    """Name of an image with a real Jupyter server; making it takes half a minute, so it is kept."""
    return images.jupyter()


@pytest.fixture(scope="module")
def tiny(cluster: Cluster) -> str:
    """ID of an image with a shell, a web server and a client, on every node: a static busybox of 2 MB.

    An image named by its ID is looked for in no registry. It stays for the next run, as long as its recipe does; each
    file looks again, since tests of another may have emptied a node.
    """
    first, *others = cluster.names
    shown = ("docker", "image", "inspect", "--format", "{{.Id}}", TINY)
    found = {cluster.inside(name, *shown, check=False) for name in cluster.names}
    if len(found) > 1 or found == {""}:
        packed = cluster.pour(b"", first, "bash", "-c", RECIPE, "bash", TINY)
        for name in others:
            cluster.pour(packed, name, "docker", "load", "-q")
    return cluster.inside(first, *shown)
