# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What becomes of a swarm over the years: its own settings change, nodes leave it."""

from __future__ import annotations

import json
from typing import Any

from harness import Cluster


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
