# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Directories on a real file system; that what is above them is root's is checked by storage/directories.py, and left out here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.storage import world_directories
from ansible_collections.hydra.swarm.plugins.modules import export_directory, export_directory_info


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What asks for ada's home below a root of our own."""
    monkeypatch.setattr(world_directories, "check_above", lambda path, owner, mode: None)
    real = os.fchown
    me = os.getuid(), os.getgid()
    monkeypatch.setattr(os, "fchown", lambda fd, user, group: real(fd, *(me if user == 0 else (user, group))))
    return {"root": str(tmp_path), "parts": ["ada", "home"], "owner": str(me[0]), "group": str(me[1])}


def test_made_once_and_listed(call: Any, home: dict[str, Any], tmp_path: Path) -> None:
    result = call(export_directory, **home)
    assert (result["changed"], result["path"], result["exists"], result["notes"]) == (
        True,
        f"{tmp_path}/ada/home",
        True,
        [],
    )
    assert (tmp_path / "ada/home").stat().st_mode & 0o777 == 0o700
    assert call(export_directory, **home)["changed"] is False
    listed = call(export_directory_info, root=str(tmp_path))
    assert (listed["changed"], [(one["student"], one["project"]) for one in listed["projects"]]) == (
        False,
        [("ada", "home")],
    )


def test_a_rehearsal_makes_none(call: Any, home: dict[str, Any], tmp_path: Path) -> None:
    result = call(export_directory, check=True, **home)
    assert (result["changed"], result["exists"], list(tmp_path.iterdir())) == (True, False, [])


def test_data_goes_only_where_purging_was_asked_for(call: Any, home: dict[str, Any], tmp_path: Path) -> None:
    call(export_directory, **home)
    (tmp_path / "ada/home/thesis").write_text("all of it")
    kept = call(export_directory, **home, state="absent")
    assert (kept["changed"], (tmp_path / "ada/home/thesis").exists()) == (False, True)
    gone = call(export_directory, **home, state="absent", purge=True)
    assert (gone["changed"], gone["exists"], (tmp_path / "ada/home").exists()) == (True, False, False)


@pytest.mark.parametrize(
    "bad",
    [
        {"parts": ["..", "etc"]},
        {"parts": []},
        {"root": "relative"},
        {"mode": "1234567"},
        {"quota": "much"},
        {"owner": "no such"},
    ],
)
def test_what_is_refused_before_anything_is_made(call: Any, home: dict[str, Any], tmp_path: Path, bad: Any) -> None:
    result = call(export_directory, **{**home, **bad})
    assert result["failed"] and result["msg"] and list(tmp_path.iterdir()) == []


def test_a_quota_that_this_file_system_does_not_keep_is_noted_or_refused(
    call: Any, home: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world_directories, "quota_lack", lambda fd, path: "this is no XFS")
    assert call(export_directory, **home, quota="1g")["notes"]
    result = call(export_directory, **{**home, "parts": ["bob", "home"]}, quota="1g", quota_required=True)
    assert result["msg"].endswith("mount it so, or run without quota_required")
    assert not (tmp_path / "bob").exists()
