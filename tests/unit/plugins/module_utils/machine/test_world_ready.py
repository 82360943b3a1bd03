# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.machine import world_dind, world_ready
from ansible_collections.hydra.swarm.plugins.module_utils.machine.dind import Machine, Plan

SICK: dict[str, Any] = {"contained": True, "resolver": ""}
HANGS = b"dockerd is old"
WORDS = "it resolves no names: its /etc/resolv.conf names no server"


def machine(name: str, service: str = "engine", actions: tuple[str, ...] = (), state: str = "running") -> Plan:
    one = Machine(name, {"service": service}, state=state)
    return Plan(one, actions, after=one)


class Client:
    """An engine whose machines show C(looks), the next one after each start."""

    def __init__(self, **looks: list[Any]):
        self.looks, self.restarted, self.asked, self.said = looks, [], [], {}  # type: ignore[var-annotated]

    def exec_create(self, name: str, command: list[str], environment: dict[str, str]) -> dict[str, str]:
        self.asked.append((name, command[0], bool(environment)))
        said = self.looks[name][0]
        if command[0] == "hydra-node" and said != HANGS:
            woken = said.pop("woken", []) if said else []
            said = {"service": "engine", "network": said, "woken": woken}
        task = f"{len(self.asked)} {name}"
        self.said[task] = said
        return {"Id": task}

    def exec_start(self, task: str, demux: bool) -> tuple[bytes, bytes]:
        said = self.said[task]
        return (b"", said) if said == HANGS else (json.dumps(said).encode(), b"")

    def exec_inspect(self, task: str) -> dict[str, int]:
        return {"ExitCode": world_dind.HANGS if self.said[task] == HANGS else 0}

    def restart(self, name: str, timeout: int) -> None:
        self.restarted.append((name, timeout))
        self.looks[name].pop(0)


def test_a_machine_that_reaches_nobody_is_started_anew_and_no_other() -> None:
    client = Client(a=[{}], b=[SICK, {}], n=[None])
    found = world_ready.awaited(client, "c", [machine("a"), machine("b"), machine("n", "nfs")], 5, ["10.0.0.1"])
    assert (client.restarted, found.troubles) == ([("b", world_dind.STOP_SECONDS)], {})
    assert [(name, plan.actions, plan.why) for name, plan in found.plans.items()] == [
        ("a", (), ()),
        ("b", ("restart",), (f"its network: {WORDS}",)),
        ("n", (), ()),
    ]
    assert sorted(found.answers) == ["a", "b", "n"] and found.answers["b"]["network"] == {}
    # Only what runs an engine is told to look; and once for each start.
    assert sorted(client.asked) == [
        ("a", "hydra-node", True),
        *[("b", "hydra-node", True)] * 2,
        ("n", "hydra-node", False),
    ]
    assert [world_ready.shown(plan) for plan in found.plans.values()] == [{}, {"network": [WORDS]}, {}]


def test_what_is_so_again_is_told_and_keeps_no_other_from_being_mended() -> None:
    client = Client(a=[SICK, {}], b=[SICK, SICK], c=[HANGS, HANGS])
    found = world_ready.awaited(client, "c", [machine("a"), machine("b"), machine("c")], 5, [])
    assert list(found.answers) == ["a"]
    again = "Its container was started anew, and it is so again: look at"
    assert found.troubles == {
        "b": f"{WORDS}. {again} what else writes there (docker exec b iptables-save, docker exec b cat /etc/resolv.conf), and "
        "run this again",
        "c": f"dockerd is old. {again} docker logs c, and run this again",
    }


def test_an_engine_that_hangs_is_started_anew_without_asking_it_to_end() -> None:
    client = Client(a=[HANGS, {}])
    found = world_ready.awaited(client, "c", [machine("a")], 5, [])
    assert client.restarted == [("a", world_dind.PATIENCE)]
    assert (found.plans["a"].actions, found.plans["a"].why) == (("restart",), ("what it runs: dockerd is old",))
    assert world_ready.shown(found.plans["a"]) == {"running": ["dockerd is old"]}


def test_what_was_stopped_and_goes_on_is_told() -> None:
    found = world_ready.awaited(Client(a=[{"woken": ["dockerd"]}]), "c", [machine("a")], 5, [])
    told = "somebody had stopped dockerd (SIGSTOP)"
    assert (found.plans["a"].actions, world_ready.shown(found.plans["a"])) == (("wake",), {"running": [told]})


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
