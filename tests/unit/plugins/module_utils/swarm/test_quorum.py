# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.quorum import loss, quorum


@pytest.mark.parametrize(("managers", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (7, 4)])
def test_quorum(managers: int, needed: int) -> None:
    assert quorum(managers) == needed


@pytest.mark.parametrize(
    ("up", "down", "leaving", "problem"),
    [
        ("a", "", "a", "a is the last manager; make another node a manager first"),
        ("abc", "", "abc", "c is the last manager; make another node a manager first"),
        ("abc", "", "ab", ""),
        ("ab", "", "a", ""),
        ("ab", "c", "c", ""),
        (
            "ab",
            "c",
            "a",
            (
                "without a the swarm has 2 managers, of which 2 must be reachable and 1 would be; "
                "bring back or remove c first, or make another node a manager"
            ),
        ),
        ("ab", "c", "ac", ""),
        (
            "abc",
            "de",
            "a",
            (
                "without a the swarm has 4 managers, of which 3 must be reachable and 2 would be; "
                "bring back or remove d, e first, or make another node a manager"
            ),
        ),
        ("abc", "de", "ade", ""),
        (
            "a",
            "b",
            "a",
            (
                "without a the swarm has 1 manager, of which 1 must be reachable and 0 would be; "
                "bring back or remove b first, or make another node a manager"
            ),
        ),
        ("ab", "", "worker", ""),
    ],
)
def test_what_a_swarm_survives(up: str, down: str, leaving: str, problem: str) -> None:
    managers = {**dict.fromkeys(up, True), **dict.fromkeys(down, False)}
    assert loss(managers, [leaving] if leaving == "worker" else leaving) == problem
