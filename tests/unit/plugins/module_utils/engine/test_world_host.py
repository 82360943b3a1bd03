# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.engine import world_host

MEMBER = {"LocalNodeState": "active", "NodeID": "id1", "ControlAvailable": True}
LEADER = {"ID": "id1", "Version": {"Index": 1}, "Spec": {}, "ManagerStatus": {"Leader": True}}


@pytest.mark.parametrize(
    ("answers", "swarm"),
    [
        ({"/info": MEMBER, "/nodes/id1": LEADER}, ("active", "id1", True, True)),
        ({"/info": MEMBER, "/nodes/id1": EngineError("no leader", 500)}, ("active", "id1", True, False)),
        ({"/info": {**MEMBER, "ControlAvailable": False}}, ("active", "id1", False, False)),
        ({"/info": {"LocalNodeState": "inactive"}}, ("inactive", "", False, False)),
    ],
)
def test_an_engine_that_answers(monkeypatch: Any, answers: dict[str, Any], swarm: tuple[Any, ...]) -> None:
    def get(_self: Any, path: str) -> Any:
        answer = answers[path]
        if isinstance(answer, Exception):
            raise answer
        return {"ServerVersion": "26.1.5", "Swarm": answer} if path == "/info" else answer

    monkeypatch.setattr(world_host.Engine, "get", get)
    seen = world_host.engine("/nowhere")
    assert (seen["version"], seen["error"]) == ("26.1.5", "")
    assert tuple(seen["swarm"].values()) == swarm


@pytest.mark.parametrize(("file", "state"), [("docker-state.json", "unknown"), ("none", "inactive")])
def test_an_engine_that_is_down(monkeypatch: Any, tmp_path: Any, file: str, state: str) -> None:
    (tmp_path / "docker-state.json").touch()
    monkeypatch.setattr(world_host, "MEMBERSHIP", str(tmp_path / file))
    seen = world_host.engine(str(tmp_path / "sock"))
    assert (seen["version"], seen["swarm"]["state"]) == ("", state)
    assert seen["error"].startswith("docker GET /info: no answer on ")


@pytest.mark.parametrize(
    ("version", "latest", "there", "asks"),
    [
        ("", False, "", False),
        ("28", False, "", True),
        ("28", False, "docker.io 1 install installed", False),
        ("", True, "", True),
    ],
)
def test_offers_are_asked_for_where_they_matter(
    monkeypatch: Any, version: str, latest: bool, there: str, asks: bool
) -> None:
    asked = []

    def said(command: list[str]) -> str:
        asked.append(command[0])
        return there if command[0] == "dpkg-query" else ""

    monkeypatch.setattr(world_host, "_said", said)
    monkeypatch.setattr(world_host.shutil, "which", lambda name, path=None: f"/usr/bin/{name}")
    world_host.packages("", version, latest)
    assert asked == ["dpkg-query", *(["apt-cache", "apt-cache"] if asks else [])]


def test_a_machine_without_such_programs_has_nothing_to_say() -> None:
    assert world_host._said(["/nowhere/dpkg-query"]) == ""
