# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.lab.world_disk import whole


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As the recipe leaves it."""
    (tmp_path / "lib").mkdir()
    for name, text in {"kernel": "kernel", "disk.ext4": "disk", "lib/a library.so": "code"}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "contents").write_text("6 kernel\n4 disk.ext4\n4 lib/a library.so\n")
    return tmp_path


def test_all_is_there(folder: Path) -> None:
    assert whole(folder)


@pytest.mark.parametrize("name", ["kernel", "lib/a library.so", "contents"])
def test_a_file_is_gone(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert not whole(folder)


@pytest.mark.parametrize("name", ["disk.ext4", "lib/a library.so", "contents"])
def test_a_file_is_empty(folder: Path, name: str) -> None:
    (folder / name).write_text("")
    assert not whole(folder)


def test_there_is_none(tmp_path: Path) -> None:
    assert not whole(tmp_path / "nothing")
