# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Logs as etcd writes them: frames of a length, padding to 8 bytes, and a record; zeros behind the last."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.hydra.swarm.plugins.module_utils.swarm.cluster.world_raft import look

CRC, METADATA, STATE = 4, 1, 3


def varint(number: int) -> bytes:
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def message(**numbers: int) -> bytes:
    return b"".join(field(int(key[1:]), value) for key, value in numbers.items())


def framed(kind: int, data: bytes) -> bytes:
    record = field(1, kind) + field(2, 0xDEADBEEF) + (field(3, data) if data else b"")
    padding = -len(record) % 8
    head = len(record) | ((0x80 | padding) << 56 if padding else 0)
    return head.to_bytes(8, "little") + record + bytes(padding)


def entry(term: int, index: int, content: bytes = b"secret" * 40) -> bytes:
    return framed(2, message(_1=0, _2=term, _3=index) + field(4, content))


def snapshot(term: int, index: int) -> bytes:
    return framed(5, message(_1=index, _2=term))


def write(root: Path, name: str, *frames: bytes, end: bytes = bytes(4096)) -> None:
    folder = root / "swarm/raft/wal-v3-encrypted"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"".join(frames) + end)


def test_the_last_entry_counts_not_what_stands_behind_it(tmp_path: Path) -> None:
    start = [framed(CRC, b""), framed(METADATA, b"node"), framed(5, b"")]
    state = framed(STATE, message(_1=9, _2=1, _3=2))  # a vote in a later term, for which there is no entry
    write(tmp_path, "0-0.wal", *start, entry(2, 148), entry(3, 149), entry(3, 150, b""), state)
    assert look(str(tmp_path)) == {"term": 3, "index": 150}


def test_entries_that_a_new_leader_wrote_over(tmp_path: Path) -> None:
    write(tmp_path, "0-0.wal", entry(2, 10), entry(2, 11), entry(2, 12), entry(4, 11))
    assert look(str(tmp_path)) == {"term": 4, "index": 11}


def test_an_entry_that_was_not_written_whole_is_none(tmp_path: Path) -> None:
    write(tmp_path, "0-0.wal", entry(2, 10), entry(2, 11)[:-20], end=b"")
    assert look(str(tmp_path)) == {"term": 2, "index": 10}


def test_a_file_that_was_just_begun_and_one_that_begins_behind_a_snapshot(tmp_path: Path) -> None:
    write(tmp_path, "0000000000000000-0000000000000000.wal", entry(2, 10))
    write(tmp_path, "0000000000000001-000000000000000b.wal", framed(CRC, b""), framed(METADATA, b"node"))
    assert look(str(tmp_path)) == {"term": 2, "index": 10}
    write(tmp_path, "0000000000000002-000000000000000c.wal", framed(CRC, b""), snapshot(5, 20_000))
    assert look(str(tmp_path)) == {"term": 5, "index": 20_000}


def test_no_log(tmp_path: Path) -> None:
    assert look(str(tmp_path)) == {}
    write(tmp_path, "0-0.wal")
    write(tmp_path, "0.tmp", entry(2, 10))
    assert look(str(tmp_path)) == {}
