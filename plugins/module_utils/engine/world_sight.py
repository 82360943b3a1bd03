# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How busy a machine is, as its kernel shows it: in a container its own share, not the whole host's.

Reading only: nothing is loaded or mounted to find out. Standard library alone, and nothing of ours: called with the
path of a file system, this file is also the program that is run in a container.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time

CGROUP = "/sys/fs/cgroup"
SAMPLE = 0.2  # seconds between the two readings of CPU time
CPU_FILES: dict[int, tuple[str, ...]] = {
    2: ("cpu.stat", "cpu.max"),
    1: ("cpuacct.usage", "cpu.cfs_quota_us", "cpu.cfs_period_us"),
}
MEMORY_FILES: dict[int, tuple[str, ...]] = {
    2: ("memory.current", "memory.max", "memory.stat"),
    1: ("memory.usage_in_bytes", "memory.limit_in_bytes", "memory.stat"),
}


def sight(root: str) -> dict[str, object]:
    """The texts of the kernel's files, from which C(usage) reckons; CPU time twice, with the seconds between.

    C(root) is a path on the file system that is looked at.
    """
    first, start = _cpu(), time.monotonic()
    # A rate needs two readings: this is the measurement itself, not a wait for something to happen.
    threading.Event().wait(SAMPLE)
    last, end = _cpu(), time.monotonic()
    stat = os.statvfs(root)
    return {
        "hostname": os.uname().nodename,
        "cpus": len(os.sched_getaffinity(0)),
        "cpu": [first, last],
        "seconds": end - start,
        "memory": {"meminfo": read("/proc/meminfo"), **(_cgroup("memory", MEMORY_FILES) if _contained() else {})},
        "disk": {"size": stat.f_blocks * stat.f_frsize, "free": stat.f_bfree * stat.f_frsize},
    }


def read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def _cpu() -> dict[str, str]:
    return _cgroup("cpu", CPU_FILES) if _contained() else {"stat": read("/proc/stat")}


def _version() -> int:
    return 2 if os.path.exists(f"{CGROUP}/cgroup.controllers") else 1


def _contained() -> bool:
    """Whether the cgroup seen as the topmost one is only a part of the host's: the host's own lacks or has these."""
    if _version() == 2:
        return os.path.exists(f"{CGROUP}/memory.current")
    return os.path.isdir(f"{CGROUP}/memory") and not os.path.exists(f"{CGROUP}/memory/release_agent")


def _cgroup(controller: str, names: dict[int, tuple[str, ...]]) -> dict[str, str]:
    """The files that exist; with v1 each controller has a folder, that of CPU time its own."""
    version, texts = _version(), {}
    for name in names[version]:
        folder = "" if version == 2 else "cpuacct/" if name.startswith("cpuacct.") else f"{controller}/"
        text = read(f"{CGROUP}/{folder}{name}")
        if text:
            texts[name] = text
    return texts


if __name__ == "__main__":
    json.dump(sight(sys.argv[1]), sys.stdout)
