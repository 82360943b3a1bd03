# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From nothing to a cluster, whatever interrupts it; and back to nothing, whatever is left of it."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from engine import SUDO, PrivateEngine
from harness import Cluster, kill, until

MANAGER = "test-hydra-node"
MOMENTS: dict[str, Callable[[Cluster], bool]] = {
    "when the network is there": lambda there: there.succeeds("network", "inspect", "hydra-test"),
    "when a container runs": lambda there: bool(there.docker("ps", "-q")),
    "when the manager has a swarm": lambda there: there.inside(
        MANAGER, "docker", "info", "--format", "{{.Swarm.LocalNodeState}}"
    ) == "active",
    "when a worker has joined": lambda there: len(there.nodes()) > 1,
}  # fmt: skip


def everything(there: Cluster) -> list[str]:
    """All containers, networks and volumes, whoever made them."""
    lists = (("ps", "-aq", "--no-trunc"), ("network", "ls", "-q", "--no-trunc"), ("volume", "ls", "-q"))
    return [line for command in lists for line in there.docker(*command).splitlines()]


def is_so(there: Cluster, moment: str) -> bool:
    try:
        return MOMENTS[moment](there)
    except subprocess.CalledProcessError:  # nothing there yet that could be asked
        return False


def test_killed_again_and_again_while_it_is_made(alone: Cluster) -> None:
    """Each run finds what the one before it has left, gets further, and is killed there; the last one makes the cluster."""
    nothing = everything(alone)
    for moment in MOMENTS:
        if is_so(alone, moment):  # the run before was killed as late as that
            continue
        run = alone.start("swarm-up")
        until(moment, lambda moment=moment: is_so(alone, moment), 60)
        assert run.poll() is None, f"the run was over before it could be killed {moment}"
        kill(run)
    alone.play("swarm-up")
    alone.assert_healthy()
    assert alone.play("swarm-up").changed == 0
    assert alone.make("swarm-clean", "FORCE=1", "KEEP_IMAGE=1").status == 0
    assert everything(alone) == nothing


def test_two_runs_make_one_cluster(alone: Cluster) -> None:
    first, second = alone.start("swarm-up"), alone.start("swarm-up")
    assert [run.wait(timeout=120) for run in (first, second)] == [0, 0]
    alone.assert_healthy()


def test_it_survives_the_engine_it_runs_on(standing: Cluster, engine: PrivateEngine) -> None:
    ids, swarm = standing.assert_healthy(), standing.swarm_id()
    for ends in (engine.stop, engine.power_failure):
        ends()
        engine.start()
        assert (standing.heals(90), standing.swarm_id()) == (ids, swarm), ends
    # Of an engine that crashes and leaves its containers running, the next one stops them and takes that for an order.
    engine.stop(signal.SIGKILL)
    engine.start()
    standing.play("swarm-up")
    assert (standing.heals(90), standing.swarm_id()) == (ids, swarm)


def test_nothing_is_removed_without_a_yes(standing: Cluster) -> None:
    before = everything(standing)
    refused = standing.make("swarm-clean", check=False)
    assert refused.status != 0
    assert "Nothing was removed of cluster hydra-test (machines test-cerberus-node, " in refused.said
    assert "test-nfs-server-data" in refused.said and "FORCE=1" in refused.said
    assert everything(standing) == before


def test_clean_removes_what_is_left_and_only_what_is_ours(standing: Cluster, engine: PrivateEngine) -> None:
    standing.docker("rm", "--force", "test-chimera-node")
    standing.docker("volume", "rm", "test-chimera-node-data")
    # Somebody else's, under names of ours.
    image = standing.docker("inspect", "--format", "{{.Image}}", MANAGER)
    standing.docker("container", "create", "--name", "test-chimera-node", "--entrypoint", "true", image)
    standing.docker("volume", "create", "test-chimera-node-data")
    standing.docker("network", "create", "--subnet", "172.31.243.0/24", "hydra-test-not")
    foreign = {"test-chimera-node", "test-chimera-node-data", "hydra-test-not"}
    try:
        standing.make("swarm-clean", "FORCE=1", "KEEP_IMAGE=1")
        left = standing.footprint()
        assert {name for kind in left.values() for name in kind} == foreign
        assert standing.make("swarm-clean", "FORCE=1", "KEEP_IMAGE=1").status == 0
    finally:
        standing.docker("rm", "test-chimera-node")
        standing.docker("volume", "rm", "test-chimera-node-data")
        standing.docker("network", "rm", "hydra-test-not")


def test_more_workers_and_three_managers_are_a_matter_of_inventory(standing: Cluster, tmp_path: Path) -> None:
    more = {
        "managers": ("ladon", "scylla"),
        "workers": ("orthrus",),
    }
    address = iter(range(40, 100, 10))
    groups = {
        group: {
            "hosts": {
                h: {"swarm_node_name": f"test-{h}", "swarm_node_address": f"172.31.240.{next(address)}"} for h in hosts
            }
        }
        for group, hosts in more.items()
    }
    (tmp_path / "more.yml").write_text(json.dumps({"all": {"children": groups}}))
    before = standing.assert_healthy()
    grown = standing.but(tmp_path / "more.yml")
    grown.play("swarm-up")
    after = grown.assert_healthy()
    assert {name: after[name] for name in before} == before
    assert len(after) == 6
    assert grown.play("swarm-up").changed == 0

    # Three managers outlive the first; two of them take it in again when it comes back.
    standing.docker("kill", MANAGER)
    until("another leader", lambda: "Leader" in grown.inside("test-ladon", "docker", "node", "ls"), 60)
    standing.docker("start", MANAGER)
    assert grown.heals(60) == after


def test_clean_where_no_engine_runs(alone: Cluster) -> None:
    no_engine = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /run && exec "$@"', "sh"]
    there = Cluster(stack=[*SUDO, *no_engine])
    assert "could be looked at" in there.play("swarm-clean", "--check", confirm="yes").said
