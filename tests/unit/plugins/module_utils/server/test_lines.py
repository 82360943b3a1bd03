# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.hydra.swarm.plugins.module_utils.server import lines

FOUND = [
    *lines.lines("a", "disk", [("ok", "much")]),
    *lines.lines("a", "basics", [("ok", "systemd"), ("ok", "root")]),
    *lines.lines("b", "kernel", [("ok", "6.1"), ("warn", "no ip_vs"), ("fail", "no vxlan")]),
    *lines.lines("b", "engine", []),
]


def test_lines() -> None:
    assert [tuple(line.values()) for line in FOUND] == [
        ("a", "disk", "ok", "much"),
        ("a", "basics", "ok", "systemd, root"),
        ("b", "kernel", "warn", "no ip_vs"),
        ("b", "kernel", "fail", "no vxlan"),
    ]


def test_failures() -> None:
    assert lines.failures(FOUND) == ["b: kernel: no vxlan"]


def test_report() -> None:
    assert lines.report(FOUND, problems_only=True) == (
        "HOST  CHECK   RESULT  WHAT\nb     kernel  WARN    no ip_vs\nb     kernel  FAIL    no vxlan\n\n"
        "4 checks of 2 hosts: 2 ok, 1 warning, 1 failure"
    )
    assert lines.report(FOUND[:2], problems_only=True) == "2 checks of 1 host: 2 ok, 0 warnings, 0 failures"


def test_lines_of() -> None:
    assert lines.lines_of([], "a", "rules", "3 members") == lines.lines("a", "rules", [("ok", "3 members")])
    assert lines.lines_of(["x"], "a", "rules", "3") == lines.lines("a", "rules", [("fail", "x")])
