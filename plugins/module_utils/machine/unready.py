# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a machine that is a container does not answer: what became of it, and its own last words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..common.text import cut
from . import identity

LINES = 6
CHATTER = re.compile(r"\blevel=(debug|info)\b")


def away(name: str, listed: Iterable[Mapping[str, Any]]) -> str:
    """Why nobody can be asked in the machine's container, and what helps; empty: it runs.

    C(listed) are all containers as their engine lists them.
    """
    containers = {one["Names"][0].lstrip("/"): one for one in listed if one.get("Names")}
    if name not in containers:
        if other := identity.renamed(f"{name}-data", containers, name):
            return f"{name}: somebody renamed its container, to {other}: make swarm-up, or docker rename {other} {name}"
        made = "make swarm-up makes it; what was in its volume is still there"
        return f"{name}: there is no container of that name: {made}"
    state = containers[name].get("State")
    if state == "paused":
        return f"{name}: somebody paused its container: docker unpause {name}, or make swarm-up"
    if state == "restarting":
        return f"{name}: what it runs ends as soon as it is started, again and again: docker logs {name} says why"
    stopped = f"{name}: its container is stopped ({state}): make swarm-up, or docker start {name}"
    return "" if state == "running" else stopped


def explained(name: str, inspected: Mapping[str, Any], seen: str, timeout: int, log: str) -> str:
    """C(inspected) is the container as its engine shows it, C(seen) what came of asking, C(log) the end of its log."""
    words = last_words(log)
    said = "\n".join(["Its own last words:", *(f"  {line}" for line in words)]) if words else "It wrote nothing."
    return f"{name}: {_state(name, inspected, seen, timeout)}. {said}\nAll of it: docker logs {name}"


def _state(name: str, inspected: Mapping[str, Any], seen: str, timeout: int) -> str:
    state = inspected.get("State") or {}
    restarts, status = inspected.get("RestartCount") or 0, state.get("Status")
    if status == "paused":
        return f"somebody paused its container: docker unpause {name}"
    code = state.get("ExitCode")
    if status == "restarting" or (restarts and "no answer" in seen and not seen.startswith("exit status 0")):
        return (
            f"what it runs ends as soon as it is started ({restarts} times so far, exit status {code}), and is started "
            "again and again. Correct what it says, such as its settings, and run this again"
        )
    if status in ("exited", "dead", "created"):
        return f"its container stopped again (exit status {code}): docker start {name}, or run this again"
    return f"not ready within {timeout} s ({seen})"


def noticed(inspected: Mapping[str, Any]) -> bool:
    """Whether the engine shows that what the machine ran has ended: it does not run, or was started again."""
    state = inspected.get("State") or {}
    return state.get("Status") != "running" or bool(inspected.get("RestartCount"))


def last_words(log: str) -> list[str]:
    """The last lines that are more than chatter, or the last ones there are, each cut to a width."""
    lines = [line.rstrip() for line in log.splitlines() if line.strip()]
    told = [line for line in lines if not CHATTER.search(line)] or lines
    return [cut(line) for line in dict.fromkeys(told[-LINES:])]
