# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The known word that somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable


def meant(word: str, known: Iterable[str]) -> str:
    """A question after the known word that is nearest to this one, or nothing."""
    near = [(distance(word.lower(), other.lower()), other) for other in known]
    steps, best = min(near, default=(0, ""))
    return f"; did you mean {best}?" if best and steps <= max(1, len(word) // 3) else ""


def distance(one: str, other: str) -> int:
    """How many letters have to be added, taken away, changed or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            steps = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and (letter, one[i - 2]) == (other[j - 2], wanted):
                steps = min(steps, earlier[j - 2] + 1)
            row.append(steps)
    return row[-1]
