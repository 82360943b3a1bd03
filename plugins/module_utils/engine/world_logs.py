# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The last lines that a task of a service wrote, wherever in the swarm it ran."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..common.errors import EngineError
from .world import Engine

LINES, BYTES, SECONDS = 10, 64 * 1024, 5.0
HEADER = 8  # bytes before each piece of output: the stream it belongs to, and its length


def tail(engine: Engine, task: Mapping[str, Any], lines: int = LINES) -> list[str]:
    """The end of a task's log; empty when there is none to be had in time, which hides no other trouble."""
    query = {"stdout": "true", "stderr": "true", "tail": str(lines), "timestamps": "true"}
    try:
        content = engine.stream(f"/tasks/{task['ID']}/logs", BYTES, SECONDS, **query)
    except EngineError:
        return []
    whole = content if (task["Spec"].get("ContainerSpec") or {}).get("TTY") else b"".join(pieces(content))
    text = whole.decode(errors="replace").replace("\r", "")
    # The two streams come one after the other; their times put them in order.
    stamped = sorted((line.partition(" ") for line in text.split("\n") if line.strip()), key=lambda parts: parts[0])
    return [words.rstrip() for _time, _space, words in stamped if words.strip()][-lines:]


def pieces(content: bytes) -> Iterator[bytes]:
    """The output in a multiplexed stream, without the headers; of a piece that was cut off, what came."""
    while len(content) > HEADER:
        length = int.from_bytes(content[4:HEADER], "big")
        yield content[HEADER : HEADER + length]
        content = content[HEADER + length :]
