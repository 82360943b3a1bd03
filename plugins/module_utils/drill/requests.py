# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a client's log says of the requests that were lost while a node failed. See the role swarm_drill's client.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def counted(lines: Iterable[str], since: float, until: float) -> dict[str, dict[str, Any]]:
    """For each way to the service: how many were sent and lost, and the longest time without any answer, in seconds.

    A way on which none was ever answered, before or since, is left out: there is nobody, the proxy for one.
    """
    asked: dict[str, list[tuple[float, bool]]] = {}
    for line in lines:
        words = line.split()
        if len(words) == 3 and words[2] in ("ok", "lost"):
            asked.setdefault(words[1], []).append((float(words[0]), words[2] == "ok"))
    return {
        name: _of(sorted(each), since, until)
        for name, each in sorted(asked.items())
        if any(answered for _when, answered in each)
    }


def _of(each: list[tuple[float, bool]], since: float, until: float) -> dict[str, Any]:
    longest = 0.0
    silent_since: float | None = None
    here = [(when, answered) for when, answered in each if since <= when <= until]
    for when, answered in here:
        if silent_since is not None:
            longest = max(longest, when - silent_since)
        if answered:
            silent_since = None
        elif silent_since is None:
            silent_since = when
    return {
        "sent": len(here),
        "lost": sum(not answered for _when, answered in here),
        "longest": round(longest, 1),
    }


def told(requests: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [
        f"requests lost, {name}: {one['lost']} of {one['sent']}"
        + (f", at most {one['longest']:g} s without an answer" if one["longest"] else "")
        for name, one in requests.items()
    ]
