# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cluster of molecule/failure: one manager and two workers, or for a while three managers, the same machines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import Cluster, inventory_of


@pytest.fixture(scope="session")
def inventory() -> Path:
    return inventory_of("failure")


@pytest.fixture(scope="module")
def three(cluster: Cluster) -> Iterator[Cluster]:
    """Three managers, for the tests of a file that ask for it (together, at its end); afterwards one again.

    Its inventory is beside the scenario's own, in the folder three.
    """
    made = Cluster(Path(cluster.inventories[0]).parent / "three")
    made.play("swarm-up")
    yield made
    # What a test that failed has left broken is mended while there are three to mend it with.
    made.play("swarm-up", check=False)
    cluster.play("swarm-up")
