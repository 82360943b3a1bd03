# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The machine a module runs on, as its kernel shows it: in a container its own share, not the whole host's.

Reading only: nothing is loaded or mounted to find out.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

from ..common.world_files import read
from ..engine import usage
from ..engine.world import Engine
from . import features

CGROUP = "/sys/fs/cgroup"
FEATURE_FILES = (
    "/proc/sys/kernel/osrelease",
    "/proc/filesystems",
    "/proc/net/ip_vs",
    f"{CGROUP}/cgroup.controllers",
    "/lib/modules/{release}/modules.dep",
)
SAMPLE = 0.2  # seconds between the two readings of CPU time
CPU_FILES = {2: ("cpu.stat", "cpu.max"), 1: ("cpuacct.usage", "cpu.cfs_quota_us", "cpu.cfs_period_us")}
MEMORY_FILES = {
    2: ("memory.current", "memory.max", "memory.stat"),
    1: ("memory.usage_in_bytes", "memory.limit_in_bytes", "memory.stat"),
}


def kernel_features(engine: Engine | None = None) -> dict[str, Any]:
    """What the kernel of this machine offers, or of the machine on which an engine runs."""
    texts = (engine or Engine()).texts(FEATURE_FILES)
    release, filesystems, ipvs, cgroup_v2, modules = map(texts.get, FEATURE_FILES)
    return {
        "release": (release or "").strip(),
        **features.features(
            filesystems=filesystems or "",
            ipvs=ipvs is not None,
            cgroup_v2=cgroup_v2 is not None,
            modules=modules or "",
        ),
    }


def cpu() -> dict[str, Any]:
    """The number of CPUs, and the share of them in use, measured over a short while."""
    texts = _cpu_texts()
    count = usage.cpu_count(texts, len(os.sched_getaffinity(0)))
    before, start = usage.cpu_seconds(texts), time.monotonic()
    # A rate needs two readings: this is the measurement itself, not a wait for something to happen.
    threading.Event().wait(SAMPLE)
    after, end = usage.cpu_seconds(_cpu_texts()), time.monotonic()
    return {"count": count, "percent": usage.cpu_percent(before, after, end - start, count)}


def memory() -> dict[str, int]:
    files = _cgroup("memory", MEMORY_FILES[_version()]) if _contained() else {}
    return usage.memory({"meminfo": read("/proc/meminfo"), **files})


def disk(path: str) -> dict[str, Any]:
    """The file system that holds a path."""
    stat = os.statvfs(path)
    total, free = stat.f_blocks * stat.f_frsize, stat.f_bfree * stat.f_frsize
    return {"path": path, "used": total - free, "total": total}


def _cpu_texts() -> dict[str, str]:
    return _cgroup("cpu", CPU_FILES[_version()]) if _contained() else {"stat": read("/proc/stat")}


def _version() -> int:
    return 2 if os.path.exists(f"{CGROUP}/cgroup.controllers") else 1


def _contained() -> bool:
    """Whether the cgroup seen as the topmost one is only a part of the host's: the host's own lacks or has these."""
    if _version() == 2:
        return os.path.exists(f"{CGROUP}/memory.current")
    return os.path.isdir(f"{CGROUP}/memory") and not os.path.exists(f"{CGROUP}/memory/release_agent")


def _cgroup(controller: str, names: tuple[str, ...]) -> dict[str, str]:
    """The files that exist; with v1 each controller has a folder, that of CPU time its own."""
    texts = {}
    for name in names:
        folder = "" if _version() == 2 else "cpuacct/" if name.startswith("cpuacct.") else f"{controller}/"
        text = read(f"{CGROUP}/{folder}{name}")
        if text:
            texts[name] = text
    return texts
