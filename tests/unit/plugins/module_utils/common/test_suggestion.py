# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.suggestion import distance, meant


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [
        ("ports", "ports", 0),
        ("prots", "ports", 1),
        ("port", "ports", 1),
        ("image", "imag", 1),
        ("abc", "xyz", 3),
        ("", "ab", 2),
    ],
)
def test_distance(one: str, other: str, steps: int) -> None:
    assert distance(one, other) == steps


@pytest.mark.parametrize(
    ("word", "question"),
    [
        ("imagee", "; did you mean image?"),
        ("Image", "; did you mean image?"),
        ("prots", "; did you mean ports?"),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_the_nearest_word_is_asked_for(word: str, question: str) -> None:
    assert meant(word, ["image", "ports", "networks"]) == question
    assert meant(word, []) == ""
