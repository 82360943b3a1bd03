# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The last lines that a task of a service wrote, wherever in the swarm it ran."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..common.errors import EngineError
from ..common.text import cut
from .world import Engine

# An engine keeps a long line in parts of 16 KiB, and counts those where it is asked for the last lines, of each stream.
LINES, PART, SECONDS = 10, 16 * 1024, 5.0
BYTES = 4 * LINES * PART
LINE = re.compile(r"[^\n]*\n|[^\n]+$")
HEADER = 8  # bytes before each piece of output: the stream it belongs to, and its length


def tail(engine: Engine, task: Mapping[str, Any], lines: int = LINES) -> list[str]:
    """The end of a task's log; empty when there is none to be had in time, which hides no other trouble."""
    query = {"stdout": "true", "stderr": "true", "tail": str(lines), "timestamps": "true"}
    try:
        content = engine.stream(f"/tasks/{task['ID']}/logs", BYTES, SECONDS, **query)
    except EngineError:
        return []
    terminal = (task["Spec"].get("ContainerSpec") or {}).get("TTY")
    # The two streams come one after the other; their times put them in order.
    stamped = sorted(_lines([(1, content)] if terminal else pieces(content)), key=lambda parts: parts[0].rstrip("Z"))
    return [cut(words.rstrip()) for _time, words in stamped if words.strip()][-lines:]


def pieces(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The output in a multiplexed stream, each with its stream's number; of a piece that was cut off, what came."""
    while len(content) > HEADER:
        length = int.from_bytes(content[4:HEADER], "big")
        yield content[0], content[HEADER : HEADER + length]
        content = content[HEADER + length :]


def _lines(output: Iterable[tuple[int, bytes]]) -> list[tuple[str, str]]:
    """Each line with its time. Every part of a long line has the time in front, too."""
    found: list[tuple[str, str]] = []
    unfinished: dict[int, int] = {}  # by stream, which line goes on
    for stream, piece in output:
        for line in LINE.findall(piece.decode(errors="replace").replace("\r", "")):
            moment, _space, words = line.partition(" ")
            if stream in unfinished:
                begun, text = found[unfinished[stream]]
                found[unfinished[stream]] = (begun, text + words)
            else:
                unfinished[stream] = len(found)
                found.append((moment, words))
            if line.endswith("\n"):
                del unfinished[stream]
    return found
