# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.cluster.settings import (
    differing,
    facts,
    merged,
    problems,
    quick,
    spoken,
)

# As an engine tells it: GET /info, Swarm.Cluster.Spec.
SPEC = {
    "Name": "default",
    "Labels": {"kept": "yes"},
    "Orchestration": {"TaskHistoryRetentionLimit": 5},
    "Raft": {"SnapshotInterval": 10000, "KeepOldSnapshots": 0, "HeartbeatTick": 1, "ElectionTick": 10},
    "Dispatcher": {"HeartbeatPeriod": 5_000_000_000},
    "CAConfig": {"NodeCertExpiry": 7_776_000_000_000_000, "ExternalCAs": [{"URL": "https://ca"}]},
    "EncryptionConfig": {"AutoLockManagers": True},
}
FACTS = {"heartbeat": "5s", "task_history": 5, "certificate_expiry": "90d", "snapshot_interval": 10000}


def test_facts_are_written_as_an_inventory_writes_them() -> None:
    assert facts(SPEC) == FACTS
    assert problems(facts(SPEC)) == []
    assert facts({}) == {}


def test_what_is_not_named_stays() -> None:
    made = merged({"heartbeat": "1s", "certificate_expiry": "48h"}, SPEC)
    assert facts(made) == {**FACTS, "heartbeat": "1s", "certificate_expiry": "2d"}
    assert made["CAConfig"]["ExternalCAs"] == SPEC["CAConfig"]["ExternalCAs"]
    kept = ("Name", "Labels", "Orchestration", "Raft", "EncryptionConfig")
    assert {key: made[key] for key in kept} == {key: SPEC[key] for key in kept}
    assert facts(SPEC) == FACTS  # the swarm's own was not written to


def test_a_new_swarm_has_them_from_its_first_moment() -> None:
    assert merged({"heartbeat": "1s"}, {}) == {"Dispatcher": {"HeartbeatPeriod": 1_000_000_000}}
    assert merged({}, {}) == {}


@pytest.mark.parametrize(
    ("wanted", "sentences"),
    [
        ({}, []),
        (FACTS, []),
        ({"certificate_expiry": "2160h", "heartbeat": "5s", "task_history": "5"}, []),
        ({"heartbeat": "1s"}, ["Swarm's heartbeat is 5s, not 1s"]),
        (
            {"task_history": 1, "snapshot_interval": 500},
            ["Swarm's task_history is 5, not 1", "Swarm's snapshot_interval is 10000, not 500"],
        ),
    ],
)
def test_differing(wanted: dict[str, Any], sentences: list[str]) -> None:
    assert differing(wanted, FACTS) == sentences


def test_what_the_swarm_does_not_tell_differs() -> None:
    assert differing({"heartbeat": "1s"}, {"task_history": 5}) == ["Swarm's heartbeat is not told, not 1s"]


@pytest.mark.parametrize(
    ("wanted", "rules"),
    [
        ({}, []),
        ({"heartbeat": "1s", "task_history": 0, "certificate_expiry": "1h", "snapshot_interval": 1}, []),
        (["heartbeat"], ["swarm_node_swarm_settings is no mapping: write it like {heartbeat: 1s}"]),
        (
            {"heartbeats": "1s"},
            ["swarm_node_swarm_settings: heartbeats is no setting of Swarm's; did you mean heartbeat?"],
        ),
        (
            {"ca": "1s"},
            [
                "swarm_node_swarm_settings: ca is no setting of Swarm's; there are heartbeat, task_history, "
                "certificate_expiry, snapshot_interval"
            ],
        ),
        (
            {"heartbeat": 1, "certificate_expiry": "59m", "task_history": -1, "snapshot_interval": "0"},
            [
                "swarm_node_swarm_settings: heartbeat '1' is not a duration of at least 1s, for example heartbeat: 5s",
                "swarm_node_swarm_settings: certificate_expiry '59m' is not a duration of at least 1h, for example "
                "certificate_expiry: 90d",
                "swarm_node_swarm_settings: task_history '-1' is not a number, 0 or more, for example task_history: 5",
                "swarm_node_swarm_settings: snapshot_interval '0' is not a number of entries, 1 or more, for example "
                "snapshot_interval: 10000",
            ],
        ),
        ({"heartbeat": "500ms"}, [
            "swarm_node_swarm_settings: heartbeat '500ms' is not a duration of at least 1s, for example heartbeat: 5s",
        ]),
    ],
)  # fmt: skip
def test_problems(wanted: Any, rules: list[str]) -> None:
    assert problems(wanted) == rules


@pytest.mark.parametrize(("beat", "so"), [("1s", True), ("4s", True), ("5s", False), ("1m", False), (None, False)])
def test_quick(beat: str | None, so: bool) -> None:
    assert quick({"heartbeat": beat} if beat else {}) is so


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [(10**9, "1s"), (90 * 10**9, "90s"), (60 * 10**9, "1m"), (5400 * 10**9, "90m"), (86400 * 10**9, "1d"),
     (1_500_000_000, "1.5s"), (0, "0s")],
)  # fmt: skip
def test_spoken(nanoseconds: int, text: str) -> None:
    assert spoken(nanoseconds) == text
