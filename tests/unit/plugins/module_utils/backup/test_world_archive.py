# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.backup import world_archive
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal

SWARM = {"id": "r2al", "node": "hydra-node", "address": "172.30.0.10", "engine": "26.1.5"}


def archive(path: Path, made_of: dict[str, str] | None = None, **parts: list[bytes]) -> str:
    with world_archive.Writer(str(path)) as writer:
        for name, pieces in parts.items():
            kind = "swarm" if name == "swarm" else "data"
            writer.add({"kind": kind, "path": f"/exports/{name}", "file": f"{name}.tar.gz.age"}, pieces)
        writer.finish({"cluster": "hydra", "taken": 7, "inventory": "", "swarm": made_of})
    return str(path)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.tar", SWARM, swarm=[b"x" * 1000, b"y" * 5], data=[])
    told = world_archive.checked(path)
    assert [(part["file"], part["bytes"]) for part in told["parts"]] == [
        ("swarm.tar.gz.age", 1005),
        ("data.tar.gz.age", 0),
    ]
    assert b"".join(world_archive.part(path, "swarm.tar.gz.age")) == b"x" * 1000 + b"y" * 5
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["a.tar"]


def test_one_that_was_not_finished_is_not_there(tmp_path: Path) -> None:
    def broken() -> Any:
        yield b"x"
        raise OSError("disk full")

    with pytest.raises(OSError), world_archive.Writer(str(tmp_path / "a.tar")) as writer:
        writer.add({"kind": "data", "file": "data-1.tar.gz.age"}, broken())
    assert os.listdir(tmp_path) == []


def test_what_several_machines_made_becomes_one(tmp_path: Path) -> None:
    one = archive(tmp_path / "nfs.tar", data=[b"d"])
    two = archive(tmp_path / "hydra.tar", SWARM, swarm=[b"s"], more=[b"e"])
    made = world_archive.merge([one, two], str(tmp_path / "all.tar"))
    told = world_archive.checked(made["archive"])
    assert told["swarm"] == SWARM and made["manifest"] == told
    found = {part["file"]: b"".join(world_archive.part(made["archive"], part["file"])) for part in told["parts"]}
    assert found == {"data-1.tar.gz.age": b"d", "swarm.tar.gz.age": b"s", "data-2.tar.gz.age": b"e"}


@pytest.mark.parametrize("left", [0, 1, 511, 512, 1024, 2048, 3000])
def test_one_that_is_cut_off_is_refused(tmp_path: Path, left: int) -> None:
    path = archive(tmp_path / "a.tar", SWARM, swarm=[b"x" * 1500])
    content = Path(path).read_bytes()
    Path(path).write_bytes(content[:left])
    with pytest.raises(Refusal, match=r"no archive of this project|cut off|damaged"):
        world_archive.checked(path)


def test_any_letter_that_changed_is_found(tmp_path: Path) -> None:
    """But in what tar itself does not read, such as the bytes that fill a block."""
    path = archive(tmp_path / "a.tar", SWARM, swarm=[b"x" * 700])
    content = bytearray(Path(path).read_bytes())
    start = content.index(b"x" * 700)
    for place in (start, start + 699, content.index(b'"cluster": "hydra"') + 13, content.index(b"manifest.json")):
        changed = bytearray(content)
        changed[place] ^= 1
        Path(path).write_bytes(changed)
        with pytest.raises(Refusal):
            world_archive.checked(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\0" * 10240])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tar").write_bytes(content)
    with pytest.raises(Refusal, match="no archive of this project"):
        world_archive.checked(str(tmp_path / "a.tar"))


def test_one_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot be read: No such file"):
        world_archive.checked(str(tmp_path / "a.tar"))


def test_only_the_newest_stay(tmp_path: Path) -> None:
    for day in range(1, 5):
        archive(tmp_path / f"hydra-2026110{day}T000000Z.backup.tar", data=[])
    assert world_archive.retain(str(tmp_path), "hydra", 3) == ["hydra-20261101T000000Z.backup.tar"]
    assert len(os.listdir(tmp_path)) == 3


def test_a_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    made = world_archive.folder(str(tmp_path / "a" / "b"))
    assert os.stat(made).st_mode & 0o777 == 0o700
    (tmp_path / "file").write_text("")
    with pytest.raises(Refusal, match="no such folder can be made"):
        world_archive.folder(str(tmp_path / "file" / "b"))
