# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.engine.restart import restart


def look(version: str = "28.5", swarm: str = "active", stale: bool = False, **more: Any) -> dict[str, Any]:
    """As engine_host_info returns it."""
    engine = {"program": "/usr/sbin/dockerd", "version": version, "swarm": {"state": swarm}}
    return {"engine": engine, "systemd": True, "enabled": True, "plan": {"stale": stale}, **more}


def of(seen: dict[str, Any], installed: bool = False, effect: str = "none", latest: bool = False) -> list[str]:
    """What is to be done."""
    return [name for name, done in restart(seen, installed, effect, latest).items() if done]


@pytest.mark.parametrize(
    ("seen", "given", "done"),
    [
        (look(), {}, []),
        (look(), {"effect": "reload"}, []),
        # A member's tasks would go down with it: that is for a later play, with the node drained.
        (look(), {"effect": "restart"}, ["later"]),
        (look(swarm="unknown"), {"effect": "restart"}, ["later"]),
        (look(swarm="inactive"), {"effect": "restart"}, ["now", "start"]),
        # An upgrade is of a node that is drained already.
        (look(), {"installed": True, "latest": True}, ["upgraded", "now", "start"]),
        (look(), {"installed": True, "latest": True, "effect": "restart"}, ["upgraded", "now", "start"]),
        # It was interrupted before the restart.
        (look(stale=True), {"latest": True}, ["upgraded", "now", "start"]),
        (look(stale=True), {}, []),
        (look(), {"installed": True}, []),
        # One that is not running has nothing to restart.
        (look(version="", swarm="inactive"), {"installed": True, "effect": "restart"}, ["later", "start"]),
        (look(enabled=False), {}, ["start"]),
        (look(enabled=False, systemd=False), {}, []),
        (look(version="", systemd=False), {}, ["start"]),
        # Without systemd nobody restarts it for us.
        (look(swarm="inactive", systemd=False), {"effect": "restart"}, ["later"]),
        ({**look(), "engine": {"program": "", "version": "", "swarm": {"state": "inactive"}}}, {}, []),
    ],
)
def test_what_an_engine_needs(seen: dict[str, Any], given: dict[str, Any], done: list[str]) -> None:
    assert of(seen, **given) == done
