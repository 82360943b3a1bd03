# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""With scripts that touch nothing but a file; what they do on a real machine is tested on one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common import world_wait
from ansible_collections.hydra.swarm.plugins.module_utils.drill import faults, world_machine
from ansible_collections.hydra.swarm.plugins.modules import node_fault


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is there while the fault is."""
    file = tmp_path / "broken"
    monkeypatch.setattr(world_machine, "FOLDER", str(tmp_path / "drill"))
    monkeypatch.setattr(world_machine, "_systemd", lambda: False)
    monkeypatch.setattr(faults, "scripts", lambda *_given: (f"touch {file}", f"rm -f {file}", "a note"))
    return file


def seen(what: str, look: Callable[[], bool]) -> None:
    world_wait.until(what, lambda: (True if look() else None, "not yet"), 20)


def test_it_ends_by_itself(call: Any, broken: Path, tmp_path: Path) -> None:
    made = call(node_fault, how="hang", delay=0, seconds=1)
    assert (made["changed"], made["note"], made["diff"]["after"]) == (True, "a note", {"fault": "hang"})
    seen("the fault to be made", broken.exists)
    seen("it to be undone", (tmp_path / "drill/undone").exists)
    assert not broken.exists()
    ended = call(node_fault, state="absent")
    assert (ended["was"], ended["by_itself"], ended["trouble"]) == ("hang", True, "")
    assert 0 < ended["made"] < ended["undone"]
    assert call(node_fault, state="absent") == {
        "changed": False,
        "was": "",
        "diff": ended["diff"] | {"before": {"fault": ""}},
    }


def test_it_is_undone_before_its_time(call: Any, broken: Path, tmp_path: Path) -> None:
    call(node_fault, how="hang", delay=0, seconds=600)
    seen("the fault to be made", broken.exists)
    assert "hang is still being rehearsed here: make restore-node first" in call(node_fault, how="flush")["msg"]
    assert call(node_fault, check=True, state="absent")["was"] == "hang" and broken.exists()
    keeper = int((tmp_path / "drill/pid").read_text())
    assert call(node_fault, state="absent")["by_itself"] is False
    assert not broken.exists() and not (tmp_path / "drill").exists()
    seen("its keeper to be gone", lambda: world_machine.started(keeper) == "")


def test_it_is_undone_before_it_was_made(call: Any, broken: Path) -> None:
    call(node_fault, how="hang", delay=600, seconds=600)
    assert call(node_fault, state="absent")["made"] == 0
    assert not broken.exists()


def test_what_could_not_be_made_is_told(
    call: Any, broken: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(faults, "scripts", lambda *_given: ("echo no such thing >&2; false", "true", ""))
    call(node_fault, how="hang", delay=0, seconds=1)
    seen("its end", (tmp_path / "drill/undone").exists)
    assert call(node_fault, state="absent")["trouble"] == "no such thing"


def test_a_rehearsal_and_what_is_refused(call: Any, broken: Path, tmp_path: Path) -> None:
    assert call(node_fault, check=True, how="hang")["changed"] is True and not (tmp_path / "drill").exists()
    assert "is no IPv4 address" in call(node_fault, how="hang", peers=["x; reboot"])["msg"]
