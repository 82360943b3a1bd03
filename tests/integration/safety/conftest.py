# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cluster of molecule/safety: the real proxy, sign-on as the department's is, real Jupyter."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import ROOT, Cluster
from images import Images

# Another inventory, so that somebody may run these tests on a cluster of his own.
INVENTORY = Path(os.environ.get("HYDRA_TEST_INVENTORY") or ROOT / "molecule/safety/inventory")


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """This scenario's cluster, running: the development cluster under other names."""
    made = Cluster(INVENTORY)
    if not made.succeeds("exec", made.names[0], "docker", "node", "ls"):
        made.play("swarm-up")
    return made


@pytest.fixture(scope="session")
def nodes(cluster: Cluster) -> dict[str, str]:
    """Node name by host of the inventory: hydra, chimera, cerberus."""
    return {machine["host"]: name for name, machine in cluster.machines.items() if name in cluster.names}


@pytest.fixture(scope="session")
def images(cluster: Cluster) -> Iterator[Images]:
    """Builds images; what it built, except for what all runs share, is removed at the end."""
    made = Images(cluster)
    yield made
    made.remove()


@pytest.fixture(scope="session")
def jupyter(images: Images) -> str:
    """Name of an image with a real Jupyter server."""
    return images.jupyter()


@pytest.fixture(scope="session")
def department(cluster: Cluster, images: Images) -> dict[str, str]:
    """The images of the stack core under the names of this scenario's inventory; the names by their keys there."""
    names: dict[str, str] = cluster.machines[cluster.names[0]]["stacks_images"]
    images.traefik(names["traefik"])
    images.python(names["python"])
    images.sign_on(names["saml_auth"])
    images.stand_in(names["middleman"], ports="7070", name="middleman")
    return names


@pytest.fixture(scope="session")
def core(cluster: Cluster, department: dict[str, str]) -> Iterator[str]:
    """The stack core as it is, deployed; the address at which the proxy answers."""
    cluster.make("deploy-stack", "STACK=core")
    yield cluster.machines[cluster.names[0]]["dind_cluster_bind_address"]
    cluster.make("remove-stack", "STACK=core", check=False)
