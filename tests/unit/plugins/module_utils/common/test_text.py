# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.common.text import shown, told, unrevealing, variables


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ('expanding env "DB_PASSWORD=hunter{{2": no "2"', 'expanding env "DB_PASSWORD=(hidden)": no "2"'),
        ('cannot parse "a\\"bcd"', 'cannot parse "(hidden)"'),
        ("dial postgres://me:pw@db:5432", "dial postgres://me:(hidden)@db:5432"),
        ("invalid env DB_PASSWORD=other LEVEL=loud", "invalid env DB_PASSWORD=(hidden) LEVEL=loud"),
        ("run --api-token other-one --port=80", "run --api-token (hidden) --port=80"),
        ("secret web_tls-1 is in use; no such token", "secret web_tls-1 is in use; no such token"),
        # No secret by its name, and too short to be told from a word.
        ("loud is no level; ab", "loud is no level; ab"),
    ],
)
def test_what_others_say_is_quoted_without_secrets(said: str, shown: str) -> None:
    variables = {"DB_PASSWORD": "hunter{{2", "API_KEY": 'a"bcd', "LEVEL": "loud", "TOKEN": "ab", "SECRET": None}
    assert unrevealing(said, variables.items()) == shown


def test_no_error_of_an_engine_reveals_any() -> None:
    error = EngineError("docker POST /x: pull https://me:pw@registry.example: API_TOKEN=abcdef is wrong", 500)
    assert str(error) == "docker POST /x: pull https://me:(hidden)@registry.example: API_TOKEN=(hidden) is wrong"
    assert error.status == 500


def test_texts_in_data_by_their_names() -> None:
    data = {"a": {"TOKEN": "abcdef", "n": 7, "short": "true"}, "env": ["KEY=value1"], "words": ("one two",)}
    assert list(told(data)) == [
        ("TOKEN", "abcdef"),
        ("abcdef", ""),
        ("env", "KEY=value1"),
        ("KEY", "value1"),
        ("words", "one two"),
        ("one two", ""),
    ]


def test_nothing_that_somebody_else_says_commands_a_terminal() -> None:
    hostile = "a\x1b]0;x\x07\x1b[2J\x9b31m\rb\u202ec\u2028"
    assert shown(hostile) == r"a\x1b]0;x\x07\x1b[2J\x9b31m\rb\u202ec\u2028"
    assert shown("ä\tß\r\n日本\n") == "ä\tß\n日本\n"


def test_an_environment_as_an_engine_lists_it() -> None:
    assert variables(["A=1=2", "B"]) == [("A", "1=2"), ("B", "")]
    assert variables(None) == []
