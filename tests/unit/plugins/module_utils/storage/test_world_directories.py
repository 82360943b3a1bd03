# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Directories on a real file system. What is above them must be root's, which is checked by storage/directories.py and left out here."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.storage import world_directories
from ansible_collections.hydra.swarm.plugins.module_utils.storage.directories import Found, Wish

ME = os.getuid(), os.getgid()
FAR = 1e9  # seconds


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every directory that was asked whether it is root's alone; whatever makes one root's makes it ours."""
    seen: list[str] = []
    monkeypatch.setattr(world_directories, "check_above", lambda path, owner, mode: seen.append(path))
    real = os.fchown
    monkeypatch.setattr(os, "fchown", lambda fd, owner, group: real(fd, *(ME if owner == 0 else (owner, group))))
    return seen


@pytest.fixture
def wish(tmp_path: Path, asked: list[str]) -> Callable[..., Wish]:
    def of(*parts: str, mode: int = 0o700, **more: Any) -> Wish:
        plain = {"quota": None, "state": "present", "purge": False}
        return Wish(str(tmp_path), parts or ("ada", "ml"), *ME, mode, **{**plain, **more})

    return of


def look(wanted: Wish) -> Found | None:
    with world_directories.opened(wanted.root, wanted.parts) as (fd, _lowest):
        return world_directories.look(fd)


def test_made_from_nothing(wish: Any, tmp_path: Path, asked: list[str]) -> None:
    old = os.umask(0o077)
    try:
        world_directories.furnish(wish())
    finally:
        os.umask(old)
    assert (tmp_path / "ada").stat().st_mode & 0o7777 == 0o755
    assert look(wish()) == Found(*ME, 0o700)
    assert set(asked) == {str(tmp_path), str(tmp_path / "ada")}


def test_what_is_in_a_directory_stays(wish: Any, tmp_path: Path) -> None:
    world_directories.furnish(wish())
    file = tmp_path / "ada/ml/file"
    file.write_text("data")
    file.chmod(0o640)
    world_directories.furnish(wish(mode=0o750))
    assert look(wish()) == Found(*ME, 0o750)
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("data", 0o640)


def test_nothing_is_there(wish: Any) -> None:
    assert look(wish()) is None


@pytest.mark.parametrize("where", ["ada", "ada/ml"])
@pytest.mark.parametrize("act", [look, world_directories.furnish, world_directories.purge])
def test_a_link_is_neither_followed_nor_replaced(wish: Any, tmp_path: Path, where: str, act: Any) -> None:
    other = tmp_path / "bob"
    (other / "ml").mkdir(parents=True)
    (other / "ml/secret").write_text("of bob")
    if where == "ada/ml":
        (tmp_path / "ada").mkdir()
    (tmp_path / where).symlink_to(other / "ml")
    mode = (other / "ml").stat().st_mode
    with pytest.raises(Refusal) as caught:
        act(wish())
    assert str(caught.value) == (
        f"{tmp_path / where} is a symbolic link (to {other / 'ml'}), not a directory; nothing is followed or replaced here: "
        "remove or rename it"
    )
    assert (tmp_path / where).is_symlink()
    assert ((other / "ml/secret").read_text(), (other / "ml").stat().st_mode) == ("of bob", mode)


def test_a_file_in_the_place_of_a_directory(wish: Any, tmp_path: Path) -> None:
    (tmp_path / "ada").write_text("")
    with pytest.raises(Refusal) as caught:
        look(wish())
    assert str(caught.value) == (
        f"{tmp_path}/ada is a file, not a directory; nothing is followed or replaced here: remove or rename it"
    )


def test_no_root(wish: Any, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as caught:
        world_directories.furnish(Wish(f"{tmp_path}/no", ("ada",), *ME, 0o700, None, "present", False))
    assert str(caught.value) == (
        f"{tmp_path}/no: No such file or directory; export it first (make swarm-up does), or name the directory that is "
        "exported"
    )


def test_a_link_swapped_in_between_look_and_action(wish: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ada").mkdir()
    (tmp_path / "bob").mkdir(mode=0o755)
    real = os.mkdir

    def quick(name: str, mode: int, dir_fd: int) -> None:
        real(name, mode, dir_fd=dir_fd)
        os.rmdir(name, dir_fd=dir_fd)
        os.symlink(tmp_path / "bob", name, dir_fd=dir_fd)

    monkeypatch.setattr(os, "mkdir", quick)
    with pytest.raises(Refusal) as caught:
        world_directories.furnish(wish())
    assert "/ada/ml is a symbolic link" in str(caught.value)
    assert (tmp_path / "bob").stat().st_mode & 0o777 == 0o755


def test_a_purge_takes_no_more_than_it_should(wish: Any, tmp_path: Path) -> None:
    world_directories.furnish(wish())
    world_directories.furnish(wish("ada", "home"))
    (tmp_path / "kept").write_text("data")
    (tmp_path / "ada/ml/deep").mkdir()
    (tmp_path / "ada/ml/deep/link").symlink_to(tmp_path)
    (tmp_path / "ada/ml/up").symlink_to("../home")
    world_directories.purge(wish(purge=True))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ada", "kept"]
    assert [path.name for path in (tmp_path / "ada").iterdir()] == ["home"]
    world_directories.purge(wish("ada", "home", purge=True))
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_projects(wish: Any, tmp_path: Path) -> None:
    for parts in (("ada", "home"), ("ada", "ml"), ("bob", "home")):
        world_directories.furnish(wish(*parts))
    (tmp_path / "ada/home/file").write_bytes(b"x" * 10000)
    os.link(tmp_path / "ada/home/file", tmp_path / "ada/home/again")  # counts once
    (tmp_path / "ada/home/link").symlink_to(tmp_path / "bob")
    (tmp_path / "Other").mkdir()
    (tmp_path / "carol").symlink_to(tmp_path / "ada")
    (tmp_path / "ada/x").symlink_to(tmp_path / "bob/home")
    found = world_directories.projects(str(tmp_path), FAR)
    assert [(one["student"], one["project"], one["mode"], one["owner"]) for one in found] == [
        ("ada", "home", "0700", ME[0]),
        ("ada", "ml", "0700", ME[0]),
        ("bob", "home", "0700", ME[0]),
    ]
    assert 10000 <= found[0]["used_bytes"] < 20000
    assert [one["used_bytes"] for one in world_directories.projects(str(tmp_path), -1)] == [None] * 3


@pytest.mark.parametrize("word", ["1000", 1000])
def test_numbers_of_nobody_are_fine(word: Any) -> None:
    assert world_directories.user_id(word, "owner") == 1000


def test_names() -> None:
    assert (world_directories.user_id("root", "owner"), world_directories.user_id("root", "group")) == (0, 0)
    with pytest.raises(Refusal) as caught:
        world_directories.user_id("no-such-user", "owner")
    assert str(caught.value) == "owner 'no-such-user' is not known on this machine; write the number instead"
