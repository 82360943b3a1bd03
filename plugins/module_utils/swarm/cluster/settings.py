# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Swarm's own settings: how an inventory writes them, where a swarm keeps them, and in what the two differ.

What the inventory does not name stays as the swarm has it: an update has to repeat the whole spec, so the spec that is
sent is the swarm's own, with the named values in their places.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...common.suggestion import meant

VARIABLE = "swarm_node_swarm_settings"
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
DURATION = re.compile(r"(\d{1,9})([smhd])")
NANO = 10**9


@dataclass(frozen=True)
class Setting:
    """One of them: its place in the spec, the least value (seconds where it is a duration), and why it is the least."""

    place: tuple[str, str]
    lasts: bool
    least: int
    rule: str
    usual: str  # Swarm's own


SETTINGS = {
    # A manager takes a node for Down after three beats, and a beat comes up to half a second early or late.
    "heartbeat": Setting(("Dispatcher", "HeartbeatPeriod"), True, 1, "a duration of at least 1s", "5s"),
    "task_history": Setting(("Orchestration", "TaskHistoryRetentionLimit"), False, 0, "a number, 0 or more", "5"),
    # Swarm refuses less.
    "certificate_expiry": Setting(("CAConfig", "NodeCertExpiry"), True, 3600, "a duration of at least 1h", "90d"),
    "snapshot_interval": Setting(("Raft", "SnapshotInterval"), False, 1, "a number of entries, 1 or more", "10000"),
}


# Swarm's own heartbeat: as long as a node is given that is not known to be there when a manager begins to lead.
PATIENT = {"heartbeat": "5s"}


def quick(present: Mapping[str, Any]) -> bool:
    """Whether nodes are missed sooner than with Swarm's own heartbeat."""
    beat = _counted(SETTINGS["heartbeat"], present.get("heartbeat"))
    return beat is not None and beat < (_counted(SETTINGS["heartbeat"], PATIENT["heartbeat"]) or 0)


def problems(wanted: Any) -> list[str]:
    """Every rule that what an inventory says of them breaks, a sentence each."""
    if not isinstance(wanted, Mapping):
        return [f"{VARIABLE} is no mapping: write it like {{heartbeat: 1s}}"]
    found = []
    for key, value in wanted.items():
        setting = SETTINGS.get(key)
        if setting is None:
            hint = meant(str(key), SETTINGS) or f"; there are {', '.join(SETTINGS)}"
            found.append(f"{VARIABLE}: {key} is no setting of Swarm's{hint}")
        elif _counted(setting, value) is None:
            example = f"for example {key}: {setting.usual}"
            found.append(f"{VARIABLE}: {key} '{value}' is not {setting.rule}, {example}")
    return found


def facts(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a swarm by their names here, written as in an inventory; those it does not tell are missing."""
    found = {}
    for name, setting in SETTINGS.items():
        value = _at(spec, setting)
        if value is not None:
            found[name] = spoken(value) if setting.lasts else value
    return found


def differing(wanted: Mapping[str, Any], present: Mapping[str, Any]) -> list[str]:
    """A sentence for each named setting that a swarm with these facts() does not have as it is named."""
    names = _other(wanted, present)
    return [f"Swarm's {name} is {present.get(name, 'not told')}, not {wanted[name]}" for name in names]


def merged(wanted: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    """The spec with the named values in their places, and all else as it is."""
    made = dict(spec)
    for name in wanted:
        group, key = SETTINGS[name].place
        made[group] = {**(made.get(group) or {}), key: _value(SETTINGS[name], wanted[name])}
    return made


def spoken(nanoseconds: int) -> str:
    """In the largest unit that leaves a whole number; what is no whole second, as a fraction of seconds."""
    if nanoseconds % NANO:
        return f"{nanoseconds / NANO:g}s"
    seconds = nanoseconds // NANO
    unit = next((unit for unit in ("d", "h", "m") if seconds and seconds % SECONDS[unit] == 0), "s")
    return f"{seconds // SECONDS[unit]}{unit}"


def _other(wanted: Mapping[str, Any], present: Mapping[str, Any]) -> list[str]:
    return [
        name
        for name, value in wanted.items()
        if name not in present or _counted(SETTINGS[name], value) != _counted(SETTINGS[name], present[name])
    ]


def _at(spec: Mapping[str, Any], setting: Setting) -> int | None:
    group, key = setting.place
    value = (spec.get(group) or {}).get(key)
    return None if value is None else int(value)


def _value(setting: Setting, value: Any) -> int:
    counted = _counted(setting, value) or 0
    return counted * NANO if setting.lasts else counted


def _counted(setting: Setting, value: Any) -> int | None:
    """The number, or the seconds; nothing where it breaks the setting's rule."""
    if setting.lasts:
        match = DURATION.fullmatch(str(value))
        number = int(match[1]) * SECONDS[match[2]] if match else None
    else:
        number = int(value) if re.fullmatch(r"\d{1,18}", str(value)) else None
    return number if number is not None and number >= setting.least else None
