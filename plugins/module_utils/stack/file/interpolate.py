# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Variables in a stack file: C($NAME), C(${NAME}), C(${NAME:-default}) and the like, as Compose defines them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .report import UNKNOWN, Path, Report

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
OPERATOR = re.compile(r":?[-?+]")
REMEDY = "set it in .env beside the file or in the environment, or write "
Variables = Mapping[str, str]


def expand(data: Any, variables: Variables, report: Report, path: Path = ()) -> Any:
    """The data with every variable in its values replaced; keys stay as they are.

    A text with a variable that has no value becomes UNKNOWN, and the report says so.
    """
    if isinstance(data, dict):
        return {key: expand(item, variables, report, (*path, key)) for key, item in data.items()}
    if isinstance(data, list):
        return [expand(item, variables, report, (*path, index)) for index, item in enumerate(data)]
    if not isinstance(data, str) or "$" not in data:
        return data
    problems: list[str] = []
    text = substitute(data, variables, problems)
    for problem in problems:
        report.problem(path, problem)
    return UNKNOWN if problems else text


def substitute(text: str, variables: Variables, problems: list[str]) -> str:
    """The text with its variables replaced; what has no value is added to the problems."""
    parts, at = [], 0
    while (dollar := text.find("$", at)) >= 0:
        parts.append(text[at:dollar])
        replaced, at = _one(text, dollar, variables, problems)
        parts.append(replaced)
    return "".join([*parts, text[at:]])


def _one(text: str, dollar: int, variables: Variables, problems: list[str]) -> tuple[str, int]:
    """What stands for the variable at this dollar sign, and where the text goes on."""
    rest = dollar + 1
    if text.startswith("$", rest):
        return "$", rest + 1
    if match := NAME.match(text, rest):
        return _value(match[0], "", "", variables, problems), match.end()
    if not text.startswith("{", rest):
        return "$", rest  # no variable: a price, or the end of a regular expression
    end = _closing(text, rest)
    inside = text[rest + 1 : end]
    name = NAME.match(inside)
    operator = OPERATOR.match(inside, name.end()) if name else None
    if end < 0 or not name or (not operator and name.end() < len(inside)):
        shown = text[dollar : end + 1] if end >= 0 else text[dollar:]
        problems.append(
            f"'{shown}' is no variable; write ${{NAME}}, ${{NAME:-default}}, ${{NAME:?message}} or ${{NAME:+text}}, "
            "and a dollar sign that is meant as one as $$"
        )
        return "", len(text) if end < 0 else end + 1
    word = inside[operator.end() :] if operator else ""
    return _value(name[0], operator[0] if operator else "", word, variables, problems), end + 1


def _closing(text: str, opening: int) -> int:
    """Where the brace that ends here closes; defaults may hold variables with braces of their own."""
    depth, at = 0, opening
    while at < len(text):
        if text.startswith("$$", at):
            at += 1
        elif at == opening or text.startswith("${", at):
            depth += 1
            at += at != opening
        elif text[at] == "}":
            depth -= 1
            if not depth:
                return at
        at += 1
    return -1


def _value(name: str, operator: str, word: str, variables: Variables, problems: list[str]) -> str:
    value = variables.get(name)
    there = value is not None and (value != "" or not operator.startswith(":"))
    if operator.endswith("+"):
        return substitute(word, variables, problems) if there else ""
    if there:
        return str(value)
    if operator.endswith("-"):
        return substitute(word, variables, problems)
    if operator:
        empty = "is empty" if value == "" else "is not set"
        message = substitute(word, variables, problems)
        problems.append(f"variable {name} {empty}" + (f": {message}" if message else " and has to be"))
    else:
        problems.append(f"variable {name} is not set; {REMEDY}${{{name}:-default}}")
    return ""
