# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever somebody did to the machines, one swarm-up mends it, and what it cannot mend it names, when it has mended the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from harness import OWNER, Cluster, until

MADE_AS = "hydra.swarm.made-as"
PLACE = "/exports/student-volumes/kept-by-a-test"


@pytest.fixture
def stored(cluster: Cluster, nfs: str) -> Iterator[str]:
    """What is on the NFS server; every node has its storage mounted."""
    cluster.inside(nfs, "sh", "-c", f"echo kept > {PLACE}")
    yield "kept"
    assert cluster.inside(cluster.names[-1], "cat", PLACE) == "kept"
    cluster.inside(nfs, "rm", PLACE)


def beside(cluster: Cluster, machine: str, name: str, ours: bool = True) -> None:
    """A second container with the machine's volume where its data is; it is not started."""
    shown = json.loads(cluster.docker("inspect", machine))[0]
    labels = {key: shown["Config"]["Labels"][key] for key in (OWNER, MADE_AS)} if ours else {}
    words = [word for key, value in labels.items() for word in ("--label", f"{key}={value}")]
    cluster.docker(
        "create", "--name", name, *words, "--volume", f"{machine}-data:/var/lib/docker", shown["Image"], "sh"
    )


def test_containers_that_were_renamed_doubled_or_connected_otherwise(
    cluster: Cluster, before: dict[str, str], nodes: dict[str, str], nfs: str, stored: str
) -> None:
    chimera, cerberus, network = (
        nodes["chimera"],
        nodes["cerberus"],
        cluster.machines[nfs]["dind_cluster_network"]["name"],
    )
    other, second = f"{chimera}-renamed", f"{cerberus}-second"
    try:
        beside(cluster, chimera, second, ours=False)
        refused = cluster.play("swarm-up", check=False)
        assert refused.status != 0 and refused.changed == 0
        assert (
            f"nothing was touched: container '{second}' has the volume {chimera}-data of {chimera} as its data"
            in refused.said
        )
        cluster.docker("rm", second)

        identity = cluster.docker("inspect", "--format", "{{.Id}}", chimera)
        cluster.docker("rename", chimera, other)
        beside(cluster, cerberus, second)
        # Without an address of its own: whatever is free.
        cluster.docker("network", "disconnect", network, cerberus)
        cluster.docker("network", "connect", network, cerberus)
        mended = cluster.play("swarm-up")
        for words in (
            f"{chimera}: rename (somebody renamed its container, to {other})",
            f"{cerberus}: remove-others, remove, create, settings, start (a second container on its volume: {second}; address: ",
        ):
            assert words in mended.said, mended.output
        assert cluster.docker("inspect", "--format", "{{.Id}}", chimera) == identity
        assert not cluster.succeeds("container", "inspect", second)
        assert cluster.heals() == before
        assert cluster.play("swarm-up").changed == 0
    finally:
        for name in (second, other):
            cluster.docker("rm", "--force", name, check=False)


def test_what_was_stopped_goes_on_and_what_hangs_is_started_anew(
    cluster: Cluster, before: dict[str, str], nodes: dict[str, str], nfs: str, stored: str
) -> None:
    """An engine without its socket has run long enough to know that nobody will be answered; the directories of exports are gone."""
    manager, chimera, cerberus = nodes["hydra"], nodes["chimera"], nodes["cerberus"]
    exports = [export["path"] for export in cluster.machines[nfs]["nfs_server_exports"]]
    empty = next(path for path in exports if not path.endswith("student-volumes"))
    cluster.inside(manager, "sh", "-c", "kill -STOP $(pidof dockerd)")
    cluster.inside(chimera, "sh", "-c", "kill -STOP $(pidof containerd)")
    cluster.inside(cerberus, "rm", "/run/docker.sock")
    cluster.inside(nfs, "rmdir", empty)
    mended = cluster.play("swarm-up")
    for words in (
        f"{manager}: wake (what it runs: somebody had stopped dockerd (SIGSTOP))",
        f"{chimera}: wake (what it runs: somebody had stopped containerd (SIGSTOP))",
        "s it was waited for in vain: the engine's socket)",
    ):
        assert words in mended.said, mended.output
    assert cluster.heals() == before

    # What the server holds open is served as stale, and without it the server would not even start.
    cluster.inside(nfs, "rmdir", empty)
    cluster.docker("restart", "--time", "5", nfs)
    cluster.inside(chimera, "rmdir", empty, check=False)
    cluster.play("swarm-up")
    address = cluster.machines[nfs]["swarm_node_address"]
    for path in exports:
        cluster.inside(chimera, "timeout", "20", "nfs-ls", f"nfs://{address}{path}?version=4")
    assert cluster.play("swarm-up").changed == 0
    assert cluster.heals() == before


def test_what_cannot_be_mended_is_named_once_the_rest_is_and_who_was_drained_stays_so(
    cluster: Cluster, before: dict[str, str], nodes: dict[str, str], nfs: str, stored: str
) -> None:
    manager, chimera, cerberus = nodes["hydra"], nodes["chimera"], nodes["cerberus"]
    cluster.inside(manager, "docker", "node", "update", "--availability", "drain", cerberus)
    cluster.docker("rm", "--force", cerberus)
    cluster.docker("volume", "rm", f"{cerberus}-data")
    cluster.inside(chimera, "sh", "-c", "echo nonsense > /var/lib/docker/volumes/metadata.db; kill $(pidof dockerd)")
    cluster.inside(nfs, "mv", "/usr/bin/ganesha.nfsd", "/usr/bin/gone")
    cluster.docker("restart", "--time", "5", nfs)
    try:
        told = cluster.play("swarm-up", check=False)
        assert told.status != 0 and "The swarm is up" not in told.said
        for words in (
            "2 promise(s) of the inventory are not kept:",
            f"- {chimera}: what it runs ends as soon as it is started",
            "error while opening volume store metadata database (/var/lib/docker/volumes/metadata.db): invalid database",
            f"- {nfs}: what it runs ends as soon as it is started",
        ):
            assert words in told.said, told.output
        back = until("the other one to be back", lambda: (one := cluster.nodes()[cerberus]).status == "ready" and one)
        assert (back.availability, back.id != before[cerberus]) == ("drain", True)
        assert back.labels["workload"] == "ollama"
    finally:
        cluster.docker("rm", "--force", chimera, nfs)
        cluster.docker("volume", "rm", f"{chimera}-data")
        cluster.play("swarm-up")
        cluster.play("restore-node", node="cerberus")
    after = cluster.heals()
    assert after[manager] == before[manager]
    assert cluster.play("swarm-up").changed == 0
