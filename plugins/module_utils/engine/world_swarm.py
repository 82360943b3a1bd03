# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads the swarm as a whole from a manager: what people look at, and what a drain is told from."""

from __future__ import annotations

from typing import Any

from .view import view
from .world import Engine


def read(engine: Engine, everything: bool = False) -> dict[str, Any]:
    """The nodes, services and tasks; on request also networks, configs and secrets, which a drain has no use for."""
    more = []
    if everything:
        more = [engine.get("/networks", filters={"scope": ["swarm"]}), engine.get("/configs"), engine.get("/secrets")]
    return view(engine.get("/nodes"), engine.get("/services"), engine.get("/tasks"), *more)
