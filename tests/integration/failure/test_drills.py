# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Failures that are rehearsed: what is told of them is what happened, and they can be undone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from harness import Cluster, until


@pytest.fixture
def service(cluster: Cluster, tiny: str) -> Iterator[str]:
    """Two replicas that may run on the workers, and one that only chimera's label lets run."""
    manager, *workers = cluster.names
    for name, count, constraint in (("anywhere", 2, "role == worker"), ("jupyter", 1, "labels.workload == jupyter")):
        cluster.inside(
            manager, "docker", "service", "create", "--detach", "--no-resolve-image", "--endpoint-mode", "dnsrr",
            "--name", name, "--replicas", str(count), "--constraint", f"node.{constraint}", tiny, "sleep", "86400",
        )  # fmt: skip
    try:
        until(
            "the tasks to run",
            lambda: sorted(cluster.tasks("anywhere")) == sorted(workers) and cluster.tasks("jupyter"),
        )
        yield "anywhere"
    finally:
        cluster.inside(manager, "docker", "service", "rm", "anywhere", "jupyter")


def test_a_failure_is_rehearsed_and_undone(cluster: Cluster, service: str, nodes: dict[str, str]) -> None:
    chimera, cerberus = nodes["chimera"], nodes["cerberus"]
    try:
        failed = cluster.make("test-failure", "NODE=chimera").said
        assert [name for name, node in cluster.nodes().items() if node.availability == "drain"] == [chimera]
        assert cluster.inside(chimera, "docker", "ps", "-q") == ""
    finally:
        cluster.make("restore-node", "NODE=chimera")
    cluster.assert_healthy()
    assert re.search(rf"moved: anywhere\.\d {chimera} -> {cerberus}", failed), failed
    assert re.search(r"pending: jupyter\.1 .*needs node\.labels\.workload == jupyter", failed), failed
    until("the pending task to run", lambda: list(cluster.tasks("jupyter")) == [chimera])
