# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tests' development cluster on the engine of one of the lab's servers, whose kernel has IPVS, NFS and cgroup v2.

Everything runs on this computer as ever; only DOCKER_HOST names the server's engine. Tests that are links run unchanged, and so
names and addresses are those of molecule/default, whose own cluster on this computer has to be gone (as it is after make test).
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.machine.recipe import tag
from harness import INVENTORY, ROOT, Cluster, until

pytest.register_assert_rewrite("lab")

from lab import Lab  # noqa: E402  # what it asserts is to be explained too

SERVER = "chimera"
SOCKET = "/run/docker.sock"
RECIPE = ROOT / "roles/node_image/files"


class ClusterOnServer(Cluster):
    """A server is slower than this computer."""

    def _run(self, *command: str, check: bool = True, given: bytes | None = None, timeout: float = 1500) -> Any:
        return super()._run(*command, check=check, given=given, timeout=timeout)


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The servers, of which one has an engine."""
    made = Lab("kernel")
    assert made.ssh(SERVER, "docker version").returncode == 0, "no engine in the lab: scripts/molecule converge kernel"
    yield made
    made.close()


@pytest.fixture(scope="session")
def engine(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server's engine as DOCKER_HOST names it here: its socket over SSH, which meanwhile belongs to SSH's user."""
    here = tmp_path_factory.mktemp("engine") / "docker.sock"
    lab.shell(SERVER, f'chown "$SUDO_USER" {SOCKET}')
    tunnel = subprocess.Popen(
        [
            *("ssh", "-F", f"{lab.folder}/ssh_config", "-S", "none", "-nNT", "-o", "ExitOnForwardFailure=yes"),
            *("-L", f"{here}:{SOCKET}", SERVER),
        ]
    )
    try:
        until("the server's socket", here.exists, 60)
        yield f"unix://{here}"
    finally:
        tunnel.terminate()
        tunnel.wait()
        lab.inside(SERVER, "chown", "root", SOCKET)


def give_node_image(cluster: ClusterOnServer, here: dict[str, str]) -> None:
    """Build the node image on this computer's engine, which is faster, if it is not there, and hand it over."""
    image = f"hydra-swarm/node:{tag({path.name: path.read_bytes() for path in RECIPE.iterdir()})}"
    if cluster.succeeds("image", "inspect", image):
        return
    role = {"node_image_name": image, "node_image_recipe": str(RECIPE)}
    build = ["ansible", "localhost", "-m", "ansible.builtin.include_role", "-a", "name=hydra.swarm.node_image"]
    subprocess.run([*build, "-e", json.dumps(role)], env=here, cwd=ROOT, check=True)
    with subprocess.Popen(["docker", "save", image], env=here, stdout=subprocess.PIPE) as save:
        load = ["docker", "load", "-q"]
        subprocess.run(load, stdin=save.stdout, env=cluster.environment, check=True, capture_output=True)
    assert save.returncode == 0


@pytest.fixture(scope="session")
def cluster(lab: Lab, engine: str) -> Iterator[ClusterOnServer]:
    """The cluster, made if it is not there yet; it stays, and goes with the server."""
    here = dict(os.environ)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", engine)  # also for testinfra
        made = ClusterOnServer(INVENTORY, Path(__file__).with_name("server.yml"))
        if not made.succeeds("exec", made.names[0], "docker", "node", "ls"):
            give_node_image(made, here)
            made.play("swarm-up")
        yield made
