# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.backup import report

PARTS = [{"kind": "swarm", "bytes": 9}, {"kind": "data", "path": "/exports/a", "bytes": 2048}]
SWARM = {"id": "r2al", "node": "hydra-node", "address": "172.30.0.10", "engine": "26.1.5"}


def test_what_was_made() -> None:
    merged = {"archive": "/b/a.tar", "bytes": 4096, "manifest": {"swarm": SWARM, "parts": PARTS}, "removed": ["b.tar"]}
    assert report.made(merged, {"stood_still": 0.064, "notes": ["/exports/a: changed"]}).splitlines() == [
        "/b/a.tar  (4 KiB, sealed)",
        "Swarm:  r2al of hydra-node, 172.30.0.10 (engine 26.1.5)",
        "Data:   /exports/a (2 KiB)",
        "The manager's engine stood still for 0.064 s.",
        "/exports/a: changed",
        "Removed, as it is older than what is kept: b.tar",
        "",
        "Put it back with: make restore FROM=/b/a.tar KEYFILE=FILE",
    ]


def test_data_alone() -> None:
    assert report.contents({"swarm": None, "parts": PARTS}) == ["Data:   /exports/a (2 KiB)"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "none yet (make backup)"),
        (5, "less than a minute ago"),
        (60, "1 minute ago"),
        (7200, "2 hours ago"),
        (86400, "1 day ago"),
        (90 * 86400, "90 days ago"),
    ],
)
def test_how_long_ago(seconds: int | None, words: str) -> None:
    assert report.age(seconds) == words
