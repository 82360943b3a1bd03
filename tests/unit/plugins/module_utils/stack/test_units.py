# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.units import nano_cpus, nanoseconds, spoken


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1m30s", 90 * 10**9),
        ("500ms", 5 * 10**8),
        ("1.5h", 5400 * 10**9),
        ("0s", 0),
        (None, 0),
        ("", 0),
        (0, 0),
        ("soon", "soon"),
        ("10", "10"),
    ],
)
def test_durations(text: Any, number: Any) -> None:
    assert nanoseconds(text) == number


@pytest.mark.parametrize(("text", "number"), [("0.5", 5 * 10**8), (2, 2 * 10**9), (None, 0), ("many", "many")])
def test_cpus(text: Any, number: Any) -> None:
    assert nano_cpus(text) == number


@pytest.mark.parametrize(
    ("number", "words"), [(90 * 10**9, "90s"), (5 * 10**8, "0.5s"), (0, None), (None, None), ("x", "x")]
)
def test_durations_as_people_say_them(number: Any, words: Any) -> None:
    assert spoken(number) == words
