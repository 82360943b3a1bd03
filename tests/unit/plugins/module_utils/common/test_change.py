# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.hydra.swarm.plugins.module_utils.common.change import Change


def test_changed_and_diff_follow_from_before_and_after() -> None:
    assert not Change({"a": [1]}, {"a": [1]}).changed
    change = Change({"a": [1]}, {"a": [2], "b": None})
    assert change.changed
    assert change.diff() == {"before": {"a": [1]}, "after": {"a": [2], "b": None}}
