# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from dataclasses import dataclass

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.change import Change
from ansible_collections.hydra.swarm.plugins.module_utils.common.converge import converge


@dataclass
class Task:
    check_mode: bool


SAME = Change({"a": 1}, {"a": 1})
OTHER = Change({"a": 1}, {"a": 2})


@pytest.mark.parametrize(
    ("change", "check_mode", "changed", "applied"),
    [(SAME, False, False, 0), (SAME, True, False, 0), (OTHER, True, True, 0), (OTHER, False, True, 1)],
)
def test_only_a_real_change_outside_check_mode_is_applied(
    change: Change, check_mode: bool, changed: bool, applied: int
) -> None:
    calls: list[None] = []
    result = converge(Task(check_mode), change, lambda: calls.append(None))
    assert result == {"changed": changed, "diff": change.diff()}
    assert len(calls) == applied


def test_what_apply_returns_is_in_the_result() -> None:
    assert converge(Task(False), OTHER, lambda: {"made": ["x"]})["made"] == ["x"]
