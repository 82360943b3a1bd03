# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever stops and starts the nodes, each comes back into the same swarm: same ID, same address, and its tasks run."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import Cluster, until


def kill_and_start(cluster: Cluster) -> None:
    cluster.docker("kill", *cluster.names)
    cluster.docker("start", *cluster.names)


def restart(cluster: Cluster) -> None:
    # At once: the command line restarts one after the other.
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: cluster.docker("restart", name), cluster.names))


def nodes_down_and_up(cluster: Cluster) -> None:
    """The NFS server is no node, and goes on."""
    names = cluster.names
    (nfs,) = set(cluster.machines) - set(names)
    started = cluster.docker("inspect", "--format", "{{.State.StartedAt}}", nfs)
    cluster.make("nodes-down")
    assert {cluster.docker("inspect", "--format", "{{.State.Status}}", name) for name in names} == {"exited"}
    cluster.make("nodes-up")
    # It waits for all of them.
    cluster.assert_healthy()
    assert cluster.docker("inspect", "--format", "{{.State.StartedAt}}", nfs) == started


def swarm_down_and_up(cluster: Cluster) -> None:
    machines = set(cluster.machines)
    start = cluster.docker("exec", cluster.names[0], "date", "+%s")
    cluster.make("swarm-down")
    running = set(cluster.docker("ps", "--format", "{{.Names}}").split())
    assert not running & machines
    # One that leaves while the others do is not heard, and waits five seconds for that.
    assert not [name for name in cluster.names if "timed out broadcasting node event" in cluster.log(name, start)]
    cluster.make("swarm-up")


@pytest.mark.parametrize("what", [kill_and_start, restart, nodes_down_and_up, swarm_down_and_up])
def test_all_nodes_return(
    cluster: Cluster, before: dict[str, str], steady: str, what: Callable[[Cluster], None]
) -> None:
    swarm, tasks = cluster.swarm_id(), cluster.tasks(steady)
    what(cluster)
    assert cluster.heals() == before
    assert cluster.swarm_id() == swarm
    now = until("the tasks to run again", lambda: (t := cluster.tasks(steady)).keys() == before.keys() and t, 40)
    assert not set(now.values()) & set(tasks.values()), "a task that was running before cannot be running still"
    assert cluster.play("swarm-up").changed == 0


def test_a_node_keeps_its_tasks_when_its_containerd_ends(
    cluster: Cluster, before: dict[str, str], steady: str, tiny: str
) -> None:
    tasks, node = cluster.tasks(steady), cluster.names[-1]
    cluster.inside(node, "sh", "-c", "kill -9 $(pidof containerd)")
    assert cluster.heals() == before
    words = ("docker", "run", "--rm", tiny, "sh", "-c", "echo well")
    until("a container to run there again", lambda: cluster.inside(node, *words) == "well", 40)
    assert cluster.tasks(steady) == tasks
