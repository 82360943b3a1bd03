# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cluster of molecule/safety: the real proxy, sign-on as the department's is, real Jupyter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import Cluster, inventory_of
from images import Images


@pytest.fixture(scope="session")
def inventory() -> Path:
    return inventory_of("safety")


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
