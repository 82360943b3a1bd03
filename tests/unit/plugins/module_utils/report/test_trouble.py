# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.report.trouble import last_words, unanswered

NO_RESULT = "Module result deserialization failed: No start of json char found"
REMEDY = (
    "Mostly the machine was stopped meanwhile, or has no memory, disk or Python left: make swarm-status shows how it is, and "
    "ARGS=-vvv all that was printed"
)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"msg": "no space left"}, ""),
        ({}, ""),
        (
            {"msg": NO_RESULT, "rc": 0},
            f"on chimera the program of this task ended without an answer; it printed nothing\n{REMEDY}",
        ),
        (
            {"msg": f"Task failed: {NO_RESULT}", "rc": 137, "module_stdout": "", "module_stderr": "a\n\nKilled \n"},
            "on chimera the program of this task ended without an answer (exit status 137); the last that was printed there:\n"
            f"  a\n  Killed\n{REMEDY}",
        ),
    ],
)
def test_a_program_that_ended_without_an_answer(told: dict[str, Any], words: str) -> None:
    assert unanswered("chimera", told) == words


def test_what_was_printed_last_is_the_end_without_secrets() -> None:
    text = "".join(f"{number}\n" for number in range(20)) + "x" * 400 + "\npg://me:pw@db\n"
    assert last_words({"module_stdout": text}) == ["16", "17", "18", "19", "x" * 300 + "...", "pg://me:(hidden)@db"]
