# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A service with a task on every node, to see that the nodes work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from harness import Cluster, until


@pytest.fixture(scope="module")
def steady(cluster: Cluster, tiny: str) -> Iterator[str]:
    """A global service; the harness's tasks() says where it runs."""
    manager = cluster.names[0]
    cluster.inside(
        manager, "docker", "service", "create", "--detach", "--no-resolve-image", "--name", "steady", "--mode", "global",
        "--endpoint-mode", "dnsrr", "--network", "hydra_public", "--restart-delay", "1s", tiny, "sleep", "86400",
    )  # fmt: skip
    until("a task on every node", lambda: len(cluster.tasks("steady")) == len(cluster.names), 40)
    yield "steady"
    cluster.inside(manager, "docker", "service", "rm", "steady", check=False)
