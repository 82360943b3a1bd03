# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a workspace answers, and the key that its token is worked out from."""

from __future__ import annotations

from ansible_collections.hydra.swarm.plugins.module_utils.student import access

KEY = "0123456789abcdef" * 4


def test_a_host_of_its_own() -> None:
    assert access.host("ada", "students.example.edu") == "ada.students.example.edu"
    assert access.url("ada", "students.example.edu", "https") == "https://ada.students.example.edu/"


def test_what_the_gate_is_asked() -> None:
    asked = access.gate("ada", "http://gate:8080", ["ada", "ada+x@example.edu", "a&login=bob"])
    assert asked == "http://gate:8080/?student=ada&login=ada&login=ada%2Bx%40example.edu&login=a%26login%3Dbob"


def test_each_token_is_another_and_stays() -> None:
    assert access.token("ada", KEY) == access.token("ada", f"{KEY}\n") != access.token("bob", KEY)
    assert access.token("ada", KEY) != access.token("ada", KEY[::-1])


def test_a_key_that_is_too_short_is_not_shown() -> None:
    assert access.key_problems(KEY) == []
    (problem,) = access.key_problems("only-for-development")
    assert problem.startswith("student_workspace_key has 20 characters") and "only-for" not in problem
