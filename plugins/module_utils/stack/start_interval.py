# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Health checks that are quick while a service starts and rare afterwards: start_interval, and who knows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .units import nanoseconds

KEY = "start_interval"
ENGINE = 25  # the first that knows it (API 1.44), and so does the command line of that version
WITHOUT, WITH = "3.9", "3.12"  # versions of the file's format: the oldest that will do, and the first with this key
INSTEAD, DEFAULT = "10s", 30 * 10**9  # the longest interval without it, and an engine's own in nanoseconds
Document = dict[str, Any]


def file_format(services: Mapping[str, Mapping[str, Any]]) -> str:
    """The version of the format that a stack with these services needs."""
    return WITH if any(KEY in (one.get("healthcheck") or {}) for one in services.values()) else WITHOUT


def leave_out(document: Document, nodes: Iterable[Mapping[str, Any]]) -> list[str]:
    """Take the key out of a document where an engine of the swarm does not know it; a line for each service.

    The check would first be made after a whole interval then, so a long one becomes shorter.
    """
    old = ", ".join(sorted(f"{node['name']} has {node['engine']}" for node in nodes if _too_old(node.get("engine"))))
    lines = []
    for name, service in sorted(document["services"].items()) if old else ():
        check = service.get("healthcheck") or {}
        if check.pop(KEY, None) is None:
            continue
        if (nanoseconds(check.get("interval")) or DEFAULT) > nanoseconds(INSTEAD):
            check["interval"] = INSTEAD
        lines.append(
            f"{name}: engines before {ENGINE} know no {KEY} ({old}), so its health is checked every {check['interval']}"
        )
    document["version"] = file_format(document["services"])
    return lines


def _too_old(version: str | None) -> bool:
    """Whether this is a version, and one before the key."""
    first = (version or "").partition(".")[0]
    return first.isdigit() and int(first) < ENGINE
