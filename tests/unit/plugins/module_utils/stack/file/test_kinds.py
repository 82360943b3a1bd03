# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file import kinds
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.report import UNKNOWN, Report

OK = [
    (kinds.text, "1.10", "1.10"),
    (kinds.integer, "12", 12),
    (kinds.integer, "-1", -1),
    (kinds.integer, "0440", 0o440),
    (kinds.integer, "0o440", 0o440),
    (kinds.integer, "0x1F", 31),
    (kinds.integer, "1_000", 1000),
    (kinds.count, "0", 0),
    (kinds.number, "0.25", 0.25),
    (kinds.number, "3", 3),
    (kinds.boolean, "Yes", True),
    (kinds.boolean, "off", False),
    (kinds.duration, "1m30.5s", "1m30.5s"),
    (kinds.duration, "0", "0"),
    (kinds.size, "1.5GiB", "1.5GiB"),
    (kinds.size_in_bytes, "64m", 64 * 2**20),
    (kinds.size_in_bytes, "1000", 1000),
    (kinds.size_in_bytes, "1KB", 1024),
    (kinds.choice("a", "b"), "b", "b"),
    (kinds.listing(kinds.text), ["a", None, "b"], ["a", "b"]),
    (kinds.one_or_many(kinds.text), "a", ["a"]),
    (kinds.one_or_many(kinds.text), ["a", "b"], ["a", "b"]),
    (kinds.one_or_many(kinds.text), UNKNOWN, None),
    (kinds.command, "run me", "run me"),
    (kinds.command, ["run", "3"], ["run", "3"]),
    (kinds.mapping(kinds.integer), {"a": "1", "b": None, "x-c": "no"}, {"a": 1, "b": None}),
    (kinds.pairs, ["A=1=2", "B=", "C"], {"A": "1=2", "B": "", "C": None}),
    (kinds.pairs, {"A": "1", "C": None}, {"A": "1", "C": None}),
    (kinds.texts, ["A=1", "C"], {"A": "1", "C": ""}),
    (kinds.record({"a": kinds.integer}), {"a": "1", "x-b": {}}, {"a": 1}),
    (kinds.record({"a": kinds.integer}), {"a": None}, {}),
]
WRONG = [
    (kinds.text, ["a"], "this is a list, not a text"),
    (kinds.integer, "two", "'two' is no whole number"),
    (kinds.integer, "1.5", "'1.5' is no whole number"),
    (kinds.count, "-1", "-1 is less than 0"),
    (kinds.number, "x", "'x' is no number"),
    (kinds.boolean, "maybe", "'maybe' is neither true nor false"),
    (kinds.duration, "10", "'10' is no time; write it like 30s, 1m30s or 500ms"),
    (kinds.size, "lots", "'lots' is no size; write it like 512M or 2G"),
    (kinds.choice("vip", "dnsrr"), "dnsr", "'dnsr' is none of vip, dnsrr; did you mean dnsrr?"),
    (kinds.listing(kinds.text), "a", "this is 'a', not a list"),
    (kinds.mapping(kinds.text), ["a"], "this is a list, not a mapping"),
    (kinds.pairs, "A=1", "this is 'A=1', neither a mapping nor a list of KEY=value"),
    (kinds.record({}), "a", "this is 'a', not a mapping"),
]


@pytest.mark.parametrize(("kind", "value", "expected"), OK)
def test_a_value_gets_its_form(kind: kinds.Kind, value: Any, expected: Any) -> None:
    report = Report()
    assert kinds.read(kind, value, ("k",), report) == expected
    assert (report.problems, report.notes) == ([], [])


@pytest.mark.parametrize(("kind", "value", "problem"), WRONG)
def test_a_wrong_value_is_reported(kind: kinds.Kind, value: Any, problem: str) -> None:
    report = Report("f")
    assert kinds.read(kind, value, ("k",), report) is None
    assert report.problems == [f"f:1:1: k: {problem}"]


def test_one_wrong_part_does_not_hide_another() -> None:
    kind = kinds.record({"ports": kinds.listing(kinds.integer), "name": kinds.text}, {"old": "old is ignored"})
    report = Report("f")
    assert kind({"ports": ["1", "x"], "nmae": "n", "old": "o"}, ("s", "web"), report) == {"ports": [1]}
    assert report.problems == [
        "f:1:1: s.web.ports[1]: 'x' is no whole number",
        "f:1:1: s.web.nmae: unknown key; did you mean name?",
    ]
    assert report.notes == ["web: old is ignored"]


@pytest.mark.parametrize(
    ("value", "mode", "notes"),
    [
        ("0440", 0o440, []),
        ("288", 288, []),
        ("440", 440, ["services.web.mode: 440 is decimal, so 0o670; octal is written 0440"]),
    ],
)
def test_a_mode_that_looks_octal_is_noted(value: str, mode: int, notes: list[str]) -> None:
    report = Report()
    assert kinds.file_mode(value, ("services", "web", "mode"), report) == mode
    assert report.notes == notes
