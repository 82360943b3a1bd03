# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose number a student's directories bear: one that is his alone, out of a range.

NFS knows people by their numbers, so two who share one read each other's files. What remembers the numbers that were
given out are the directories themselves.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from ..common.errors import Refusal

RANGE = re.compile(r"([0-9]{1,10})-([0-9]{1,10})")
LEAST, MOST = 1000, 2**31 - 1
NOBODY = (65534, 65535)
# Directories that are still these users' belong to no student: a run was killed, or somebody made them by hand.
UNGIVEN = (0, *NOBODY)
Owners = Mapping[tuple[str, ...], int]


@dataclass(frozen=True)
class Numbers:
    """The numbers that are given to students, both ends included."""

    first: int
    last: int

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.first <= number <= self.last

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


@dataclass(frozen=True)
class Choice:
    """The number that a directory is to have, and what somebody should do about it."""

    owner: int
    note: str = ""


def check_numbers(text: str) -> Numbers:
    found = RANGE.fullmatch(str(text).replace(" ", ""))
    numbers = Numbers(int(found[1]), int(found[2])) if found else Numbers(0, 0)
    if not LEAST <= numbers.first <= numbers.last <= MOST or any(nobody in numbers for nobody in NOBODY):
        raise Refusal(
            f"owners {text!r}: it must be two numbers with a hyphen, from {LEAST} to {MOST}, and without "
            f"{' and '.join(map(str, NOBODY))}, which stand for nobody: for example 70000-79999"
        )
    return numbers


def choose(
    numbers: Numbers, path: str, parts: Sequence[str], now: int | None, owners: Owners, accounts: Collection[int] = ()
) -> Choice:
    """The number for the directory C(parts), which has C(now) or is not there (None).

    The first of C(parts) says whose it is. C(owners) are the numbers of all directories, C(accounts) are those that
    the server knows as somebody's already.
    """
    student = parts[0]
    mine = {owner for one, owner in owners.items() if one[0] == student and one != tuple(parts)}
    others = {owner: "/".join(one) for one, owner in sorted(owners.items(), reverse=True) if one[0] != student}
    if now is not None and now in numbers:
        if now not in others:
            return Choice(now)
        note = f"{path} has the same user as {others[now]}, {now}, so each reads the other's files"
    elif now is not None and now not in UNGIVEN:
        note = f"{path} keeps its user {now}, whom others may have, too: students' own are {numbers}"
    else:
        note = ""
    # Somebody may collect these notes of many students, and then do what they say: so each is told another number.
    own = _own(numbers, mine, {*others, *accounts}, _before(student, numbers, owners) if note else 0)
    if now is not None and note:
        return Choice(now, _told(note, path, own))
    if own is None:
        raise Refusal(
            f"no number is left for {student}: all of {numbers} are of students' directories, or of accounts of this "
            "server. Widen student_volume_uids, or remove directories that nobody needs (make student-volume "
            "STUDENT=... PROJECT=... STATE=absent PURGE=1)"
        )
    return Choice(own)


def _own(numbers: Numbers, mine: Collection[int], taken: Collection[int], skipped: int) -> int | None:
    """The number of another directory of his, or else the lowest that nobody has, but for so many."""
    known = sorted(owner for owner in mine if owner in numbers and owner not in taken)
    free = (number for number in range(numbers.first, numbers.last + 1) if number not in taken)
    return known[0] if known else next(islice(free, skipped, None), None)


def _before(student: str, numbers: Numbers, owners: Owners) -> int:
    """How many students come before this one who are to get another number, too."""
    whose: dict[int, set[str]] = {}
    for one, owner in owners.items():
        whose.setdefault(owner, set()).add(one[0])
    wrong = {
        name
        for owner, names in whose.items()
        for name in names
        if owner not in UNGIVEN and (owner not in numbers or len(names) > 1)
    }
    return sum(name < student for name in wrong)


def _told(note: str, path: str, own: int | None) -> str:
    """How an existing directory becomes its student's own; its files have to change hands with it."""
    if own is None:
        return f"{note}; and no number is left, so widen student_volume_uids first"
    return (
        f"{note}. To give it {own}: end what uses it (make student-down), run chown -hR {own}:{own} {path} on the NFS "
        "server, and then this again"
    )
