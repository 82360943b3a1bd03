# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SIGKILL of swarm-up at any moment, then swarm-up again, ends in the same healthy cluster."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from harness import Cluster, kill, until

WORKER = "test-cerberus-node"
MOMENTS: dict[str, Callable[[Cluster], bool]] = {
    "once it has the lock": lambda cluster: True,
    "when the container is there": lambda cluster: cluster.succeeds("container", "inspect", WORKER),
    "when its engine answers": lambda cluster: cluster.succeeds("exec", WORKER, "docker", "version"),
    "when it has joined": lambda cluster: "active" in cluster.inside(
        WORKER, "docker", "info", "--format", "{{.Swarm.LocalNodeState}}"
    ),
}  # fmt: skip


# A module that is at work in a node, or whose worker left the process group, may outlive the run.
@pytest.mark.parametrize(("moment", "everything"), list(zip(MOMENTS, [True, False, True, False], strict=True)))
def test_killed_while_a_wiped_node_is_brought_back(
    cluster: Cluster, before: dict[str, str], moment: str, everything: bool
) -> None:
    cluster.docker("rm", "--force", WORKER)
    cluster.docker("volume", "rm", f"{WORKER}-data")
    run = cluster.start("swarm-up")
    until(moment, lambda: MOMENTS[moment](cluster), 60)
    assert run.poll() is None, "the run was over before it could be killed"
    kill(run, everything)
    cluster.play("swarm-up")
    after = cluster.assert_healthy()
    after.pop(WORKER), before.pop(WORKER)
    assert after == before
    assert cluster.play("swarm-up").changed == 0
