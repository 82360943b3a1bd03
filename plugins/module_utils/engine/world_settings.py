# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The engine's settings file on this machine, and the engine that has loaded it.

Before the file changes, what the running engine has loaded is noted in /run, together with which process that is. So a
run that was killed between writing and reloading (or restarting) is found out by the next one, whatever the clock did
in between; and an engine that was started anew has loaded the file.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..common import world_wait
from ..common.errors import EngineError, HydraError, Refusal
from .world import Engine

NOTE = "/run/hydra.swarm/engine-settings.json"
PID_FILES = ("/run/docker.pid", "/var/run/docker.pid")
PROGRAMS = "/usr/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin"
RELOAD = 15  # seconds; an engine reloads within a fraction of one


@dataclass(frozen=True)
class Daemon:
    """An engine that runs: which process, since when (in ticks since the boot), and the words it was started with."""

    pid: int
    since: str
    words: Sequence[str]

    @property
    def identity(self) -> str:
        return f"{self.pid}@{self.since}"


def daemon(pid_files: Sequence[str] = PID_FILES) -> Daemon | None:
    """The engine that runs on this machine. By its pid file: of containers' engines this machine has processes too."""
    for path in pid_files:
        try:
            with open(path, encoding="ascii") as stream:
                pid = int(stream.read())
            if _proc(pid, "comm").strip() == "dockerd":
                # The name, in brackets, may hold blanks; the start is the 20th word after it.
                since = _proc(pid, "stat").rpartition(")")[2].split()[19]
                return Daemon(pid, since, _proc(pid, "cmdline").rstrip("\0").split("\0"))
        except (OSError, ValueError, IndexError):
            continue
    return None


def program() -> str:
    """Where dockerd is; empty: there is none."""
    return shutil.which("dockerd", path=PROGRAMS) or ""


def read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise HydraError(f"reading {path}: {error}; look at the file, and run this as root (become: true)") from error


def loaded(running: Daemon | None, note: str = NOTE) -> dict[str, Any] | None:
    """What that engine is known to have loaded, if that was noted; a note about another process says nothing."""
    try:
        content = json.loads(read(note) or "{}")
    except ValueError:
        return None
    known = isinstance(content, dict) and running is not None and content.get("engine") == running.identity
    return content["settings"] if known else None


def remember(running: Daemon, settings: Mapping[str, Any], note: str = NOTE) -> None:
    os.makedirs(os.path.dirname(note), mode=0o700, exist_ok=True)
    replace(note, json.dumps({"engine": running.identity, "settings": settings}), 0o600)


def validate(text: str, path: str, flags: Sequence[str], dockerd: str) -> bool:
    """Whether dockerd found nothing wrong with a file of that text; False: it cannot tell (before 23.0)."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".json") as stream:
        stream.write(text)
        stream.flush()
        command = [dockerd, *flags, "--validate", f"--config-file={stream.name}"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise HydraError(
                f"{path} is left as it was: {dockerd} --validate: {error}; see why it does not run"
            ) from error
        said = (done.stderr or done.stdout).strip().replace(stream.name, path)
    if done.returncode == 0:
        return True
    if "unknown flag: --validate" in said:
        return False
    raise Refusal(f"{path} is left as it was: dockerd refuses what it would hold: {said}; correct that setting")


def write(path: str, text: str) -> None:
    """Replace the file at once, with the owner and mode it has; one that is new is for all to read, as is usual."""
    path = os.path.realpath(path)
    try:
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        old = os.stat(path) if os.path.exists(path) else None
        replace(path, text, old.st_mode & 0o7777 if old else 0o644, (old.st_uid, old.st_gid) if old else None)
    except OSError as error:
        raise HydraError(f"writing {path}: {error}; it is left as it was; run this as root (become: true)") from error


def replace(path: str, text: str, mode: int, owner: tuple[int, int] | None = None) -> None:
    handle, name = tempfile.mkstemp(dir=os.path.dirname(path), prefix=f".{os.path.basename(path)}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            if owner:
                os.fchown(stream.fileno(), *owner)
            os.fsync(stream.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def reload(running: Daemon, engine: Engine, path: str, timeout: float = RELOAD) -> None:
    """Let the engine read the file, and wait until it says that it has: it reports each reload as an event."""
    start = time.time() - 0.001
    os.kill(running.pid, signal.SIGHUP)
    wanted = {"type": ["daemon"], "event": ["reload"]}

    def look() -> tuple[bool | None, str]:
        try:
            seen = engine.get("/events", since=f"{start:.9f}", until=f"{time.time():.9f}", filters=wanted)
        except EngineError as error:
            return None, str(error)
        return (True if seen else None), f"no such event (its log says why; {path} holds what it refuses)"

    world_wait.until("the engine to reload its settings", look, timeout)


def _proc(pid: int, name: str) -> str:
    with open(f"/proc/{pid}/{name}", encoding="utf-8", errors="replace") as stream:
        return stream.read()
