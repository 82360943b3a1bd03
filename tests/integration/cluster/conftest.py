# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One more swarm-up on the cluster, which several tests look at."""

from __future__ import annotations

import pytest
from harness import Cluster, Ran


@pytest.fixture(scope="session")
def again(cluster: Cluster) -> Ran:
    return cluster.play("swarm-up")
