# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How far a manager's log of the swarm goes, read from its files: an engine whose swarm has no leader tells it nobody.

Of two managers without a leader the one whose last entry has the higher term, and in the same term the higher index,
knows all that was ever agreed upon; so raft's own elections decide, too. Swarm encrypts what is in an entry, but
neither its term nor its index. Standard library alone, and nothing of ours: called, this file is also the program that
is run in a container.
Source of the format: etcd's server/storage/wal (encoder.go, decoder.go), walpb/record.proto and raftpb/raft.proto.
"""

from __future__ import annotations

import glob
import json
import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

FOLDERS = ("swarm/raft/wal-v3-encrypted", "swarm/raft/wal-v3")  # below the engine's root
ENTRY, SNAPSHOT = 2, 5  # kinds of records
MOST = 1 << 30  # bytes of a record that can be one


def look(root: str) -> dict[str, int]:
    """The term and index of the last entry; nothing where there is no log."""
    for folder in FOLDERS:
        for path in sorted(glob.glob(os.path.join(root, folder, "*.wal")), reverse=True):
            with open(path, "rb") as stream:
                last = list(_positions(stream))[-1:]
            if last:
                return {"term": last[0][0], "index": last[0][1]}
    return {}


def _positions(stream: BinaryIO) -> Iterator[tuple[int, int]]:
    """Term and index of each entry, and of the snapshot that a file begins behind."""
    for kind, data in _records(stream):
        fields = _numbers(data)
        if kind == ENTRY:
            yield fields.get(2, 0), fields.get(3, 0)
        elif kind == SNAPSHOT and fields.get(1):
            yield fields.get(2, 0), fields[1]


def _records(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each record, up to the zeros behind the last, or to one that was not written whole."""
    while True:
        head = stream.read(8)
        length = int.from_bytes(head, "little")
        size = length & ((1 << 56) - 1)
        padding = (length >> 56) & 7 if length >> 63 else 0
        if len(head) < 8 or not size or size > MOST:
            return
        record = stream.read(size + padding)[:size]
        if len(record) < size:
            return
        kind, data = 0, b""
        for number, value in _fields(record):
            if number == 1 and isinstance(value, int):
                kind = value
            elif number == 3 and isinstance(value, bytes):
                data = value
        yield kind, data


def _numbers(message: bytes) -> dict[int, int]:
    return {number: value for number, value in _fields(message) if isinstance(value, int)}


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field of a protobuf message, of the two kinds that are in these."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        value, at = _varint(message, at)
        if key & 7 == 0:
            yield key >> 3, value
        elif key & 7 == 2:
            yield key >> 3, message[at : at + value]
            at += value
        else:
            return


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message):
        byte = message[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            break
    return value, at


if __name__ == "__main__":
    sys.stdout.write(json.dumps(look(sys.argv[1])) + "\n")
