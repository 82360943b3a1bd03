# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How an update goes is told to test_world_update.py; here is what the module takes, refuses and fails with."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.modules import service_update

ID, OTHER = ("sha256:" + one * 64 for one in "ab")


@pytest.fixture
def web(swarm: Any) -> dict[str, Any]:
    """A service whose one task runs."""
    container = {"Image": "app:1", "Labels": {}}
    spec = {
        "Name": "web",
        "Labels": {},
        "Mode": {"Replicated": {"Replicas": 1}},
        "TaskTemplate": {"ContainerSpec": container, "ForceUpdate": 0},
    }
    entry = {"ID": "s", "Version": {"Index": 3}, "Spec": spec}
    swarm.answers["/services"], swarm.answers["/services/s"] = [entry], entry
    return entry


def test_a_rehearsal_says_what_would_be_updated(call: Any, swarm: Any, web: Any) -> None:
    result = call(service_update, check=True, service="web", image="app:2", image_id=ID)
    assert (result["changed"], result["actions"]) == (True, ["update service web to app:2"])
    assert result["diff"]["after"]["image"] == "app:2"
    assert swarm.posted == []


def test_without_a_registry_it_says_that_tasks_are_made_anew(call: Any, swarm: Any, web: Any) -> None:
    result = call(service_update, check=True, service="web", image="app:1")
    assert result["changed"] is True
    assert result["warnings"][0].startswith("no registry tells which image app:1 stands for (")


def test_a_service_that_is_not_there_is_named(call: Any, swarm: Any, web: Any) -> None:
    result = call(service_update, service="wep", image="app:2", image_id=ID)
    assert "wep" in result["msg"] and "web" in result["msg"] and swarm.posted == []


def test_only_a_manager_can_be_asked(call: Any, swarm: Any, web: Any) -> None:
    swarm.worker()
    assert "run this on a manager" in call(service_update, service="web", image="app:2")["msg"]


def test_what_does_not_become_healthy_fails_the_task(call: Any, swarm: Any, web: Any) -> None:
    """No task ever comes, so it is waited for as long as that is allowed."""
    result = call(service_update, service="web", image="app:2", image_id=ID, timeout=0.1, rollback=False)
    assert result["failed"] and result["msg"].startswith("service web did not become healthy with app:2\n")
    assert result["msg"].endswith("It was left as it is (rollback: false).")
    ((_post, path, body),) = swarm.posted
    assert (path, body["TaskTemplate"]["ContainerSpec"]["Image"]) == ("/services/s/update", ID)
