# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Directories on a real file system; that what is above them is root's is checked by storage/directories.py, and left out here."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Iterator
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
        {"owners": "1-2"},
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


ROOT_ALONE = pytest.mark.skipif(os.getuid() != 0, reason="only root gives directories away")
STUDENTS = ("ada", "bob", "cleo", "dan")


@ROOT_ALONE
def test_each_student_has_a_number_of_his_own_and_keeps_it(call: Any, tmp_path: Path) -> None:
    def ask(student: str, project: str = "home", **more: Any) -> dict[str, Any]:
        return dict(call(export_directory, root=str(tmp_path), parts=[student, project], owners="70000-70002", **more))

    tmp_path.chmod(0o755)
    assert (ask("ada", check=True)["user"], list(tmp_path.iterdir())) == ("70000:70000", [])
    made = [ask("ada"), ask("bob"), ask("ada", "ml")]
    assert [(one["changed"], one["user"], one["notes"]) for one in made] == [
        (True, "70000:70000", []),
        (True, "70001:70001", []),
        (True, "70000:70000", []),
    ]
    info = (tmp_path / "bob/home").stat()
    assert (info.st_uid, info.st_gid, info.st_mode & 0o777) == (70001, 70001, 0o700)
    again = ask("bob")
    assert (again["changed"], again["user"]) == (False, "70001:70001")
    # What somebody named stays his until he names another.
    assert ask("cleo", owner="1000")["user"] == "1000:1000"
    kept = ask("cleo")
    assert (kept["changed"], kept["user"]) == (False, "1000:1000")
    assert [
        f"{tmp_path}/cleo/home keeps its user 1000" in note and "chown -hR 70002:70002" in note
        for note in kept["notes"]
    ] == [True]
    assert "user" not in ask("ada", state="absent")


@ROOT_ALONE
def test_students_who_are_made_at_the_same_time_have_different_numbers(
    call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs of two users, or of two computers, which no lock of a control host keeps apart."""
    processes = multiprocessing.get_context("fork")
    all_have_looked = processes.Barrier(len(STUDENTS))
    real = world_directories.choosing

    @contextlib.contextmanager
    def slow(root: str, seconds: float) -> Iterator[Any]:
        with real(root, seconds) as known:
            with contextlib.suppress(threading.BrokenBarrierError):
                all_have_looked.wait(0.3)
            yield known

    monkeypatch.setattr(world_directories, "choosing", slow)
    tmp_path.chmod(0o755)
    runs = [
        processes.Process(
            target=call, args=(export_directory,), kwargs={"root": str(tmp_path), "parts": [student, "home"]}
        )
        for student in STUDENTS
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join(30)
    assert sorted((tmp_path / student / "home").stat().st_uid for student in STUDENTS) == [70000, 70001, 70002, 70003]


def test_who_waits_too_long_for_another_says_so(call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world_directories, "check_above", lambda path, owner, mode: None)
    monkeypatch.setattr(export_directory, "PATIENCE", 0.2)
    with world_directories.choosing(str(tmp_path), 1):
        result = call(export_directory, root=str(tmp_path), parts=["ada", "home"])
    assert result["msg"] == (
        f"waited 0.2 s for another run to have chosen a user below {tmp_path}; last seen: it is still at it"
    )
