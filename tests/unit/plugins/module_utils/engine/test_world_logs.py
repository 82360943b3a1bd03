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


def test_a_terminal_has_no_headers() -> None:
    assert tail(Log(b"2026-01-01T10:00:01Z a\r\n2026-01-01T10:00:02Z b\r\n"), task(TTY=True)) == ["a", "b"]


def test_no_log_is_no_trouble() -> None:
    assert tail(Log(EngineError("no such task", 404)), task()) == []


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"", []), (b"\x01\x00", []), (piece("ab") + piece("c"), [b"ab", b"c"]), (piece("abcdef")[:-3], [b"abc"])],
)
def test_pieces(content: bytes, found: list[bytes]) -> None:
    assert list(pieces(content)) == found
