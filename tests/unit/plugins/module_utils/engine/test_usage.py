# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common import units
from ansible_collections.hydra.swarm.plugins.module_utils.engine import usage

MEMINFO = "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    600 kB\n"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"cpu.stat": "usage_usec 2500000\nuser_usec 1\n"}, 2.5),
        ({"cpuacct.usage": "2500000000\n"}, 2.5),
        ({"stat": "cpu  100 10 50 9000 70 5 15 0 0 0\ncpu0 1 1 1 1 1 1 1\n"}, 1.8),
    ],
)
def test_cpu_seconds(texts: dict[str, str], expected: float) -> None:
    assert usage.cpu_seconds(texts) == expected


@pytest.mark.parametrize(
    ("before", "after", "elapsed", "cpus", "expected"),
    [(1.0, 1.1, 0.2, 2, 25.0), (1.0, 1.0, 0.2, 2, 0.0), (1.0, 2.0, 0.2, 2, 100.0), (2.0, 1.0, 0.2, 2, 0.0)],
)
def test_cpu_percent(before: float, after: float, elapsed: float, cpus: float, expected: float) -> None:
    assert usage.cpu_percent(before, after, elapsed, cpus) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({}, 4),
        ({"cpu.max": "max 100000\n"}, 4),
        ({"cpu.max": "150000 100000\n"}, 1.5),
        ({"cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n"}, 4),
        ({"cpu.cfs_quota_us": "200000\n", "cpu.cfs_period_us": "100000\n"}, 2),
        ({"cpu.cfs_quota_us": "900000\n", "cpu.cfs_period_us": "100000\n"}, 4),
    ],
)
def test_cpu_count(texts: dict[str, str], expected: float) -> None:
    assert usage.cpu_count(texts, online=4) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({}, {"used": 400 * 1024, "limit": 1000 * 1024}),
        (
            {"memory.current": "5000\n", "memory.stat": "anon 1\ninactive_file 2000\n", "memory.max": "max\n"},
            {"used": 3000, "limit": 1000 * 1024},
        ),
        (
            {"memory.current": "5000\n", "memory.stat": "inactive_file 0\n", "memory.max": "8000\n"},
            {"used": 5000, "limit": 8000},
        ),
        (
            {
                "memory.usage_in_bytes": "5000\n",
                "memory.stat": "inactive_file 1\ntotal_inactive_file 2000\n",
                "memory.limit_in_bytes": "9223372036854771712\n",
            },
            {"used": 3000, "limit": 1000 * 1024},
        ),
    ],
)
def test_memory(texts: dict[str, str], expected: dict[str, int]) -> None:
    assert usage.memory({"meminfo": MEMINFO, **texts}) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (25276510208, "23.5 GiB"),
        (1023 * 2**20, "1023 MiB"),
        (2**20 - 1, "1 MiB"),
        (3 * 2**40, "3 TiB"),
    ],
)
def test_size(number: int, expected: str) -> None:
    assert units.size(number) == expected


def test_usage_of_a_sight() -> None:
    sight = {
        "cpus": 4,
        "cpu": [
            {"cpu.stat": "usage_usec 1000000\n", "cpu.max": "200000 100000\n"},
            {"cpu.stat": "usage_usec 1100000\n"},
        ],
        "seconds": 0.2,
        "memory": {"meminfo": MEMINFO},
        "disk": {"size": 1000, "free": 400},
    }
    assert usage.usage(sight, "/var/lib/docker") == {
        "cpu": {"count": 2, "percent": 25.0},
        "memory": {"used": 400 * 1024, "limit": 1000 * 1024},
        "disk": {"path": "/var/lib/docker", "used": 600, "total": 1000},
    }
