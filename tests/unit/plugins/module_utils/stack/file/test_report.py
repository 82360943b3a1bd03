# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.report import Report, shown


def test_problems_are_in_the_order_of_the_file_and_said_once() -> None:
    report = Report("f.yml", {(): (1, 1), ("b",): (2, 1), ("a",): (9, 1), ("a", "x", 0): (10, 7)})
    report.problem(("a", "x", 0, "deeper"), "late")
    report.problem(("b",), "early")
    report.problem(("b",), "early")
    report.trouble("elsewhere")
    assert report.problems == ["elsewhere", "f.yml:2:1: b: early", "f.yml:10:7: a.x[0].deeper: late"]


def test_a_note_is_kept_once() -> None:
    report = Report()
    report.note("a")
    report.note("b")
    report.note("a")
    assert report.notes == ["a", "b"]


@pytest.mark.parametrize(
    ("value", "text"),
    [({}, "a mapping"), ([], "a list"), (None, "nothing"), ("x", "'x'"), ("y" * 70, f"'{'y' * 57}...'")],
)
def test_values_in_a_sentence(value: object, text: str) -> None:
    assert shown(value) == text
