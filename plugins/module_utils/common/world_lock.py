# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One at a time: a cluster is changed by one run of a playbook, and its containers by one module.

A run is a process; the lock names it and ends with it, however it ends, so nothing has to be unlocked.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote


def directory() -> str:
    path = os.path.join(os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state"), "hydra.swarm")
    os.makedirs(path, mode=0o700, exist_ok=True)
    return path


def _path(name: str, kind: str) -> str:
    """A name may be anything that an inventory says, and is no path."""
    return os.path.join(directory(), f"{quote(name, safe='')}.{kind}")


@contextlib.contextmanager
def exclusive(name: str) -> Iterator[None]:
    """Hold the file lock C(name); whoever else wants it waits in the kernel. A killed holder lets go."""
    with open(_path(name, "flock"), "w", encoding="ascii") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def started(pid: int) -> str:
    """When this process began, in words that no later process of the same number has; empty when there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            fields = stat.read().rpartition(")")[2].split()
            # One that ended and whose parent did not ask how works no more.
            return "" if fields[0] == "Z" else fields[19]
    except OSError:
        if os.path.isdir("/proc/self"):
            return ""
    shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip()


def claim(name: str, claimant: dict[str, Any]) -> dict[str, Any] | None:
    """Make C(claimant) (with its C(pid)) the holder, or return the living holder that is in the way."""
    path = _path(name, "holder")
    with exclusive(f"{name}.holder"):
        try:
            with open(path, encoding="utf-8") as handle:
                holder = json.load(handle)
        except (OSError, ValueError):
            holder = None
        if holder and holder["pid"] != claimant["pid"] and holder["started"] == started(holder["pid"]) != "":
            return holder
        with open(path, "w", encoding="utf-8") as handle:
            json.dump({**claimant, "started": started(claimant["pid"])}, handle)
    return None
