# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.engine import world_host
from ansible_collections.hydra.swarm.plugins.module_utils.engine.packages import Seen
from ansible_collections.hydra.swarm.plugins.module_utils.machine import world_network
from ansible_collections.hydra.swarm.plugins.modules import engine_host_info

DEBIAN = {"family": "debian", "id": "debian", "major": "13", "codename": "trixie", "name": "Debian 13"}


WELL: dict[str, Any] = {"rules": None}


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the package manager was asked for; it knows one engine, which is not installed."""
    questions: list[tuple[Any, ...]] = []

    def packages(running: str, version: str, latest: bool) -> Seen:
        questions.append((running, version, latest))
        offered = {"docker.io": ["26.1.5-1"]}
        return Seen(DEBIAN, running=running, candidate={"docker.io": "26.1.5-1"}, offered=offered)

    monkeypatch.setattr(world_host, "packages", packages)
    monkeypatch.setattr(world_host, "architecture", lambda: "amd64")
    monkeypatch.setattr(world_host, "systemd", lambda: {"systemd": True, "enabled": False})
    monkeypatch.setattr(world_network, "look", lambda: WELL)
    return questions


def test_a_bare_server(call: Any, swarm: Any, asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    swarm.refuses["/info"] = EngineError("docker GET /info: no answer")
    monkeypatch.setattr(world_host.os.path, "exists", lambda path: False)
    result = call(engine_host_info, check=True, version="26")
    assert result["changed"] is False and asked == [("", "26", False)]
    assert result["os"] == {**DEBIAN, "architecture": "amd64"}
    assert (result["engine"]["version"], result["engine"]["error"]) == ("", "docker GET /info: no answer")
    assert result["engine"]["swarm"] == {"state": "inactive", "node_id": "", "manager": False, "leader": False}
    assert (result["systemd"], result["enabled"]) == (True, False)
    assert result["faults"] == []
    assert result["plan"]["packages"] == ["docker.io=26.1.5-1", "docker-cli", "iptables"]


def test_a_manager_that_leads(call: Any, swarm: Any, asked: Any) -> None:
    swarm.answers["/nodes/hydra"] = swarm.answers["/nodes"][0]
    result = call(engine_host_info)
    assert result["engine"]["swarm"] == {"state": "active", "node_id": "hydra", "manager": True, "leader": True}
    assert asked == [("28.5.2", "", False)]


def test_an_engine_whose_rules_somebody_threw_away(
    call: Any, swarm: Any, asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world_network, "look", lambda: {"rules": "*filter\n*nat"})
    assert [(fault["kind"], fault["mends"]) for fault in call(engine_host_info)["faults"]] == [("rules", True)]


def test_a_version_that_is_not_offered_is_said_in_the_plan(call: Any, swarm: Any) -> None:
    assert call(engine_host_info, version="99")["plan"]["problem"] == (
        "no docker.io of version '99' is offered; there is 26.1.5-1"
    )


def test_a_source_that_is_none(call: Any) -> None:
    assert "value of source must be one of" in call(engine_host_info, source="snap")["msg"]
