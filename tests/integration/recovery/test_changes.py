# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was lost, and what was changed in the inventory, is put right by the next swarm-up."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import Cluster, until

CHIMERA, CERBERUS = "test-chimera-node", "test-cerberus-node"
UNLIMITED = 2**63 - 4096  # bytes, as the kernel writes it


def with_hosts(cluster: Cluster, folder: Path, hosts: dict[str, Any]) -> Cluster:
    (folder / "more.yml").write_text(json.dumps({"all": {"hosts": hosts}}))
    return cluster.but(folder / "more.yml")


@pytest.fixture
def on_chimera(cluster: Cluster, tiny: str) -> Iterator[str]:
    """A service that runs there, and one whose image is nowhere; both name it by its ID, as deployed stacks do."""
    manager = cluster.names[0]
    for name, image in (("kept", tiny), ("lost", f"sha256:{'0' * 64}")):
        cluster.inside(
            manager, "docker", "service", "create", "--detach", "--no-resolve-image", "--name", name, "--endpoint-mode",
            "dnsrr", "--constraint", f"node.hostname=={CHIMERA}", "--label", f"hydra.swarm.image=app/{name}:1", "--label",
            "com.docker.stack.namespace=web", "--restart-delay", "1s", image, "sleep", "86400",
        )  # fmt: skip
    until("a task", lambda: cluster.tasks("kept"), 30)
    yield "kept"
    cluster.inside(manager, "docker", "service", "rm", "kept", "lost", check=False)


def test_a_wiped_node_rejoins_and_leaves_no_ghost_and_no_secret_and_a_second_run_waits(
    cluster: Cluster, before: dict[str, str], on_chimera: str, tmp_path: Path
) -> None:
    """Its images come from another node, for this computer has none; what nobody has is named, and the swarm not called up."""
    cluster.docker("rm", "--force", CHIMERA)
    cluster.docker("volume", "rm", f"{CHIMERA}-data")
    with (tmp_path / "printed").open("w") as printed:
        first = cluster.start("swarm-up", "-vvv", printed=printed)
    until("the first to make the node", lambda: cluster.succeeds("container", "inspect", CHIMERA), 60)
    second = cluster.play("swarm-up", check=False)
    assert first.wait(timeout=120) != 0
    assert second.status != 0 and second.changed == 0
    lacking = f"service lost lacks its image app/lost:1 (sha256:{'0' * 12})"
    assert lacking in second.said and "STACK=web" in second.said and "The swarm is up" not in second.said, second.output
    until("its task to run again", lambda: cluster.tasks(on_chimera), 30)
    after = cluster.assert_healthy()
    assert after.pop(CHIMERA) != before.pop(CHIMERA)
    assert after == before

    output = (tmp_path / "printed").read_text()
    assert lacking in " ".join(output.replace("\\n", " ").split())
    assert re.search(r"changed: \[chimera\]", output), "the node did not join in this run"
    for role in ("worker", "manager"):
        token = cluster.inside(cluster.names[0], "docker", "swarm", "join-token", "-q", role)
        assert token.startswith("SWMTKN-")
        assert token not in output
        assert token.rsplit("-", 1)[1] not in output
    assert "SWMTKN" not in output


def test_a_node_whose_container_alone_was_removed_is_the_same_node(cluster: Cluster, before: dict[str, str]) -> None:
    cluster.docker("rm", "--force", CHIMERA)
    cluster.play("swarm-up")
    assert cluster.assert_healthy() == before


def test_labels_follow_the_inventory(cluster: Cluster, before: dict[str, str], tmp_path: Path) -> None:
    changed = with_hosts(
        cluster, tmp_path, {"chimera": {"swarm_node_labels": {"role": "worker", "rack": 7, "spare": ""}}}
    )
    try:
        assert changed.play("swarm-up").changed == 1
        assert cluster.nodes()[CHIMERA].labels == {"role": "worker", "rack": "7", "spare": "", "gpu": "true"}
    finally:
        cluster.play("swarm-up")
    assert cluster.nodes()[CHIMERA].labels == {"role": "worker", "gpu": "true", "workload": "jupyter"}


