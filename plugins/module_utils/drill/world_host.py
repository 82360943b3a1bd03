# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fault of a machine that is a container, made by this host's engine: a moment later, and undone after its time.

Both is done by a process of its own, so it ends by itself, whatever becomes of whoever asked for it. That process runs
this file as a program, and so this file imports nothing of ours that it needs then.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from typing import Any


def make(path: str, machine: str, how: str, delay: float, seconds: float) -> dict[str, Any]:
    """Returns when the fault will be there. C(path): where that is noted."""
    at = time.time() + delay
    times = [repr(at), repr(at + seconds)]
    words = [sys.executable, "-I", os.path.abspath(__file__), path, machine, how, *times]
    quiet = subprocess.DEVNULL
    subprocess.run(words, check=True, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True, cwd="/")
    return {"at": at, "note": ""}


def now(path: str) -> dict[str, Any]:
    """What is noted of a fault that was asked for; empty: nothing."""
    try:
        with open(path, encoding="utf-8") as file:
            noted: dict[str, Any] = json.load(file)
            return noted
    except (OSError, ValueError):
        return {}


def undo(client: Any, path: str, machine: str) -> dict[str, Any]:
    """End it now, in whatever state it is, also where nobody asked for it: the machine runs afterwards."""
    noted = now(path)
    if noted and "undone" not in noted:
        with contextlib.suppress(ProcessLookupError):
            if noted["program"] in _words(noted["pid"]):
                os.killpg(noted["pid"], signal.SIGKILL)
    was = mend(client, machine)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    return {
        "was": noted.get("how", "") or was,
        "by_itself": "undone" in noted,
        "made": noted.get("made", 0),
        "undone": noted.get("undone", time.time()),
        "trouble": noted.get("trouble", ""),
    }


def mend(client: Any, machine: str) -> str:
    """Let it run; returns what was wrong."""
    state = client.inspect_container(machine)["State"]
    if state["Paused"]:
        client.unpause(machine)
        return "pause"
    if not state["Running"]:
        client.start(machine)
        return "stop"
    return ""


def _words(pid: int) -> list[str]:
    with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
        return file.read().split("\0")
    return []


def keep(noted: dict[str, Any], path: str, machine: str, begin: float, end: float) -> None:
    """The process's own work; it has nothing to observe but the time."""
    import docker
    import docker.utils

    client = docker.APIClient(version="auto", **docker.utils.kwargs_from_env())
    time.sleep(max(0.0, begin - time.time()))
    note(path, noted, made=time.time())
    try:
        {"kill": client.kill, "stop": client.stop, "pause": client.pause}[noted["how"]](machine)
    except docker.errors.DockerException as error:
        note(path, noted, trouble=str(error))
    time.sleep(max(0.0, end - time.time()))
    mend(client, machine)
    note(path, noted, undone=time.time())


def note(path: str, noted: dict[str, Any], **more: Any) -> None:
    noted.update(more)
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump(noted, file)
    os.replace(f"{path}.new", path)


def main(path: str, machine: str, how: str, begin: str, end: str) -> None:
    """Ends at once, and leaves behind a process that is nobody's child."""
    child = os.fork()
    noted = {"how": how, "pid": child or os.getpid(), "program": os.path.abspath(__file__)}
    if child:
        note(path, noted)
        return
    os.setsid()
    keep(noted, path, machine, float(begin), float(end))


if __name__ == "__main__":
    main(*sys.argv[1:])
