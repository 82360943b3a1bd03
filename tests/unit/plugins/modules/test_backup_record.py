# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.modules import backup_record


def test_the_time_becomes_a_label_and_all_else_stays(call: Any, swarm: Any) -> None:
    spec = swarm.answers["/swarm"]["Spec"]
    spec.update(Labels={"mine": "x"}, Raft={"SnapshotInterval": 5})
    result = call(backup_record, taken=7)
    assert (result["changed"], result["taken"]) == (True, 7)
    wanted = {"Name": "default", "Labels": {"mine": "x", "hydra.swarm.backup": "7"}, "Raft": {"SnapshotInterval": 5}}
    assert swarm.posted == [("POST", "/swarm/update", wanted)]


def test_an_earlier_time_changes_nothing(call: Any, swarm: Any) -> None:
    swarm.answers["/swarm"]["Spec"]["Labels"]["hydra.swarm.backup"] = "9"
    result = call(backup_record, taken=7)
    assert (result["changed"], result["taken"], swarm.posted) == (False, 9, [])


def test_a_rehearsal_writes_nothing(call: Any, swarm: Any) -> None:
    assert call(backup_record, check=True, taken=7)["changed"] is True
    assert swarm.posted == []


def test_an_error_is_told(call: Any, swarm: Any) -> None:
    swarm.refuses["/swarm/update"] = EngineError("docker POST /swarm/update: no")
    assert call(backup_record, taken=7)["msg"] == "docker POST /swarm/update: no"


def test_a_worker_says_whom_to_ask(call: Any, swarm: Any) -> None:
    swarm.worker()
    assert "run this on a manager" in call(backup_record, taken=7)["msg"]
