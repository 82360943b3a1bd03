# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waiting by observing: one loop, one timeout, one message that says what was awaited and what was last seen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from .errors import WaitError

T = TypeVar("T")


def until(what: str, observe: Callable[[], tuple[T | None, str]], timeout: float, interval: float = 0.1) -> T:
    """Call C(observe) until its first value is not None, and return that value.

    C(observe) returns the value awaited (None: not yet) and a few words on what it saw.
    Raises WaitError after C(timeout) seconds; C(interval) is the pause between two looks, in seconds.
    """
    deadline = time.monotonic() + timeout
    pause = threading.Event()
    while True:
        value, seen = observe()
        if value is not None:
            return value
        if time.monotonic() >= deadline:
            raise WaitError(f"waited {timeout:g} s for {what}; last seen: {seen}")
        pause.wait(interval)
