# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which tasks are of a service as it is now; the API shows no versions of specs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Entry = Mapping[str, Any]


def is_current(service: Entry, task: Entry) -> bool:
    """Whether a task was made from the service's spec as it is now, and not from an earlier one.

    Swarm replaces a task when its spec differs in anything but placement, or when the ports do, which a task does not
    show: while no update has begun, the times tell, both the managers' own.
    """
    wanted, made = service["Spec"]["TaskTemplate"], task["Spec"]
    if any(_lean(wanted.get(key)) != _lean(made.get(key)) for key in {*wanted, *made} - {"Placement", "Runtime"}):
        return False
    iteration = (service.get("JobStatus") or {}).get("JobIteration") or {}
    if iteration and (task.get("JobIteration") or {}).get("Index", 0) != iteration.get("Index", 0):
        return False
    before = service.get("PreviousSpec") or {}
    ports_changed = bool(before) and _lean(before.get("EndpointSpec")) != _lean(service["Spec"].get("EndpointSpec"))
    if ports_changed and not (service.get("UpdateStatus") or {}).get("State"):
        return created(task) >= _instant(service["UpdatedAt"])
    return True


def created(task: Entry) -> str:
    return _instant(task["CreatedAt"])


def _instant(text: str) -> str:
    """A time that can be compared as text: engines leave off the zeros at the end of a fraction."""
    return f"{text[:19]}.{text[20:].rstrip('Z'):0<9}"


def _lean(value: Any) -> Any:
    """A value without what is empty: engines fill in some of that, and in one place more than in the other."""
    if isinstance(value, Mapping):
        lean = {key: _lean(part) for key, part in value.items()}
        return {key: part for key, part in lean.items() if part not in (None, {}, [], "", 0, False)}
    return [_lean(part) for part in value] if isinstance(value, list) else value
