# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A swarm that its only manager has lost: swarm-up stops, says what is left, and makes a new one only when told to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from harness import Cluster, Ran, until

FOLDER = "/var/lib/docker/swarm"
LOST = "this manager has lost its swarm"
RESTORE = f"To restore it: stop this engine, put a copy of {FOLDER} in its place, start the engine, run again."
RECOVER = "run 'docker swarm init' on this manager"
NEW = "run once with -e swarm_node_new_swarm=yes"


def swarm_state(cluster: Cluster, node: str) -> str:
    return cluster.inside(node, "docker", "info", "--format", "{{.Swarm.LocalNodeState}}")


def loses(cluster: Cluster, what: str) -> None:
    """The manager's engine starts without something that it has stored."""
    manager = cluster.names[0]
    cluster.docker("stop", manager)
    beside(cluster, f"rm -rf {what}")
    cluster.docker("start", manager)
    until("its engine to be in no swarm", lambda: swarm_state(cluster, manager) == "inactive")


def beside(cluster: Cluster, command: str) -> None:
    """A shell with the data of the manager, whose engine does not run."""
    manager = cluster.names[0]
    image = cluster.docker("inspect", "--format", "{{.Image}}", manager)
    cluster.docker("run", "--rm", "--volumes-from", manager, "--entrypoint", "sh", image, "-ec", command)


def wiped(cluster: Cluster) -> None:
    cluster.docker("rm", "--force", cluster.names[0])
    cluster.docker("volume", "rm", f"{cluster.names[0]}-data")


def refused(cluster: Cluster, *words: str, **extra: str) -> Ran:
    ran = cluster.play("swarm-up", check=False, **extra)
    assert ran.status != 0
    for word in (LOST, RESTORE, NEW, ", ".join(cluster.names[1:]), *words):
        assert word in ran.said, ran.output
    assert swarm_state(cluster, cluster.names[0]) == "inactive"
    return ran


@pytest.fixture
def kept(cluster: Cluster, before: dict[str, str], tiny: str) -> Iterator[Callable[[], str]]:
    """What a service on a worker has written into its volume, read there without the service."""
    manager, *_others, worker = cluster.names
    cluster.inside(
        manager, "docker", "service", "create", "--detach", "--no-resolve-image", "--name", "kept", "--constraint",
        f"node.hostname=={worker}", "--endpoint-mode", "dnsrr", "--network", "hydra_public", "--mount",
        "type=volume,source=kept,target=/kept", tiny, "sh", "-c", "hostname > /kept/by; exec sleep 86400",
    )  # fmt: skip
    where = cluster.inside  # the node's own engine has it, whatever becomes of the swarm
    read = ("docker", "run", "--rm", "--volume", "kept:/kept", tiny, "cat", "/kept/by")
    until("the service to have written", lambda: where(worker, *read))
    yield lambda: where(worker, *read)
    cluster.inside(manager, "docker", "service", "rm", "kept", check=False)
    until("nobody to use its volume", lambda: where(worker, "docker", "volume", "rm", "--force", "kept") == "kept")


@pytest.mark.parametrize("what", ["certificates", "volume"])
def test_a_swarm_that_is_lost_is_not_replaced_in_silence(
    cluster: Cluster, before: dict[str, str], kept: Callable[[], str], what: str
) -> None:
    written, worker = kept(), cluster.names[-1]
    containers = cluster.inside(worker, "docker", "ps", "-q", "--filter", "name=kept")
    assert containers
    if what == "volume":
        wiped(cluster)
    else:
        loses(cluster, f"{FOLDER}/certificates")
    try:
        refused(cluster)
        # What runs goes on.
        assert cluster.inside(worker, "docker", "ps", "-q", "--filter", "name=kept") == containers
        assert {swarm_state(cluster, name) for name in cluster.names[1:]} <= {"active", "pending"}
    finally:
        cluster.play("swarm-up", swarm_node_new_swarm="yes")
    after = cluster.assert_healthy()
    assert not set(after.values()) & set(before.values())
    assert kept() == written
    assert cluster.inside(cluster.names[0], "docker", "service", "ls", "-q") == ""
    # A second time there is nothing to do; and where nothing is lost, the word for a new swarm is of no matter.
    again = {"swarm_node_new_swarm": "yes"} if what == "volume" else {}
    assert cluster.play("swarm-up", **again).changed == 0
    assert cluster.assert_healthy() == after


def test_a_copy_brings_all_of_it_back(cluster: Cluster, before: dict[str, str], kept: Callable[[], str]) -> None:
    manager, swarm, copy = cluster.names[0], cluster.swarm_id(), "/var/lib/docker/copy-of-swarm"
    cluster.docker("stop", manager)
    beside(cluster, f"cp -a {FOLDER} {copy}")
    loses(cluster, FOLDER)
    try:
        refused(cluster)
    finally:
        cluster.docker("stop", manager)
        beside(cluster, f"rm -rf {FOLDER}; mv {copy} {FOLDER}")
        cluster.docker("start", manager)
    cluster.play("swarm-up")
    assert cluster.swarm_id() == swarm
    assert cluster.heals() == before
    assert "kept" in cluster.inside(manager, "docker", "service", "ls", "--format", "{{.Name}}").split()
    assert until("its task to run", lambda: cluster.tasks("kept"))


def test_data_that_is_left_is_never_given_up(cluster: Cluster, before: dict[str, str]) -> None:
    """An engine that finds no docker-state.json takes nothing up by itself, though all else is there."""
    swarm, manager = cluster.swarm_id(), cluster.names[0]
    data = f"its data (raft) in {FOLDER}"
    loses(cluster, f"{FOLDER}/docker-state.json")
    try:
        for extra in ({}, {"swarm_node_new_swarm": "yes"}):
            refused(cluster, data, RECOVER, f"move {FOLDER} away", **extra)
        cluster.inside(manager, "cp", "-a", FOLDER, "/root/swarm")
        # The way back that the message names.
        address = cluster.machines[manager]["swarm_node_address"]
        cluster.inside(manager, "docker", "swarm", "init", "--advertise-addr", address)
        cluster.play("swarm-up")
        assert cluster.swarm_id() == swarm
        assert cluster.heals() == before
    finally:
        cluster.inside(manager, "rm", "-rf", "/root/swarm")
