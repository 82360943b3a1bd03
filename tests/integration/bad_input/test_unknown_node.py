# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A NODE= that is none: refused with the names there are."""

from __future__ import annotations

import pytest
from harness import Cluster


@pytest.mark.parametrize("verb", ["test-failure", "restore-node", "nodes-logs", "exec"])
def test_unknown_node(cluster: Cluster, verb: str) -> None:
    before = cluster.nodes()
    ran = cluster.make(verb, "NODE=medusa", check=False)
    assert ran.status != 0
    for word in ("NODE=medusa is no", "hydra", "chimera", "cerberus"):
        assert word in ran.said, ran.output
    assert cluster.nodes() == before


@pytest.mark.parametrize("verb", ["test-failure", "restore-node", "exec"])
def test_no_node(cluster: Cluster, verb: str) -> None:
    ran = cluster.make(verb, check=False)
    assert ran.status != 0
    for word in ("NODE=", "hydra", "chimera", "cerberus"):
        assert word in ran.said, ran.output
