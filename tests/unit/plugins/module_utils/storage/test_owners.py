# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which number a student's directory gets, and what is said of directories that have another one's."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.storage import owners as core

NUMBERS = core.Numbers(70000, 70002)
ADA, BOB = ("ada", "home"), ("bob", "home")


def moved(number: int) -> str:
    return (
        f"To give it {number}: end what uses it (make student-down), run chown -hR {number}:{number} /e/ada/home on the NFS "
        "server, and then this again"
    )


@pytest.mark.parametrize(
    ("now", "owners", "accounts", "owner", "note"),
    [
        (None, {}, (), 70000, ""),
        (None, {BOB: 70000}, (), 70001, ""),
        (None, {BOB: 70001}, (), 70000, ""),  # the lowest that is free
        (None, {BOB: 70000}, (70001,), 70002, ""),
        (None, {BOB: 70000, ("ada", "ml"): 70002}, (), 70002, ""),  # his own, for all his projects
        (None, {BOB: 70000, ("ada", "ml"): 1000}, (), 70001, ""),
        (None, {BOB: 70000, ("ada", "ml"): 70000}, (), 70001, ""),
        (None, {("lost+found",): 0, ("Someone",): 70000, ("Someone", "x y"): 70001}, (), 70002, ""),
        (70001, {ADA: 70001, BOB: 70000}, (), 70001, ""),
        (70001, {ADA: 70001, BOB: 70000}, (70001,), 70001, ""),  # it stays, whatever comes later
        (70001, {ADA: 70001, ("ada", "ml"): 70000}, (), 70001, ""),
        (0, {ADA: 0}, (), 70000, ""),  # a run was killed before it gave it away
        (65534, {ADA: 65534}, (), 70000, ""),
        (
            1000,
            {ADA: 1000, BOB: 1000},
            (),
            1000,
            f"/e/ada/home keeps its user 1000, whom others may have, too: students' own are 70000-70002. {moved(70000)}",
        ),
        (
            1000,
            # Two others come first, who will be told the first two.
            {ADA: 1000, ("aaron", "home"): 1000, ("abel", "home"): 70000, ("abel2", "home"): 70000, BOB: 1000},
            (),
            1000,
            "/e/ada/home keeps its user 1000, whom others may have, too: students' own are 70000-70002; and no number is left, "
            "so widen student_volume_uids first",
        ),
        (
            1000,
            {ADA: 1000, ("aaron", "home"): 1000, BOB: 1000},
            (),
            1000,
            f"/e/ada/home keeps its user 1000, whom others may have, too: students' own are 70000-70002. {moved(70001)}",
        ),
        (
            1000,
            {ADA: 1000, ("ada", "ml"): 70001},
            (),
            1000,
            f"/e/ada/home keeps its user 1000, whom others may have, too: students' own are 70000-70002. {moved(70001)}",
        ),
        (
            70000,
            {ADA: 70000, BOB: 70000},
            (),
            70000,
            f"/e/ada/home has the same user as bob/home, 70000, so each reads the other's files. {moved(70001)}",
        ),
        (
            1000,
            {ADA: 1000},
            (70000, 70001, 70002),
            1000,
            "/e/ada/home keeps its user 1000, whom others may have, too: students' own are 70000-70002; and no number is left, "
            "so widen student_volume_uids first",
        ),
    ],
)
def test_choose(now: int | None, owners: Any, accounts: Any, owner: int, note: str) -> None:
    assert core.choose(NUMBERS, "/e/ada/home", ADA, now, owners, accounts) == core.Choice(owner, note)


def test_no_number_is_left() -> None:
    with pytest.raises(Refusal) as caught:
        core.choose(NUMBERS, "/e/ada/home", ADA, None, {BOB: 70000, ("eve", "x"): 70001}, {70002})
    assert str(caught.value) == (
        "no number is left for ada: all of 70000-70002 are of students' directories, or of accounts of this server. Widen "
        "student_volume_uids, or remove directories that nobody needs (make student-volume STUDENT=... PROJECT=... STATE=absent "
        "PURGE=1)"
    )


@pytest.mark.parametrize(("text", "first", "last"), [("70000-79999", 70000, 79999), ("1000 - 1000", 1000, 1000)])
def test_numbers(text: str, first: int, last: int) -> None:
    assert core.check_numbers(text) == core.Numbers(first, last)


@pytest.mark.parametrize(
    "wrong",
    ["", "70000", "70000-", "79999-70000", "0-10", "999-2000", "60000-70000", "65535-65535", "70000-9999999999"],
)
def test_numbers_that_are_none(wrong: str) -> None:
    with pytest.raises(Refusal) as caught:
        core.check_numbers(wrong)
    assert str(caught.value) == (
        f"owners {wrong!r}: it must be two numbers with a hyphen, from 1000 to 2147483647, and without 65534 and 65535, which "
        "stand for nobody: for example 70000-79999"
    )
