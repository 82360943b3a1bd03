# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What becomes of a swarm over the years: its own settings change, nodes leave it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from harness import TINY, Cluster, until


def told(cluster: Cluster, leader: str) -> dict[str, Any]:
    """Swarm's own settings, as docker says them."""
    spec = json.loads(cluster.inside(leader, "docker", "info", "--format", "{{json .Swarm.Cluster.Spec}}"))
    return {
        "heartbeat": spec["Dispatcher"]["HeartbeatPeriod"] / 1e9,
        "task_history": spec["Orchestration"]["TaskHistoryRetentionLimit"],
        "snapshot_interval": spec["Raft"]["SnapshotInterval"],
    }


def test_settings_of_swarm_follow_the_inventory_and_others_stay(cluster: Cluster, nodes: dict[str, str]) -> None:
    leader = nodes["hydra"]
    assert told(cluster, leader)["heartbeat"] == 1  # the development cluster's
    cluster.inside(leader, "docker", "swarm", "update", "--task-history-limit", "3")  # by hand, and in no inventory
    refused = cluster.play("swarm-up", check=False, swarm_node_swarm_settings={"heartbeat": "5"})
    assert refused.status != 0
    assert "swarm_node_swarm_settings: heartbeat '5' is not a duration of at least 1s" in refused.said
    wanted = {"heartbeat": "2s", "snapshot_interval": 9000}
    assert cluster.play("swarm-up", swarm_node_swarm_settings=wanted).changed == 1
    assert told(cluster, leader) == {"heartbeat": 2, "task_history": 3, "snapshot_interval": 9000}
    back = {"heartbeat": "1s", "task_history": 5, "snapshot_interval": 10000}
    assert cluster.play("swarm-up", swarm_node_swarm_settings=back).changed == 1
    assert cluster.play("swarm-up").changed == 0


def test_a_node_leaves_for_good_alive_and_dead(
    cluster: Cluster, nodes: dict[str, str], tiny: str, tmp_path: Path
) -> None:
    leader = nodes["hydra"]
    name = leader.replace("hydra", "orthrus")
    network = cluster.machines[leader]["swarm_node_address"].rpartition(".")[0]
    host = {"swarm_node_name": name, "swarm_node_address": f"{network}.40", "swarm_node_labels": {"role": "worker"}}
    path = tmp_path / "orthrus.yml"
    path.write_text(json.dumps({"all": {"children": {"workers": {"hosts": {"orthrus": host}}}}}), encoding="utf-8")
    four = Cluster(*cluster.inventories, path)
    four.play("swarm-up")

    refused = cluster.make("node-remove", "NODE=hydra", "FORCE=1", check=False)
    assert refused.status != 0
    assert f"{leader} stays: this would cost the swarm its quorum: {leader} is the last manager" in refused.said

    # Alive, and with a task that can move.
    four.pour(four.pour(b"", leader, "docker", "save", TINY), name, "docker", "load", "-q")
    four.inside(
        leader, "docker", "service", "create", "--detach", "--no-resolve-image", "--name", "moves", "--constraint",
        f"node.hostname=={name}", tiny, "sh", "-c", "while :; do sleep 1; done",
    )  # fmt: skip
    until("the task to run", lambda: list(four.tasks("moves")) == [name])
    four.inside(leader, "docker", "service", "update", "--detach", "--constraint-rm", f"node.hostname=={name}",
                "--constraint-add", "node.role==worker", "moves")  # fmt: skip
    until("the task to run as it is now wanted", lambda: four.tasks("moves"))
    gone = four.play("node-remove", node="orthrus", confirm="yes")
    assert (
        f"{name} is out of the swarm, and its machine and volume are removed. The inventory still has it" in gone.said
    )
    until("the task to run elsewhere", lambda: four.tasks("moves") and name not in four.tasks("moves"))
    four.inside(leader, "docker", "service", "rm", "moves")
    assert sorted(cluster.nodes()) == sorted(cluster.names)
    assert not cluster.succeeds("docker", "container", "inspect", name)
    assert not cluster.succeeds("docker", "volume", "inspect", f"{name}-data")

    # Dead, and taken out of the inventory.
    four.play("swarm-up")
    cluster.docker("kill", name)
    told = cluster.play("swarm-up")
    assert f"In the swarm, not in the inventory: {name} (" in told.said
    assert f"Take it out with: make node-remove NODE={name}" in told.said
    assert f"it is not in the inventory: make node-remove NODE={name}" in cluster.play("swarm-status").said
    unanswered = cluster.make("node-remove", f"NODE={name}", check=False)
    assert unanswered.status != 0
    assert "Nothing was done." in unanswered.said
    assert name in cluster.nodes()
    cluster.make("node-remove", f"NODE={name}", "FORCE=1")
    assert sorted(cluster.nodes()) == sorted(cluster.names)
    assert not cluster.succeeds("docker", "container", "inspect", name)
    assert not cluster.succeeds("docker", "volume", "inspect", f"{name}-data")
    again = cluster.play("swarm-up")
    assert again.changed == 0
    assert "not in the inventory" not in again.said
