# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lines of a check: to which host it belongs, what was checked, how it went, and what was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..common.text import table

OK, WARN, FAIL = "ok", "warn", "fail"
Line = dict[str, str]
Verdict = Iterator[tuple[str, str]]  # of one check, each thing that was found, with its level
HEADER = ("HOST", "CHECK", "RESULT", "WHAT")


def lines(host: str, name: str, verdict: Iterable[tuple[str, str]]) -> list[Line]:
    """One line of a check in which all is well, else one for each thing that is not."""
    found = list(verdict)
    good = [text for level, text in found if level == OK]
    bad = [{"host": host, "check": name, "level": level, "text": text} for level, text in found if level != OK]
    return bad or ([{"host": host, "check": name, "level": OK, "text": ", ".join(good)}] if good else [])


def failures(found: Iterable[Mapping[str, Any]]) -> list[str]:
    return [f"{line['host']}: {line['check']}: {line['text']}" for line in found if line["level"] == FAIL]


def report(found: Iterable[Mapping[str, Any]], problems_only: bool = False) -> str:
    """A table and a line that counts; C(problems_only) leaves out what is well."""
    found = list(found)
    shown = [line for line in found if line["level"] != OK or not problems_only]
    rows = [(line["host"], line["check"], line["level"].upper(), line["text"]) for line in shown]
    return "\n\n".join(part for part in (table(HEADER, *rows), _count(found)) if part)


def _count(found: list[Mapping[str, Any]]) -> str:
    levels = [line["level"] for line in found]
    counts = [_many(levels.count(level), word) for level, word in ((WARN, "warning"), (FAIL, "failure"))]
    hosts = len({line["host"] for line in found})
    return f"{_many(len(found), 'check')} of {_many(hosts, 'host')}: {levels.count(OK)} ok, {', '.join(counts)}"


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def lines_of(problems: Iterable[str], host: str, name: str, good: str) -> list[Line]:
    """Problems that were found elsewhere as failures, or one line that says what is well."""
    return lines(host, name, [(FAIL, problem) for problem in problems] or [(OK, good)])
