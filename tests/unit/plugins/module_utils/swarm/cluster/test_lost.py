# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.cluster.lost import MEANWHILE, lost, said


@pytest.mark.parametrize(
    ("peers", "words"),
    [
        ({}, ""),
        ({"a": True}, ""),
        ({"a": True, "b": True, "c": False}, ""),
        (
            {"a": True, "c": False, "b": False},
            "the swarm has lost its quorum: 1 of 3 managers answers, and 2 are needed; 2 are missing: b, c. ",
        ),
        (
            {"a": True, "b": False},
            "the swarm has lost its quorum: 1 of 2 managers answers, and 2 are needed; 1 is missing: b. ",
        ),
        (
            {"a": True, "b": True, "c": False, "d": False, "e": False},
            "the swarm has lost its quorum: 2 of 5 managers answer, and 3 are needed; 3 are missing: c, d, e. ",
        ),
    ],
)
def test_lost(peers: dict[str, bool], words: str) -> None:
    assert lost(peers) == (f"{words}{MEANWHILE}" if words else "")


def test_what_one_of_the_managers_said() -> None:
    words = lost({"a": True, "b": False})
    answers = [{"msg": "this engine is in no swarm"}, {}, {"msg": f"Task failed: {words}"}]
    assert said(answers) == words
    assert said(answers[:2]) == ""
