# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Failures that are rehearsed: what is told of them is what happened, and they can be undone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from harness import Cluster, kill, until


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


def drilled(cluster: Cluster, node: str, how: str, seconds: int = 120) -> dict[str, Any]:
    """What is told of a fault, which is undone as soon as the swarm has made the best of it."""
    options = {"how": how, "seconds": seconds, "format": "json", "swarm_drill_early": True, "swarm_drill_image": ""}
    (seen,) = json.loads(cluster.play("test-failure", node=node, **options).printed)
    return dict(seen)


def in_order(cluster: Cluster, service: str) -> bool:
    listed = cluster.inside(cluster.names[0], "docker", "service", "ls", "--format", "{{.Name}} {{.Replicas}}")
    return {f"{service} 2/2", "jupyter 1/1"} <= {" ".join(line.split()[:2]) for line in listed.splitlines()}


@pytest.mark.parametrize("how", ["kill", "hang", "partition"])
def test_a_node_that_is_lost_is_noticed_and_replaced_and_comes_back(
    cluster: Cluster, before: dict[str, str], service: str, nodes: dict[str, str], how: str
) -> None:
    told = drilled(cluster, "chimera", how)
    assert told["noticed"] > 0 and "down" in told["seen_as"], told
    assert [(one["from"], one["to"]) for one in told["moved"] if one["task"].startswith(service)] == [
        (nodes["chimera"], nodes["cerberus"])
    ], told
    (waits,) = told["pending"]
    assert waits["task"] == "jupyter.1" and "needs node.labels.workload == jupyter" in waits["reason"]
    assert told["order_after"] is not None and told["lacking"] == [] and told["trouble"] == "", told
    assert cluster.heals() == before
    assert in_order(cluster, service)


def test_what_the_swarm_does_not_see_is_told_so_and_an_engine_that_is_killed_returns(
    cluster: Cluster, before: dict[str, str], service: str, nodes: dict[str, str]
) -> None:
    """A firewall's reload; a full disk, which this computer shares and which is therefore not filled; a crash."""
    flushed = drilled(cluster, "chimera", "flush", 2)
    assert flushed["moved"] == [] and flushed["order_after"] is not None, flushed
    full = drilled(cluster, "chimera", "disk-full", 2)
    assert "shares its file system" in " ".join(full["notes"]) and full["trouble"] == "", full
    crashed = drilled(cluster, "chimera", "engine")
    assert crashed["healed_after"] is not None or crashed["order_after"] is not None, crashed
    assert cluster.heals() == before
    rules = cluster.inside(nodes["chimera"], "iptables-save")
    assert "-A FORWARD -j DOCKER-USER" in rules and "HYDRA-DRILL" not in rules


@pytest.mark.parametrize("how", ["kill", "partition"])
def test_a_fault_ends_by_itself_when_its_command_was_killed(
    cluster: Cluster, before: dict[str, str], nodes: dict[str, str], how: str
) -> None:
    chimera = nodes["chimera"]

    def broken() -> bool:
        running = cluster.docker("inspect", "--format", "{{.State.Running}}", chimera) == "true"
        return not running if how == "kill" else "HYDRA-DRILL" in cluster.inside(chimera, "iptables-save")

    run = cluster.start("test-failure", node="chimera", how=how, seconds=10, swarm_drill_image="")
    until("the fault", broken)
    kill(run)
    until("its end", lambda: not broken())
    assert cluster.heals() == before
    # What it left to be told is taken away by whoever restores.
    cluster.make("restore-node", "NODE=all")
    assert cluster.play("swarm-up").changed == 0


def test_everything_is_undone_at_once(
    cluster: Cluster, before: dict[str, str], nodes: dict[str, str], nfs: str
) -> None:
    """Whoever made it: by hand, by a drill whose command was killed, a drain."""
    run = cluster.start("test-failure", node="cerberus", how="hang", seconds=600, swarm_drill_image="")
    stopped = ("sh", "-c", "grep State /proc/$(cat /run/docker.pid)/status")
    until("an engine that hangs", lambda: "stopped" in cluster.inside(nodes["cerberus"], *stopped))
    kill(run)
    cluster.inside(nodes["hydra"], "docker", "node", "update", "--availability", "drain", nodes["chimera"])
    cluster.docker("pause", nodes["chimera"])
    cluster.docker("stop", "-t", "1", nfs)
    cluster.make("restore-node", "NODE=all")
    assert cluster.heals() == before
    assert cluster.docker("inspect", "--format", "{{.State.Running}}", nfs) == "true"
    assert cluster.play("swarm-up").changed == 0


def test_the_only_manager_is_away(cluster: Cluster, before: dict[str, str], service: str) -> None:
    """Nobody moves anything, and that is said; tasks go on."""
    told = drilled(cluster, "hydra", "pause", 6)
    assert told["noticed"] is None and told["silent"] > 0 and told["moved"] == [], told
    assert "the only manager" in " ".join(told["notes"])
    assert cluster.heals() == before


def test_a_leader_is_lost(three: Cluster, nodes: dict[str, str]) -> None:
    """Of three managers two go on, one of them leads, and the third is taken in again."""
    before = three.heals()
    leader = next(name for name in three.names if "Leader" in line_of(three, name))
    told = drilled(three, leader, "kill")
    assert "unreachable" in told["seen_as"] and told["order_after"] is not None, told
    assert three.heals() == before


def line_of(cluster: Cluster, node: str) -> str:
    listed = cluster.inside(cluster.names[0], "docker", "node", "ls", "--format", "{{.Hostname}} {{.ManagerStatus}}")
    return next(line for line in listed.splitlines() if line.split()[0] == node)
