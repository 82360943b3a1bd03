# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.engine import world_sight

V1 = {
    "cpuacct/cpuacct.usage": "5",
    "cpu/cpu.cfs_quota_us": "-1",
    "cpu/cpu.cfs_period_us": "100000",
    "memory/memory.usage_in_bytes": "7",
    "memory/memory.limit_in_bytes": "9",
    "memory/memory.stat": "total_inactive_file 1",
}
V2 = {
    "cgroup.controllers": "cpu memory",
    "cpu.stat": "usage_usec 5",
    "cpu.max": "max 100000",
    "memory.current": "7",
    "memory.max": "max",
    "memory.stat": "inactive_file 1",
}


@pytest.mark.parametrize(
    ("files", "cpu", "memory"),
    [
        (V1, {"cpuacct.usage", "cpu.cfs_quota_us", "cpu.cfs_period_us"}, set(world_sight.MEMORY_FILES[1])),
        (V2, {"cpu.stat", "cpu.max"}, set(world_sight.MEMORY_FILES[2])),
        ({**V1, "memory/release_agent": ""}, {"stat"}, set()),  # the host's own, version 1
        ({"cgroup.controllers": "cpu"}, {"stat"}, set()),  # the host's own, version 2
    ],
)
def test_a_container_shows_its_own_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], cpu: set[str], memory: set[str]
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(world_sight, "CGROUP", str(tmp_path))
    monkeypatch.setattr(world_sight, "SAMPLE", 0)
    seen = world_sight.sight(str(tmp_path))
    assert [set(texts) for texts in seen["cpu"]] == [cpu, cpu]  # type: ignore[attr-defined]
    assert set(seen["memory"]) == {"meminfo"} | memory  # type: ignore[call-overload]
