# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common import world_lock

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "hydra.swarm"


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    """Another process that lives."""
    with subprocess.Popen(SLEEPER) as process:
        yield process
        process.kill()


def end(process: subprocess.Popen[bytes], how: int) -> None:
    process.send_signal(how)
    process.wait()


def test_a_claim_of_a_living_process_stands(other: subprocess.Popen[bytes]) -> None:
    assert world_lock.claim("hydra", {"pid": other.pid, "doing": "swarm-up"}) is None
    holder = world_lock.claim("hydra", {"pid": os.getpid(), "doing": "swarm-down"})
    assert holder == {"pid": other.pid, "doing": "swarm-up", "started": world_lock.started(other.pid)}


def test_a_process_may_claim_again() -> None:
    assert world_lock.claim("hydra", {"pid": os.getpid(), "doing": "swarm-up"}) is None
    assert world_lock.claim("hydra", {"pid": os.getpid(), "doing": "swarm-up"}) is None


def test_other_clusters_are_not_concerned(other: subprocess.Popen[bytes]) -> None:
    assert world_lock.claim("hydra", {"pid": other.pid}) is None
    assert world_lock.claim("lab", {"pid": os.getpid()}) is None


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_claim_ends_with_its_process(other: subprocess.Popen[bytes], how: int) -> None:
    assert world_lock.claim("hydra", {"pid": other.pid}) is None
    end(other, how)
    assert world_lock.claim("hydra", {"pid": os.getpid()}) is None


def test_a_process_that_only_has_the_number_of_the_holder_is_not_it(
    other: subprocess.Popen[bytes], state: Path
) -> None:
    assert world_lock.claim("hydra", {"pid": other.pid}) is None
    path = state / "hydra.holder"
    path.write_text(json.dumps({**json.loads(path.read_text()), "started": "1"}))
    assert world_lock.claim("hydra", {"pid": os.getpid()}) is None


@pytest.mark.parametrize("left", ["", "{", "null", "[]", "{}"])
def test_a_file_that_says_nothing_is_no_holder(state: Path, left: str) -> None:
    state.mkdir()
    (state / "hydra.holder").write_text(left)
    assert world_lock.claim("hydra", {"pid": os.getpid()}) is None


def test_no_process_has_no_start(other: subprocess.Popen[bytes]) -> None:
    assert world_lock.started(other.pid) != ""
    end(other, signal.SIGKILL)
    assert world_lock.started(other.pid) == ""


HOLD = """
import sys
from ansible_collections.hydra.swarm.plugins.module_utils.common import world_lock
with world_lock.exclusive("hydra"):
    print("held", flush=True)
    sys.stdin.read()
"""
TRY = HOLD.replace("sys.stdin.read()", "pass")


def test_who_comes_second_waits_until_the_first_is_gone() -> None:
    words = {"text": True, "stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", HOLD], env=environment, **words) as first:
        assert first.stdout.readline() == "held\n"
        with subprocess.Popen([sys.executable, "-c", TRY], env=environment, **words) as second:
            with pytest.raises(subprocess.TimeoutExpired):
                second.wait(0.3)
            first.kill()
            assert second.communicate(timeout=20)[0] == "held\n"


def test_the_folder_is_the_users_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert world_lock.directory() == f"{tmp_path}/.local/state/hydra.swarm"
    assert os.stat(world_lock.directory()).st_mode & 0o777 == 0o700
