# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Machines awaited until they answer, and mended where they answer but reach nobody.

What somebody threw away of a machine's rules, or of how it resolves names, is there again when it is started anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..common.errors import EngineError
from ..common.world_files import read
from ..engine.world_sdk import connect, doing
from . import network_faults, unready, world_dind, world_network
from .dind import Plan

Answers = dict[str, dict[str, Any]]
PROGRAM = read(world_network.__file__)


def awaited(
    client: Any, cluster: str, plans: Sequence[Plan], timeout: int, computer: Iterable[str]
) -> tuple[Answers, list[Plan]]:
    """What every machine says of itself, and the plans with what was mended on top."""
    computer = list(computer)

    def probe(plan: Plan) -> dict[str, Any]:
        look = {"HYDRA_NODE_LOOK": PROGRAM} if _engine(plan) else {}
        return world_dind.probe(client, plan.machine.name, timeout, computer, look)

    def mend(plan: Plan) -> None:
        world_dind.carry_out(client, cluster, replace(plan, actions=("restart",)))

    answers = _named(plans, world_dind.at_once(probe, plans))
    found = _faults(answers)
    sick = [plan for plan in plans if plan.machine.name in found]
    world_dind.at_once(mend, sick)
    answers |= _named(sick, world_dind.at_once(probe, sick))
    if left := _faults(answers):
        raise EngineError("; ".join(f"{name}: {_words(name, words)}" for name, words in left.items()))
    return answers, [_mended(plan, found) for plan in plans]


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
    return [_mended(plan, found) for plan in plans]


def away(machine: str) -> str:
    """Why nobody can be asked in a machine; empty: its container runs."""
    client = connect()
    with doing(f"looking for {machine}"):
        return unready.away(machine, client.containers(all=True))


def shown(plan: Plan) -> dict[str, Any]:
    """What of that a diff shows of the machine before; nothing, where nothing was mended."""
    words = [why for why in plan.why if why.startswith(PREFIX)]
    return {"network": [why.removeprefix(PREFIX) for why in words]} if words else {}


PREFIX = "its network: "


def _engine(plan: Plan) -> bool:
    return plan.machine.fixed.get("service") == "engine"


def _named(plans: Iterable[Plan], answers: Iterable[dict[str, Any]]) -> Answers:
    return {plan.machine.name: answer for plan, answer in zip(plans, answers, strict=True)}


def _faults(answers: Answers) -> dict[str, list[str]]:
    found = {name: network_faults.faults(answer.get("network") or {}) for name, answer in answers.items()}
    return {name: [fault["words"] for fault in faults] for name, faults in found.items() if faults}


def _mended(plan: Plan, found: Mapping[str, list[str]]) -> Plan:
    words = found.get(plan.machine.name)
    if not words:
        return plan
    why = (*plan.why, *(f"{PREFIX}{one}" for one in words))
    return replace(plan, actions=(*plan.actions, "restart"), why=why)


def _words(name: str, words: Iterable[str]) -> str:
    return (
        f"{'; '.join(words)}. Its container was started anew, and it is so again: look at what else writes there "
        f"(docker exec {name} iptables-save, docker exec {name} cat /etc/resolv.conf), and run this again"
    )
