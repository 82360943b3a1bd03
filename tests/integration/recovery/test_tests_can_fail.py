# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A test that cannot fail proves nothing: what is broken on purpose turns the test for it red, and nothing else green."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from harness import ROOT, Cluster

CHIMERA = "test-chimera-node"


def failures(cluster: Cluster, which: str) -> set[str]:
    """Names of the tests in cluster/ matching C(which) that fail now; some must have run."""
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--tb=no", "-rfE", str(Path("tests/integration/cluster")), "-k", which],
        cwd=ROOT, env=cluster.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    lines = [line.split(" ")[1] for line in ran.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return {line.rpartition("::")[2] for line in lines}


def test_a_stopped_nfs_server_and_a_missing_label_are_noticed(
    cluster: Cluster, before: dict[str, str], nfs: str
) -> None:
    which = "labels or another_reads"
    assert failures(cluster, which) == set()
    cluster.docker("stop", nfs)
    try:
        assert cluster.play("swarm-up", "--check", check=False).changed > 0
        cluster.inside(cluster.names[0], "docker", "node", "update", "--label-rm", "workload", CHIMERA)
        # The labels of other nodes are as they were.
        noticed = {f"test_role_labels_and_engine[{CHIMERA}]", "test_what_one_node_writes_another_reads"}
        assert failures(cluster, which) == noticed
    finally:
        cluster.play("swarm-up")
    assert failures(cluster, which) == set()
