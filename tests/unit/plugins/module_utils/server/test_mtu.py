# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.server import mtu


def seen(*mtus: int) -> list[dict]:
    return [{"host": {"address": {"mtu": one}}} for one in mtus]


@pytest.mark.parametrize(
    ("results", "path"),
    [
        (seen(1500, 1400, 9000), 1400),
        (seen(9000), 9000),
        (seen(0), 1500),
        ([{}, {"unreachable": True}], 1500),
        ([], 1500),
    ],
)
def test_path_mtu(results: list[dict], path: int) -> None:
    assert mtu.path_mtu(results) == path


@pytest.mark.parametrize(("path", "fits"), [(1500, 0), (9000, 0), (1400, 1350), (1450, 1400)])
def test_overlay_mtu(path: int, fits: int) -> None:
    assert mtu.overlay_mtu(path) == fits


@pytest.mark.parametrize(
    ("path", "present", "expected"),
    [
        (1500, [], [{"name": "a"}, {"name": "b", "mtu": 1300}]),
        (1400, [], [{"name": "a", "mtu": 1350}, {"name": "b", "mtu": 1300}]),
        (1400, [{"name": "a"}], [{"name": "a"}, {"name": "b", "mtu": 1300}]),
    ],
)
def test_with_mtu(path: int, present: list[dict], expected: list[dict]) -> None:
    assert mtu.with_mtu([{"name": "a"}, {"name": "b", "mtu": 1300}], path, present) == expected
