# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cluster of molecule/stack, what it answers on this computer, and images for it."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import Cluster, inventory_of
from images import Images

# What the department's images serve, by their keys in stacks_images; the proxy hands Ollama's port on over the overlay network.
DEPARTMENT = {
    "traefik": {"ports": "80 443 8081 8082", "forward": "11434=ollama:11434"},
    "ollama": {"ports": "11434"},
    "openwebui": {"ports": "8080"},
    "saml_idp": {"ports": "8080"},
    "saml_auth": {"ports": "6969"},
    "middleman": {"ports": "7070"},
}


@pytest.fixture(scope="session")
def inventory() -> Path:
    return inventory_of("stack")


@pytest.fixture(scope="session")
def department(cluster: Cluster, images: Images) -> dict[str, str]:
    """The department's images, stood in for under the names of this scenario's inventory; the names by their keys there."""
    names: dict[str, str] = cluster.machines[cluster.names[0]]["stacks_images"]
    assert sorted(names) == sorted([*DEPARTMENT, "python"])
    # The gate is a program of this project, so it runs as it is.
    images.python(names["python"])
    for key, serves in DEPARTMENT.items():
        images.stand_in(names[key], name=key, **serves)
    return names


@pytest.fixture(scope="session")
def answer(cluster: Cluster) -> Callable[..., str]:
    """What a port of the cluster answers on this computer; nothing if it does not."""
    address = cluster.machines[cluster.names[0]]["dind_cluster_bind_address"]
    # Straight to it, whatever proxy this computer uses for other addresses.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(port: int, path: str = "/", seconds: float = 3) -> str:
        try:
            with direct.open(f"http://{address}:{port}{path}", timeout=seconds) as said:
                return str(said.read().decode())
        except (urllib.error.URLError, OSError):
            return ""

    return get