def test_caps_change_in_place_and_settings_by_a_restart(
    cluster: Cluster, before: dict[str, str], tmp_path: Path
) -> None:
    container = cluster.docker("inspect", "--format", "{{.Id}}", CHIMERA)
    values = {"dind_node_memory": "1g", "dind_node_cpus": 0.5, "dind_node_settings": {"labels": ["rack=7"]}}
    changed = with_hosts(cluster, tmp_path, {"chimera": values})
    try:
        changed.play("swarm-up")
        shown = cluster.docker(
            "inspect", "--format", "{{.Id}} {{.HostConfig.Memory}} {{.HostConfig.CpuQuota}}", CHIMERA
        )
        assert shown == f"{container} {2**30} 50000"
        assert json.loads(cluster.inside(CHIMERA, "docker", "info", "--format", "{{json .Labels}}")) == ["rack=7"]
        assert changed.assert_healthy() == before
    finally:
        cluster.play("swarm-up")
    identity, memory = cluster.docker("inspect", "--format", "{{.Id}} {{.HostConfig.Memory}}", CHIMERA).split()
    assert identity == container
    assert int(memory) in (0, UNLIMITED)
    assert cluster.play("swarm-up").changed == 0
    assert cluster.heals() == before


def test_an_engine_that_does_not_start_is_quoted(cluster: Cluster, before: dict[str, str], tmp_path: Path) -> None:
    """dockerd --validate finds nothing wrong with a storage driver that there is not."""
    changed = with_hosts(cluster, tmp_path, {"chimera": {"dind_node_settings": {"storage-driver": "nonsense"}}})
    try:
        ran = changed.play("swarm-up", check=False, dind_cluster_timeout=20)
        assert ran.status != 0
        for words in (
            f"{CHIMERA}: what it runs ends as soon as it is started",
            "failed to start daemon: error initializing graphdriver: driver not supported: nonsense",
            f"All of it: docker logs {CHIMERA}",
        ):
            assert words in ran.said, ran.output
    finally:
        cluster.play("swarm-up")
    assert cluster.heals() == before


def test_what_somebody_did_to_nodes_is_told_and_undone(cluster: Cluster, before: dict[str, str]) -> None:
    """One has lost its engine's rules, the manager resolves no names, and one is paused; all of them run."""
    manager = cluster.names[0]
    cluster.inside(CERBERUS, "sh", "-c", "iptables -F && iptables -t nat -F && iptables -t mangle -F && hostname lerna")
    cluster.inside(manager, "sh", "-c", "echo nameserver 127.0.0.9 > /etc/resolv.conf")
    told = cluster.play("swarm-status")
    # The swarm lists it under either name, by whether its engine has noticed.
    gone = rf"({CERBERUS}|lerna) the engine's rules are gone \(filter: DOCKER-USER, nat: DOCKER, "
    assert re.search(gone, told.said), told.output
    for words in (
        "the rules that keep containers from the cluster's machines are gone",
        f"somebody changed its host name to lerna: it is {CERBERUS} in the inventory",
        f"{manager} it resolves no names: none of the servers in its /etc/resolv.conf answers (127.0.0.9). Mend it with: "
        "make swarm-up",
    ):
        assert words in told.said, told.output
    cluster.docker("pause", CHIMERA)
    mended = cluster.play("swarm-up")
    assert mended.changed >= 1
    assert f"{CERBERUS}: restart (its network: the engine's rules are gone" in mended.said, mended.output
    assert cluster.heals() == before
    assert cluster.inside(manager, "getent", "hosts", CERBERUS), "no name is resolved"
    rules = cluster.inside(CERBERUS, "iptables-save")
    assert all(chain in rules for chain in ("-j DOCKER-USER", "-j HYDRA-SWARM-IN", "-j MASQUERADE"))


def test_a_deleted_overlay_network_is_made_again(cluster: Cluster, before: dict[str, str]) -> None:
    cluster.inside(cluster.names[0], "docker", "network", "rm", "hydra_students_net")
    assert cluster.play("swarm-up").changed == 1
    assert "hydra_students_net" in cluster.inside(cluster.names[0], "docker", "network", "ls", "--format", "{{.Name}}")


def test_a_network_that_is_not_as_the_inventory_says_is_told_and_left_alone(
    cluster: Cluster, before: dict[str, str]
) -> None:
    manager = cluster.names[0]
    network = cluster.inside(manager, "docker", "network", "inspect", "--format", "{{.ID}}", "hydra_public")
    labelled = [{"name": "hydra_public", "labels": {"team": "ml"}}]
    ran = cluster.play("swarm-up", check=False, swarm_network_networks=labelled)
    assert ran.status != 0
    assert "network hydra_public exists and differs: label team is missing, not 'ml'. It is not made anew" in ran.said
    assert cluster.inside(manager, "docker", "network", "inspect", "--format", "{{.ID}}", "hydra_public") == network
    assert cluster.assert_healthy() == before
