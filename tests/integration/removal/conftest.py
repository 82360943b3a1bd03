# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An engine with nothing on it but the node image, where all that is left behind is seen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from engine import PrivateEngine
from harness import Cluster


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
def alone(engine: PrivateEngine) -> Iterator[Cluster]:
    """The same cluster on that engine, not made yet; whatever is left of it is removed."""
    there = Cluster(docker_host=engine.host, stack=engine.stack)
    yield there
    if not engine.answers():
        engine.start()
    there.play("swarm-clean", confirm="yes", dind_cluster_keep_image=True)
