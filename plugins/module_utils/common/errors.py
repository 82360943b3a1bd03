# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The errors this collection raises; a module's main() is the only place that turns one into a failed task."""

from __future__ import annotations

from .text import unrevealing


class HydraError(Exception):
    """Something a person has to know: the message names the object, the action and what to do next.

    What it quotes of others, engines for some, is told without what looks like a secret.
    """

    def __init__(self, message: str):
        super().__init__(unrevealing(message))


class Refusal(HydraError):
    """Nothing was touched: the input, or what doing it would break, is against a rule."""


class EngineError(HydraError):
    """A Docker Engine answered with an error, or not at all.

    C(status) is the HTTP status, or 0 when no answer came.
    """

    def __init__(self, message: str, status: int = 0):
        super().__init__(message)
        self.status = status


class WaitError(HydraError):
    """What was awaited did not come in time; the message says what, how long, and what was last seen."""
