# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a swarm was last copied: a label of the swarm itself, which every manager knows."""

from __future__ import annotations

import time
from typing import Any

from ..common import world_wait
from ..common.errors import EngineError
from ..common.owner import BACKUP
from ..engine.world import Engine

UPDATE = 20  # seconds in which an update is tried anew because somebody else changed the swarm in between


def taken(engine: Engine) -> int:
    """Seconds since 1970, or 0 for never."""
    return _taken(engine.get("/swarm")["Spec"])


def _taken(spec: dict[str, Any]) -> int:
    value = (spec.get("Labels") or {}).get(BACKUP, "")
    return int(value) if value.isdecimal() else 0


def told(engine: Engine) -> dict[str, int | None]:
    """The same for people: with its age by this machine's clock; None for never."""
    when = taken(engine)
    return {"taken": when, "age": max(0, int(time.time()) - when)} if when else {"taken": None, "age": None}


def record(engine: Engine, when: int) -> None:
    def attempt() -> tuple[bool | None, str]:
        swarm = engine.get("/swarm")
        spec = swarm["Spec"]
        labels = {**(spec.get("Labels") or {}), BACKUP: str(when)}
        try:
            engine.post("/swarm/update", {**spec, "Labels": labels}, version=swarm["Version"]["Index"])
        except EngineError as error:
            if "update out of sequence" not in str(error):
                raise
            return None, str(error)
        return True, ""

    world_wait.until("the swarm to take the time of its backup", attempt, UPDATE)
