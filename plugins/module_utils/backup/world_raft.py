# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A manager's raft state as files: copied from an engine that stands still for a moment, and put in place again.

A copy of files that change is none of a moment. Docker's manual says to stop the engine; here its process is stopped by
a signal and goes on a moment later. Containers go on meanwhile, and nobody takes the node for lost. What is then in the
files is what an engine finds after a power cut at that moment, for which its log is made: each entry was on the disk
before it counted.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import select
import signal
import tarfile
import time
from collections.abc import Iterator
from typing import Any

from ..common import world_wait
from ..common.errors import EngineError, Refusal

PID_FILE = "/var/run/docker.pid"
STOPS = 5  # seconds in which all its threads stand still
STANDS = 10  # seconds after which it goes on in any case
MOST = 1 << 30  # bytes of a raft state that are read while the engine waits
DESCRIPTION = "description.json"


def files(root: str) -> dict[str, tuple[int, bytes]]:
    """Every file below, by its path from there: its mode and content. A log that is only prepared is left out."""
    found: dict[str, tuple[int, bytes]] = {}
    for folder, _folders, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            if name.endswith(".tmp") or not os.path.isfile(path) or os.path.islink(path):
                continue
            with open(path, "rb") as stream:
                found[os.path.relpath(path, root)] = (os.fstat(stream.fileno()).st_mode & 0o777, stream.read())
    return found


def frozen_copy(root: str) -> tuple[dict[str, tuple[int, bytes]], float]:
    """The files of one moment, and for how many seconds the engine stood still."""
    size = sum(os.path.getsize(os.path.join(folder, name)) for folder, _f, names in os.walk(root) for name in names)
    if size > MOST:
        raise Refusal(
            f"{root} has {size} bytes, too many to be read while the engine waits: lower its snapshot interval"
        )
    start = time.monotonic()
    with still(engine_process()):
        copy = files(root)
    if not any(name.startswith("raft/") for name in copy):
        raise EngineError(f"{root} has no raft state, so this engine is no manager; nothing was copied")
    return copy, time.monotonic() - start


def engine_process() -> int:
    """The number of the engine's process."""
    try:
        with open(PID_FILE, encoding="ascii") as stream:
            pid = int(stream.read())
        with open(f"/proc/{pid}/comm", encoding="utf-8") as stream:
            name = stream.read().strip()
    except (OSError, ValueError) as error:
        raise EngineError(
            f"the engine's process is not known ({PID_FILE}: {error}), so it cannot be copied from"
        ) from error
    if name != "dockerd":
        raise EngineError(f"process {pid} of {PID_FILE} is {name}, and not dockerd: nothing was copied")
    return pid


@contextlib.contextmanager
def still(pid: int) -> Iterator[None]:
    """The process stands still, and goes on afterwards: also if this one is killed, or takes too long.

    A child sees to that, which hears the end of this process by a pipe.
    """
    mine, its = os.pipe()
    guard = os.fork()
    if not guard:
        os.close(its)
        with contextlib.suppress(OSError):
            os.setsid()  # who kills this process and its group is not to kill the guard
            select.select([mine], [], [], STANDS)
            os.kill(pid, signal.SIGCONT)
        os._exit(0)
    os.close(mine)
    try:
        os.kill(pid, signal.SIGSTOP)
        world_wait.until("the engine's threads to stand still", lambda: _states(pid), STOPS, 0.002)
        yield
        if any(state not in "Tt" for state in _threads(pid)):
            raise EngineError(
                f"reading took longer than {STANDS} s, and the engine went on meanwhile: nothing was copied"
            )
    finally:
        os.kill(pid, signal.SIGCONT)
        os.close(its)
        os.waitpid(guard, 0)


def _threads(pid: int) -> list[str]:
    found = []
    for thread in os.listdir(f"/proc/{pid}/task"):
        with (
            contextlib.suppress(OSError),
            open(f"/proc/{pid}/task/{thread}/stat", encoding="utf-8", errors="replace") as stat,
        ):
            found.append(stat.read().rpartition(")")[2].split()[0])
    return found


def _states(pid: int) -> tuple[bool | None, str]:
    states = _threads(pid)
    return (True if states and all(state in "Tt" for state in states) else None), " ".join(states)


def pack(copy: dict[str, tuple[int, bytes]], description: dict[str, Any]) -> bytes:
    """As one file."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=1) as archive:
        for name, (mode, content) in [*sorted(copy.items()), (DESCRIPTION, (0o600, json.dumps(description).encode()))]:
            info = tarfile.TarInfo(name)
            info.mode, info.size, info.mtime = mode, len(content), int(time.time())
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def unpack(content: bytes) -> tuple[dict[str, tuple[int, bytes]], dict[str, Any]]:
    copy: dict[str, tuple[int, bytes]] = {}
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for member in archive:
            stream = archive.extractfile(member)
            if not stream or member.name.startswith("/") or ".." in member.name.split("/"):
                raise Refusal(f"the archive has {member.name!r} in the swarm's state, as none of this project has")
            copy[member.name] = (member.mode & 0o777, stream.read())
    _mode, description = copy.pop(DESCRIPTION)
    return copy, json.loads(description)


def put(copy: dict[str, tuple[int, bytes]], root: str) -> None:
    """Into a folder of which nothing is in use; what was there is removed."""
    clear(root)
    for name, (mode, content) in copy.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())


def clear(root: str) -> None:
    os.makedirs(root, mode=0o700, exist_ok=True)
    for folder, folders, names in os.walk(root, topdown=False):
        for name in names:
            os.unlink(os.path.join(folder, name))
        for name in folders:
            os.rmdir(os.path.join(folder, name))
