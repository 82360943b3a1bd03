# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.backup import world_raft
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError, Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.common.world_wait import until


@pytest.fixture
def process() -> Iterator[int]:
    started = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
    yield started.pid
    started.kill()
    started.wait()


def stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "T"


def goes_on(pid: int) -> None:
    until("the process to go on", lambda: (None if stopped(pid) else True, "stopped"), 20)


def test_a_process_stands_still_and_goes_on(process: int) -> None:
    with world_raft.still(process):
        assert stopped(process)
    goes_on(process)


def test_it_goes_on_after_an_error(process: int) -> None:
    with pytest.raises(ValueError, match="x"), world_raft.still(process):
        raise ValueError("x")
    goes_on(process)


def test_it_goes_on_when_who_stopped_it_is_killed(process: int) -> None:
    child = os.fork()
    if not child:
        with world_raft.still(process):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    goes_on(process)


def test_a_copy_that_took_too_long_is_none(process: int) -> None:
    def read() -> None:
        with world_raft.still(process):
            os.kill(process, signal.SIGCONT)
            goes_on(process)

    with pytest.raises(EngineError, match="the engine went on meanwhile"):
        read()


def test_files_are_packed_and_put_in_place(tmp_path: Path) -> None:
    old = tmp_path / "old"
    (old / "raft" / "wal").mkdir(parents=True)
    (old / "raft" / "wal" / "0.wal").write_bytes(b"w")
    (old / "raft" / "wal" / "1.tmp").write_bytes(b"only prepared")
    (old / "state.json").write_bytes(b"{}")
    os.chmod(old / "state.json", 0o600)
    copy, description = world_raft.unpack(world_raft.pack(world_raft.files(str(old)), {"services": ["web"]}))
    assert description == {"services": ["web"]}
    new = tmp_path / "new"
    (new / "left").mkdir(parents=True)
    (new / "left" / "over").write_text("")
    world_raft.put(copy, str(new))
    assert sorted(str(path.relative_to(new)) for path in new.rglob("*")) == [
        "raft",
        "raft/wal",
        "raft/wal/0.wal",
        "state.json",
    ]
    assert os.stat(new / "state.json").st_mode & 0o777 == 0o600


def test_no_file_is_put_elsewhere() -> None:
    with pytest.raises(Refusal, match=r"'\.\./x' in the swarm's state"):
        world_raft.unpack(world_raft.pack({"../x": (0o600, b"")}, {}))


@pytest.mark.parametrize(("pid", "words"), [("", "is not known"), (str(os.getpid()), "and not dockerd")])
def test_only_an_engine_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pid: str, words: str) -> None:
    (tmp_path / "pid").write_text(pid)
    monkeypatch.setattr(world_raft, "PID_FILE", str(tmp_path / "pid"))
    with pytest.raises(EngineError, match=words):
        world_raft.engine_process()
