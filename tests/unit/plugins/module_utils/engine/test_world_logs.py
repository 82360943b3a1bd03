# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.engine.world import Engine
from ansible_collections.hydra.swarm.plugins.module_utils.engine.world_logs import pieces, tail


def piece(text: str, stream: int = 1) -> bytes:
    content = text.encode()
    return bytes([stream, 0, 0, 0]) + len(content).to_bytes(4, "big") + content


class Log(Engine):
    def __init__(self, content: bytes | Exception):
        super().__init__()
        self.content, self.asked = content, ("", {})  # type: tuple[bytes | Exception, tuple[str, dict[str, str]]]

    def stream(self, path: str, most: int, seconds: float, **query: str) -> bytes:
        self.asked = (path, query)
        if isinstance(self.content, Exception):
            raise self.content
        return self.content


def task(**container: Any) -> dict[str, Any]:
    return {"ID": "t1", "Spec": {"ContainerSpec": container}}


def test_the_streams_are_put_in_order_and_headers_and_times_left_off() -> None:
    log = Log(
        piece("2026-01-01T10:00:01.1Z starting\n2026-01-01T10:00:02Z \n")
        + piece("2026-01-01T10:00:03Z no database\r\n", 2)
        + piece("2026-01-01T10:00:02Z opening\n")
    )
    assert tail(log, task()) == ["starting", "opening", "no database"]
    assert log.asked == (
        "/tasks/t1/logs",
        {"stdout": "true", "stderr": "true", "tail": "10", "timestamps": "true"},
    )
    assert tail(log, task(), lines=1) == ["no database"]


def test_of_lines_longer_than_what_an_engine_keeps_together_the_end_is_still_the_end() -> None:
    """Nine lines of 40 KB, each in three parts with the time in front, between what goes to the other stream; and the error."""
    content = b""
    for second in range(9):
        stamp = f"2026-01-01T10:00:0{second}Z "
        content += piece(stamp + "x" * 16384) + piece(stamp + "y" * 16384) + piece(f"{stamp}2026-01-01T10:00:00Z z\n")
        content += piece(f"2026-01-01T10:00:0{second}.5Z noise\n", 2)
    content += piece("2026-01-01T10:00:09Z the error\n")
    found = tail(Log(content), task(), lines=4)
    assert found[0] == "noise" and found[2:] == ["noise", "the error"]
    assert found[1] == "x" * 300 + "..."


def test_a_whole_log_of_long_lines_is_read() -> None:
    """Ten parts of each stream is the most that an engine gives of the last ten lines."""
    asked = []

    class Measured(Log):
        def stream(self, path: str, most: int, seconds: float, **query: str) -> bytes:
            asked.append(most)
            return b""

    tail(Measured(b""), task())
    assert asked[0] >= 2 * 10 * (16384 + 64)


def test_a_terminal_has_no_headers() -> None:
    assert tail(Log(b"2026-01-01T10:00:01Z a\r\n2026-01-01T10:00:02Z b\r\n"), task(TTY=True)) == ["a", "b"]


def test_no_log_is_no_trouble() -> None:
    assert tail(Log(EngineError("no such task", 404)), task()) == []


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", []),
        (b"\x01\x00", []),
        (piece("ab") + piece("c", 2), [(1, b"ab"), (2, b"c")]),
        (piece("abcdef")[:-3], [(1, b"abc")]),
    ],
)
def test_pieces(content: bytes, found: list[tuple[int, bytes]]) -> None:
    assert list(pieces(content)) == found
