# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.engine import world_settings
from ansible_collections.hydra.swarm.plugins.modules import engine_settings


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings file, on a machine without an engine."""
    monkeypatch.setattr(world_settings, "daemon", lambda: None)
    monkeypatch.setattr(world_settings, "program", lambda: "")
    return tmp_path / "docker" / "daemon.json"


def test_settings_are_merged_into_what_is_there(call: Any, path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"dns": ["1.1.1.1"], "labels": ["rack=1"]}')
    result = call(engine_settings, path=str(path), settings={"mtu": 1400, "dns": None})
    assert (result["changed"], result["running"], result["effect"]) == (True, False, "none")
    assert json.loads(path.read_text()) == {"labels": ["rack=1"], "mtu": 1400}
    assert "mtu" in str(result["diff"]["after"])
    assert call(engine_settings, path=str(path), settings={"mtu": 1400, "dns": None})["changed"] is False


def test_a_rehearsal_writes_nothing(call: Any, path: Path) -> None:
    result = call(engine_settings, check=True, path=str(path), settings={"mtu": 1400})
    assert result["changed"] is True and not path.exists()


def test_a_file_that_no_engine_would_start_with_is_left_alone(call: Any, path: Path) -> None:
    path.parent.mkdir()
    path.write_text("{broken")
    result = call(engine_settings, path=str(path), settings={"mtu": 1400})
    assert str(path) in result["msg"] and path.read_text() == "{broken"


def test_what_dockerd_refuses_is_not_written(
    call: Any, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "dockerd"
    program.write_text("#!/bin/sh\necho 'the following directives are wrong: bogus' >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(world_settings, "program", lambda: str(program))
    result = call(engine_settings, path=str(path), settings={"bogus": 1})
    assert result["msg"] == (
        f"{path} is left as it was: dockerd refuses what it would hold: the following directives are wrong: bogus; correct "
        "that setting"
    )
    assert not path.exists()
