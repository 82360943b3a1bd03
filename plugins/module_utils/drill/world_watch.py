# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks a manager again and again what the swarm is like, while something happens to one of its nodes."""

from __future__ import annotations

import threading
import time
from typing import Any, Protocol

from ..common.errors import EngineError
from ..engine import world_swarm
from ..engine.world import Engine

INTERVAL = 0.25  # each look reads all tasks of the swarm


class Story(Protocol):
    """What is made of the looks."""

    @property
    def settled(self) -> bool: ...

    def look(self, when: float, view: dict[str, Any] | None) -> None: ...


def watch(engine: Engine, story: Story, until: float, early: bool) -> None:
    """Look until that time or, C(early), until all is settled. What nobody answers is part of the story."""
    pause = threading.Event()
    while True:
        began = time.time()
        try:
            view = world_swarm.read(engine)
        except EngineError:
            view = None
        # An answer tells how it was when it was asked for, at the latest when it came.
        story.look(time.time(), view)
        if time.time() >= until or (early and story.settled):
            return
        pause.wait(max(0.0, min(INTERVAL - (time.time() - began), until - time.time())))
