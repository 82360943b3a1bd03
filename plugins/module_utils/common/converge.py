# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one reader of check mode: apply a change unless this is a rehearsal, and report it either way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from .change import Change


class Task(Protocol):
    """What converge needs to know of an AnsibleModule."""

    check_mode: bool


def converge(task: Task, change: Change, apply: Callable[[], dict[str, Any] | None]) -> dict[str, Any]:
    """Return the task's result; C(apply) runs only for a real change outside check mode and may add return values."""
    result: dict[str, Any] = {"changed": change.changed, "diff": change.diff()}
    if change.changed and not task.check_mode:
        result.update(apply() or {})
    return result
