# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Machines awaited until they answer, and mended where they answer but reach nobody.

What somebody threw away of a machine's rules, or of how it resolves names, is there again when it is started anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..common.errors import EngineError
from ..common.world_files import read
from ..engine.world_sdk import connect, doing
from . import network_faults, unready, world_dind, world_network
from .dind import Plan

Answers = dict[str, dict[str, Any]]
PROGRAM = read(world_network.__file__)


@dataclass(frozen=True)
class Awaited:
    """By the machines' names: what each says of itself, its plan with what was mended, and why one does not answer."""

    answers: Answers
    plans: dict[str, Plan]
    troubles: dict[str, str]


def awaited(client: Any, cluster: str, plans: Sequence[Plan], timeout: int, computer: Iterable[str]) -> Awaited:
    """Wait for all machines at the same time; one that does not answer keeps no other from being mended."""
    computer = list(computer)

    def probe(plan: Plan) -> dict[str, Any]:
        look = {"HYDRA_NODE_LOOK": PROGRAM} if _engine(plan) else {}
        return world_dind.probe(client, plan.machine.name, timeout, computer, look)

    def mend(plan: Plan) -> dict[str, Any]:
        action = "reset" if answers[plan.machine.name].get("hangs") else "restart"
        world_dind.carry_out(client, cluster, replace(plan, actions=(action,)))
        return probe(plan)

    answers, troubles = world_dind.attempted(probe, plans)
    found = _faults(answers)
    again, failed = world_dind.attempted(mend, [plan for plan in plans if plan.machine.name in found])
    left = {name: _words(name, words) for name, words in _faults(again).items()}
    troubles |= failed | left
    woken = {name: answer["woken"] for name, answer in answers.items() if answer.get("woken")}
    answers = {name: answer for name, answer in {**answers, **again}.items() if name not in troubles}
    mended = {plan.machine.name: _mended(plan, found, woken) for plan in plans}
    return Awaited(answers, mended, troubles)


def rehearsed(client: Any, plans: Sequence[Plan]) -> list[Plan]:
    """The plans with what would be mended on top, as far as machines can be asked; nothing is awaited."""
    there = [plan for plan in plans if _engine(plan) and plan.after.state == "running" and not plan.actions]

    def ask(plan: Plan) -> dict[str, Any]:
        try:
            code, output, _complaint = world_dind.ask(client, plan.machine.name, ["python3", "-ISc", PROGRAM])
        except EngineError:  # it is paused, or about to be started once more
            return {}
        return {"network": json.loads(output)} if code == 0 and output else {}

    found = _faults(_named(there, world_dind.at_once(ask, there)))
    return [_mended(plan, found, {}) for plan in plans]


def away(machine: str) -> str:
    """Why nobody can be asked in a machine; empty: its container runs."""
    client = connect()
    with doing(f"looking for {machine}"):
        return unready.away(machine, client.containers(all=True))


def shown(plan: Plan) -> dict[str, Any]:
    """What of that a diff shows of the machine before; nothing, where nothing was mended."""
    words = {
        part: [why.removeprefix(prefix) for why in plan.why if why.startswith(prefix)]
        for part, prefix in (("network", PREFIX), ("running", HUNG))
    }
    return {part: lines for part, lines in words.items() if lines}


PREFIX, HUNG = "its network: ", "what it runs: "


def _engine(plan: Plan) -> bool:
    return plan.machine.fixed.get("service") == "engine"


def _named(plans: Iterable[Plan], answers: Iterable[dict[str, Any]]) -> Answers:
    return {plan.machine.name: answer for plan, answer in zip(plans, answers, strict=True)}


def _faults(answers: Answers) -> dict[str, list[str]]:
    """What starting the machine anew mends, in words."""
    found = {}
    for name, answer in answers.items():
        words = [f"{PREFIX}{fault['words']}" for fault in network_faults.faults(answer.get("network") or {})]
        words += [f"{HUNG}{answer['hangs']}"] if answer.get("hangs") else []
        if words:
            found[name] = words
    return found


def _mended(plan: Plan, found: Mapping[str, list[str]], woken: Mapping[str, list[str]]) -> Plan:
    name = plan.machine.name
    why = [f"{HUNG}somebody had stopped {', '.join(woken[name])} (SIGSTOP)"] if name in woken else []
    why += found.get(name, [])
    actions = (*(["wake"] if name in woken else []), *(["restart"] if name in found else []))
    return replace(plan, actions=(*plan.actions, *actions), why=(*plan.why, *why)) if why else plan


def _words(name: str, words: Iterable[str]) -> str:
    look = f"docker logs {name}"
    if all(word.startswith(PREFIX) for word in words):
        look = f"what else writes there (docker exec {name} iptables-save, docker exec {name} cat /etc/resolv.conf)"
    told = "; ".join(word.removeprefix(PREFIX).removeprefix(HUNG) for word in words)
    return f"{told}. Its container was started anew, and it is so again: look at {look}, and run this again"
