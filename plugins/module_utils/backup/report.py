# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What backup and restore say at their end, and how old a backup is, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..common.units import size

UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


def made(merged: Mapping[str, Any], copied: Mapping[str, Any]) -> str:
    """C(merged) is what backup_archive returned, C(copied) what swarm_backup did on the manager."""
    manifest = merged["manifest"]
    lines = [f"{merged['archive']}  ({size(merged['bytes'])}, sealed)", *contents(manifest)]
    if "stood_still" in copied:
        lines.append(f"The manager's engine stood still for {copied['stood_still']:g} s.")
    lines += copied.get("notes") or []
    lines += [f"Removed, as it is older than what is kept: {name}" for name in merged.get("removed") or []]
    return "\n".join([*lines, "", f"Put it back with: make restore FROM={merged['archive']} KEYFILE=FILE"])


def contents(manifest: Mapping[str, Any]) -> list[str]:
    swarm = manifest.get("swarm")
    lines = (
        [f"Swarm:  {swarm['id']} of {swarm['node']}, {swarm['address']} (engine {swarm['engine']})"] if swarm else []
    )
    data = [f"{part['path']} ({size(part['bytes'])})" for part in manifest["parts"] if part["kind"] == "data"]
    return [*lines, *([f"Data:   {', '.join(data)}"] if data else [])]


def age(seconds: int | None) -> str:
    """How long ago the last backup was, from its age; None is never."""
    if seconds is None:
        return "none yet (make backup)"
    for length, unit in UNITS:
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "less than a minute ago"
