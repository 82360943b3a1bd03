# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The engine of this host is told what it has; that the process ends the fault by itself is tested on a real one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common import world_lock
from ansible_collections.hydra.swarm.plugins.module_utils.drill import world_host
from ansible_collections.hydra.swarm.plugins.module_utils.engine import world_sdk
from ansible_collections.hydra.swarm.plugins.modules import machine_fault

CHIMERA = {"name": "chimera-node", "cluster": "hydra"}


class Client:
    def __init__(self) -> None:
        self.state = {"Status": "running", "Running": True, "Paused": False}
        self.owner, self.told = "hydra", []

    def inspect_container(self, name: str) -> dict[str, Any]:
        return {"Id": "c1", "State": self.state, "Config": {"Labels": {"hydra.swarm.cluster": self.owner}}}

    def start(self, name: str) -> None:
        self.told.append(f"start {name}")

    def unpause(self, name: str) -> None:
        self.told.append(f"unpause {name}")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Client:
    made = Client()
    monkeypatch.setattr(world_sdk, "connect", lambda: made)
    monkeypatch.setattr(world_lock, "directory", lambda: str(tmp_path))
    return made


def test_what_is_of_another_cluster_is_left_alone(call: Any, client: Client) -> None:
    client.owner = ""
    told = call(machine_fault, how="kill", **CHIMERA)
    assert told["msg"] == "container chimera-node is not of cluster hydra: nothing is done to it"


def test_what_is_broken_already_is_not_broken_again(call: Any, client: Client) -> None:
    client.state = {"Status": "exited", "Running": False, "Paused": False}
    assert "chimera-node is exited" in call(machine_fault, how="kill", **CHIMERA)["msg"]


@pytest.mark.parametrize(
    ("state", "told", "was"),
    [
        ({"Status": "exited", "Running": False, "Paused": False}, ["start chimera-node"], "stop"),
        ({"Status": "paused", "Running": True, "Paused": True}, ["unpause chimera-node"], "pause"),
    ],
)
def test_a_machine_runs_again_whoever_stopped_it(
    call: Any, client: Client, state: dict[str, Any], told: list[str], was: str
) -> None:
    client.state = state
    assert call(machine_fault, check=True, state="absent", **CHIMERA)["changed"] is True and client.told == []
    result = call(machine_fault, state="absent", **CHIMERA)
    assert (result["changed"], result["was"], client.told) == (True, was, told)


def test_what_ended_by_itself_is_told_once(call: Any, client: Client, tmp_path: Path) -> None:
    noted = {"how": "kill", "pid": 1, "program": "x", "made": 5.0, "undone": 9.0}
    (tmp_path / "c1.drill").write_text(json.dumps(noted))
    result = call(machine_fault, state="absent", **CHIMERA)
    assert [result[key] for key in ("was", "by_itself", "made", "undone")] == ["kill", True, 5.0, 9.0]
    assert client.told == []
    assert call(machine_fault, state="absent", **CHIMERA)["changed"] is False


def test_a_rehearsal(call: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(world_host, "make", lambda *given: asked.append(given) or {"at": 1.0, "note": ""})
    assert call(machine_fault, check=True, how="kill", **CHIMERA)["changed"] is True and asked == []
    assert call(machine_fault, how="kill", **CHIMERA)["at"] == 1.0
    assert asked[0][1:] == ("chimera-node", "kill", 3, 60)
