# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.machine import world_ready
from ansible_collections.hydra.swarm.plugins.module_utils.machine.dind import Machine, Plan

SICK: dict[str, Any] = {"contained": True, "resolver": ""}
WORDS = "it resolves no names: its /etc/resolv.conf names no server"


def machine(name: str, service: str = "engine", actions: tuple[str, ...] = (), state: str = "running") -> Plan:
    one = Machine(name, {"service": service}, state=state)
    return Plan(one, actions, after=one)


class Client:
    """An engine whose machines show C(looks), the next one after each start."""

    def __init__(self, **looks: list[Any]):
        self.looks, self.restarted, self.asked = looks, [], []  # type: ignore[var-annotated]

    def exec_create(self, name: str, command: list[str], environment: dict[str, str]) -> dict[str, str]:
        self.asked.append((name, command[0], bool(environment)))
        self.said = self.looks[name][0]
        if command[0] == "hydra-node":
            self.said = {"service": "engine", "network": self.said}
        return {"Id": "1"}

    def exec_start(self, task: str, demux: bool) -> tuple[bytes, bytes]:
        return json.dumps(self.said).encode(), b""

    def exec_inspect(self, task: str) -> dict[str, int]:
        return {"ExitCode": 0}

    def restart(self, name: str, timeout: int) -> None:
        self.restarted.append(name)
        self.looks[name].pop(0)


def test_a_machine_that_reaches_nobody_is_started_anew_and_no_other() -> None:
    client = Client(a=[{}], b=[SICK, {}], n=[None])
    answers, plans = world_ready.awaited(
        client, "c", [machine("a"), machine("b"), machine("n", "nfs")], 5, ["10.0.0.1"]
    )
    assert client.restarted == ["b"]
    assert [(plan.machine.name, plan.actions, plan.why) for plan in plans] == [
        ("a", (), ()),
        ("b", ("restart",), (f"its network: {WORDS}",)),
        ("n", (), ()),
    ]
    assert sorted(answers) == ["a", "b", "n"] and answers["b"]["network"] == {}
    # Only what runs an engine is told to look; and once for each start.
    assert sorted(client.asked) == [
        ("a", "hydra-node", True),
        *[("b", "hydra-node", True)] * 2,
        ("n", "hydra-node", False),
    ]
    assert [world_ready.shown(plan) for plan in plans] == [{}, {"network": [WORDS]}, {}]


def test_what_is_so_again_is_told() -> None:
    client = Client(a=[{}], b=[SICK, SICK])
    with pytest.raises(EngineError) as error:
        world_ready.awaited(client, "c", [machine("a"), machine("b")], 5, [])
    assert str(error.value) == (
        f"b: {WORDS}. Its container was started anew, and it is so again: look at what else writes there (docker exec b "
        "iptables-save, docker exec b cat /etc/resolv.conf), and run this again"
    )


def test_a_rehearsal_says_what_would_be_mended_and_touches_nothing() -> None:
    client = Client(a=[SICK], b=[{}])
    plans = [machine("a"), machine("b"), machine("new", actions=("create", "start")), machine("off", state="stopped")]
    assert [plan.actions for plan in world_ready.rehearsed(client, plans)] == [
        ("restart",),
        (),
        ("create", "start"),
        (),
    ]
    assert client.restarted == []
