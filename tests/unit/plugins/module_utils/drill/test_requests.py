# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.hydra.swarm.plugins.module_utils.drill import requests

LINES = [
    "99.0 inside ok",
    "100.2 inside ok",
    "100.4 inside lost",
    "101.4 inside lost",
    "102.4 inside ok",
    "102.6 inside lost",
    "100.2 proxy lost",
    "102.6 proxy lost",
    "Traceback (most recent call last):",
]


def test_counted() -> None:
    found = requests.counted(LINES, 100.0, 102.5)
    # The proxy never answered, so there is none.
    assert found == {"inside": {"sent": 4, "lost": 2, "longest": 2.0}}
    assert requests.told(found) == ["requests lost, inside: 2 of 4, at most 2 s without an answer"]
    assert requests.counted(LINES, 102.5, 103.0) == {"inside": {"sent": 1, "lost": 1, "longest": 0.0}}
    assert requests.counted([], 0, 1) == {}
