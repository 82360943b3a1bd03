# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much of a machine is used, from the texts its kernel shows: a cgroup's files in a container, else /proc."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

USER_HZ = 100  # the unit of /proc/stat; Linux shows user space no other on the architectures an engine runs on


def usage(sight: Mapping[str, Any], path: str) -> dict[str, Any]:
    """CPU, memory and the file system of C(path), of what world_sight read."""
    first, last = sight["cpu"]
    count = cpu_count(first, sight["cpus"])
    percent = cpu_percent(cpu_seconds(first), cpu_seconds(last), sight["seconds"], count)
    size, free = sight["disk"]["size"], sight["disk"]["free"]
    return {
        "cpu": {"count": count, "percent": percent},
        "memory": memory(sight["memory"]),
        "disk": {"path": path, "used": size - free, "total": size},
    }


def cpu_seconds(texts: Mapping[str, str]) -> float:
    """CPU time used so far, from whichever of cpu.stat (v2), cpuacct.usage (v1) and /proc/stat is given."""
    if "cpu.stat" in texts:
        return int(_fields(texts["cpu.stat"])["usage_usec"]) / 1e6
    if "cpuacct.usage" in texts:
        return int(texts["cpuacct.usage"]) / 1e9
    user, nice, system, _idle, _iowait, irq, softirq = (int(word) for word in texts["stat"].split()[1:8])
    return (user + nice + system + irq + softirq) / USER_HZ


def cpu_percent(before: float, after: float, elapsed: float, cpus: float) -> float:
    """The share of all CPUs that was used between two readings."""
    return round(max(0.0, min(100.0, 100 * (after - before) / (elapsed * cpus))), 1)


def cpu_count(texts: Mapping[str, str], online: int) -> float:
    """The CPUs the machine may use: those online, or its cgroup's quota where that is less."""
    if "cpu.max" in texts:
        quota, period = texts["cpu.max"].split()
    else:
        quota, period = texts.get("cpu.cfs_quota_us", "-1").strip(), texts.get("cpu.cfs_period_us", "100000")
    allowed = float(online) if quota in ("max", "-1") else min(online, int(quota) / int(period))
    return int(allowed) if allowed == int(allowed) else round(allowed, 2)


def memory(texts: Mapping[str, str]) -> dict[str, int]:
    """Bytes used, without the page cache that is given back at need, and the bytes that may be used."""
    host = _fields(texts["meminfo"])
    total = int(host["MemTotal:"]) * 1024
    if "memory.current" in texts:
        cache = _fields(texts["memory.stat"])["inactive_file"]
        return _within(total, texts["memory.current"], cache, texts["memory.max"])
    if "memory.usage_in_bytes" in texts:
        cache = _fields(texts["memory.stat"])["total_inactive_file"]
        return _within(total, texts["memory.usage_in_bytes"], cache, texts["memory.limit_in_bytes"])
    return {"used": total - int(host["MemAvailable:"]) * 1024, "limit": total}


def _within(total: int, used: str, cache: str, limit: str) -> dict[str, int]:
    # Without a limit v2 says max and v1 a number beyond any machine.
    capped = total if limit.strip() == "max" else min(total, int(limit))
    return {"used": max(0, int(used) - int(cache)), "limit": capped}


def _fields(text: str) -> dict[str, Any]:
    """The first two words of each line."""
    return {words[0]: words[1] for words in (line.split() for line in text.splitlines()) if len(words) > 1}
