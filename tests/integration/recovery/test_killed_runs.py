# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SIGKILL of swarm-up at any moment, then swarm-up again, ends in the same healthy cluster."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common import world_lock
from harness import Cluster, kill, until

WORKER = "test-cerberus-node"


def has_the_lock(pid: int) -> bool:
    holders = Path(world_lock.directory()).glob("*.holder")
    return any(f'"pid": {pid},' in holder.read_text() for holder in holders)


# By the cluster, and by the process of the run.
MOMENTS: dict[str, Callable[[Cluster, int], bool]] = {
    "once it has the lock": lambda cluster, pid: has_the_lock(pid),
    "when the container is there": lambda cluster, pid: cluster.succeeds("container", "inspect", WORKER),
    "when its engine answers": lambda cluster, pid: cluster.succeeds("exec", WORKER, "docker", "version"),
    "when it has joined": lambda cluster, pid: cluster.inside(
        WORKER, "docker", "info", "--format", "{{.Swarm.LocalNodeState}}"
    ) == "active",
}  # fmt: skip
# A module that is at work in a node, or whose worker left the process group, may outlive the run.
OUTLIVES = ("when the container is there", "when it has joined")


@pytest.mark.parametrize("moments", [tuple(MOMENTS)[:2], tuple(MOMENTS)[2:]], ids=" and ".join)
def test_killed_twice_while_a_wiped_node_is_brought_back(
    cluster: Cluster, before: dict[str, str], moments: tuple[str, ...]
) -> None:
    """The second run finds what the first has left, gets further and is killed, too; the third ends as if it were the first."""
    cluster.docker("rm", "--force", WORKER)
    cluster.docker("volume", "rm", f"{WORKER}-data")
    for moment in moments:
        if MOMENTS[moment](cluster, 0):  # the first was killed as late as that
            continue
        run = cluster.start("swarm-up")
        until(moment, lambda moment=moment, run=run: MOMENTS[moment](cluster, run.pid), 60)
        assert run.poll() is None, f"the run was over before it could be killed {moment}"
        kill(run, everything=moment not in OUTLIVES)
    cluster.play("swarm-up")
    after = cluster.assert_healthy()
    after.pop(WORKER), before.pop(WORKER)
    assert after == before
    assert cluster.play("swarm-up").changed == 0
