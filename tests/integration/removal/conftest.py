# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An engine with nothing on it but the node image, where all that is left behind is seen."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from engine import PrivateEngine
from harness import OWNER, Cluster


@pytest.fixture(scope="session")
def engine(cluster: Cluster) -> Iterator[PrivateEngine]:
    cluster.play("swarm-up")  # the image of today's recipe
    image = cluster.docker("inspect", "--format", "{{.Config.Image}}", cluster.names[0])
    made = PrivateEngine()
    try:
        made.load(image)
        yield made
    finally:
        made.remove()


@pytest.fixture
def alone(engine: PrivateEngine) -> Cluster:
    """The same cluster on that engine, not made yet; what a test before has left of it is removed."""
    if not engine.answers():
        engine.start()
    there = Cluster(docker_host=engine.host, stack=engine.stack)
    ours = ("--quiet", "--filter", f"label={OWNER}")
    if any(there.docker(*what, *ours) for what in (("ps", "--all"), ("network", "ls"), ("volume", "ls"))):
        there.play("swarm-clean", confirm="yes", dind_cluster_keep_image=True)
    return there


@pytest.fixture
def standing(engine: PrivateEngine, request: pytest.FixtureRequest) -> Cluster:
    """The cluster on that engine: the one that a test before has left, if it is well, or a new one."""
    there = Cluster(docker_host=engine.host, stack=engine.stack)
    try:
        there.assert_healthy()
    except (AssertionError, subprocess.CalledProcessError):
        request.getfixturevalue("alone")
        there.play("swarm-up")
    return there
