# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the module does to files and to a process that stands for an engine."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import HydraError, Refusal, WaitError
from ansible_collections.hydra.swarm.plugins.module_utils.engine import world_settings as files
from ansible_collections.hydra.swarm.plugins.module_utils.engine.world import Engine
from ansible_collections.hydra.swarm.plugins.modules import engine_settings

RUNNING = files.Daemon(4711, "99", ["dockerd", "-H", "fd://"])
NEWER = '#!/bin/sh\necho "$@" >> {log}\nfor file; do :; done\nif grep -q nonsense "${{file#*=}}"; then\n' + (
    '  echo "unable to configure the Docker daemon with file ${{file#*=}}: nonsense" >&2; exit 1\nfi\necho ok >&2\n'
)
OLDER = "#!/bin/sh\necho 'unknown flag: --validate' >&2\nexit 125\n"


class Module:
    check_mode = False

    def __init__(self, path: Path, settings: dict[str, Any]):
        self.params = {"path": str(path), "settings": settings, "socket": "/nowhere"}
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A settings file, an engine that runs or not, and a dockerd that validates or cannot."""

    def make(text: str | None, running: files.Daemon | None = RUNNING, dockerd: str = NEWER) -> Path:
        path = tmp_path / "daemon.json"
        if text is not None:
            path.write_text(text, encoding="utf-8")
        program = tmp_path / "dockerd"
        program.write_text(
            dockerd.format(log=tmp_path / "validated") if dockerd is NEWER else dockerd, encoding="utf-8"
        )
        program.chmod(0o755)
        note = str(tmp_path / "run" / "note.json")
        monkeypatch.setattr(files, "daemon", lambda: running)
        monkeypatch.setattr(files, "program", lambda: str(program))
        monkeypatch.setattr(files.loaded, "__defaults__", (note,))
        monkeypatch.setattr(files.remember, "__defaults__", (note,))
        return path

    return make


def outcome(result: dict[str, Any]) -> tuple[Any, ...]:
    return result["changed"], result["effect"], result["running"], result["validated"]


def test_a_run_that_was_interrupted_before_the_restart_is_found_out(world: Any, monkeypatch: Any) -> None:
    path = world('{"dns": []}')
    assert outcome(engine_settings.run(Module(path, {"mtu": 1400}))) == (True, "restart", True, True)
    assert outcome(engine_settings.run(Module(path, {"mtu": 1400}))) == (False, "restart", True, True)
    # And again with another setting: what the engine has loaded is still what it had at its start.
    assert engine_settings.run(Module(path, {"ip": "192.0.2.1"}))["settings_differing"] == ["ip", "mtu"]
    monkeypatch.setattr(files, "daemon", lambda: files.Daemon(4711, "100", ["dockerd"]))
    assert outcome(engine_settings.run(Module(path, {"mtu": 1400}))) == (False, "none", True, True)
    assert json.loads(path.read_text(encoding="utf-8")) == {"dns": [], "mtu": 1400, "ip": "192.0.2.1"}


def test_a_run_that_was_killed_before_the_file_was_written(world: Any, monkeypatch: Any) -> None:
    path = world('{"dns": []}')
    with monkeypatch.context() as patch:
        patch.setattr(files, "write", lambda *_words: (none for none in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            engine_settings.run(Module(path, {"mtu": 1400}))
    assert path.read_text(encoding="utf-8") == '{"dns": []}'
    assert outcome(engine_settings.run(Module(path, {}))) == (False, "none", True, True)


def test_a_reload_is_done_once(world: Any, monkeypatch: Any) -> None:
    path, reloaded = world("{}"), []
    monkeypatch.setattr(files, "reload", lambda running, *_words: reloaded.append(running.pid))
    for changed, effect in ((True, "reload"), (False, "none")):
        assert outcome(engine_settings.run(Module(path, {"debug": True}))) == (changed, effect, True, True)
    assert reloaded == [4711]


def test_a_reload_that_failed_is_tried_again(world: Any, monkeypatch: Any) -> None:
    path = world("{}")
    monkeypatch.setattr(files, "reload", lambda *_words: (none for none in ()).throw(WaitError("no")))
    for _turn in range(2):
        with pytest.raises(WaitError):
            engine_settings.run(Module(path, {"debug": True}))


def test_a_reload_is_observed(monkeypatch: Any) -> None:
    answers, killed, asked = ["", {"Action": "reload"}], [], []
    monkeypatch.setattr(os, "kill", lambda *words: killed.append(words))

    class Script(Engine):
        def get(self, path: str, **query: Any) -> Any:
            asked.append((path, query["filters"], float(query["since"]) < float(query["until"])))
            return answers.pop(0)

    files.reload(RUNNING, Script(), "/etc/docker/daemon.json", 5)
    assert killed == [(4711, signal.SIGHUP)]
    assert asked == [("/events", {"type": ["daemon"], "event": ["reload"]}, True)] * 2
    answers.append("")
    with pytest.raises(WaitError) as caught:
        files.reload(RUNNING, Script(), "/etc/docker/daemon.json", 0)
    assert str(caught.value) == (
        "waited 0 s for the engine to reload its settings; last seen: no such event (its log says why; "
        "/etc/docker/daemon.json holds what it refuses)"
    )


def test_the_flags_of_the_engine_are_validated_with_the_file(world: Any, tmp_path: Path) -> None:
    engine_settings.run(Module(world("{}"), {"mtu": 1400}))
    assert (tmp_path / "validated").read_text(encoding="utf-8").startswith("-H fd:// --validate --config-file=")


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_dockerd_refuses_is_not_written(world: Any, tmp_path: Path, check_mode: bool) -> None:
    path = world("{}\n")
    module = Module(path, {"nonsense": 1})
    module.check_mode = check_mode
    with pytest.raises(Refusal) as caught:
        engine_settings.run(module)
    assert str(caught.value) == (
        f"{path} is left as it was: dockerd refuses what it would hold: unable to configure the Docker daemon with file "
        f"{path}: nonsense; correct that setting"
    )
    assert path.read_text(encoding="utf-8") == "{}\n"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["daemon.json", "dockerd", "validated"]


def test_an_engine_that_cannot_validate(world: Any) -> None:
    path = world("{}", dockerd=OLDER)
    module = Module(path, {"mtu": 1400})
    assert outcome(engine_settings.run(module)) == (True, "restart", True, False)
    assert module.warnings == [f"this engine is older than 23.0 and cannot check {path}: it is written unchecked"]


def test_before_an_engine_is_installed(world: Any, monkeypatch: Any) -> None:
    path = world(None, running=None)
    monkeypatch.setattr(files, "program", lambda: "")
    module = Module(path, {"mtu": 1400})
    assert (outcome(engine_settings.run(module)), module.warnings) == ((True, "none", False, False), [])
    assert path.stat().st_mode & 0o777 == 0o644


def test_check_mode_writes_nothing(world: Any, tmp_path: Path) -> None:
    path = world(None)
    module = Module(path, {"mtu": 1400})
    module.check_mode = True
    assert outcome(engine_settings.run(module)) == (True, "restart", True, True)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["dockerd", "validated"]


def test_the_file_keeps_its_mode_and_a_link_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "daemon.json"
    real.write_text("{}", encoding="utf-8")
    real.chmod(0o600)
    link.symlink_to(real)
    files.write(str(link), "{ }")
    assert (link.is_symlink(), real.read_text(encoding="utf-8"), real.stat().st_mode & 0o777) == (True, "{ }", 0o600)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(HydraError) as caught:
        files.read(str(tmp_path))
    assert str(caught.value) == (
        f"reading {tmp_path}: [Errno 21] Is a directory: '{tmp_path}'; look at the file, and run this as root (become: true)"
    )


def test_a_pid_file_is_no_engine_if_another_process_has_the_number(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    pid.write_text(str(os.getpid()), encoding="utf-8")
    assert files.daemon([str(tmp_path / "none"), str(pid)]) is None


def test_an_engine_is_known_by_its_process(tmp_path: Path, monkeypatch: Any) -> None:
    pid, proc = tmp_path / "pid", {"comm": "dockerd\n", "cmdline": "dockerd\0-H\0fd://\0"}
    proc["stat"] = "7 (docker d) S " + " ".join(str(number) for number in range(4, 53))
    pid.write_text("7", encoding="utf-8")
    monkeypatch.setattr(files, "_proc", lambda _pid, name: proc[name])
    assert files.daemon([str(pid)]) == files.Daemon(7, "22", ["dockerd", "-H", "fd://"])
