# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.env import parse_dotenv, parse_env_file

DOTENV = """
# a comment
PLAIN=a value # and a comment
export EXPORTED=yes#no
SPACED = x
COLON: y
EMPTY=
HASH= # nothing
SINGLE='$PLAIN # \\' "' # comment
DOUBLE="say \\"$PLAIN\\"\\n\\$PLAIN $$"
LINES="one
two"
AGAIN=${PLAIN}/${OUTER:-none}
PLAIN_OUTER=$SAME
SAME=file
"""


def test_dotenv_is_read_as_compose_reads_it() -> None:
    found, problems = parse_dotenv(DOTENV.replace("\n", "\r\n"), {"SAME": "outer"})
    assert problems == []
    assert found == {
        "PLAIN": "a value",
        "EXPORTED": "yes#no",
        "SPACED": "x",
        "COLON": "y",
        "EMPTY": "",
        "HASH": "",
        "SINGLE": "$PLAIN # ' \"",
        "DOUBLE": 'say "a value"\n$PLAIN $',
        "LINES": "one\ntwo",
        "AGAIN": "a value/none",
        "PLAIN_OUTER": "outer",
        "SAME": "file",
    }


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("A=1\nnot a variable\n", [(2, "this is no NAME=value")]),
        ("A='open\nB=1", [(1, "A: the quote is not closed")]),
        ('A="x" y', [(1, "A: something follows the closing quote")]),
        ("\n\nA=${B?say it}", [(3, "variable B is not set: say it")]),
    ],
)
def test_what_is_wrong_in_a_dotenv_has_its_line(text: str, problems: list[tuple[int, str]]) -> None:
    assert parse_dotenv(text, {})[1] == problems


def test_an_env_file_is_read_as_the_docker_command_reads_it() -> None:
    text = "\ufeff# comment\n\nA=1 # kept\n  B='x'\nC=$D and $$\nFROM_OUTSIDE\nEMPTY=\r\n"
    found, problems, notes = parse_env_file(text)
    assert found == {"A": "1 # kept", "B": "'x'", "C": "$D and $$", "FROM_OUTSIDE": None, "EMPTY": ""}
    assert problems == []
    assert notes == [(4, "the quotes around the value of B are part of it, as for docker stack deploy")]


@pytest.mark.parametrize("line", ["A B=1", "=1", "A =1", "A B"])
def test_a_name_in_an_env_file_has_no_spaces(line: str) -> None:
    assert parse_env_file(f"X=1\n{line}")[1] == [(2, "this is no NAME=value: a name has no spaces")]
