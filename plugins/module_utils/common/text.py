# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Text for people: a table, and what others say without the secrets that they quote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

SECRET = re.compile(
    r"PASSW|SECRET|TOKEN|CREDENTIAL|PRIVATE|BASICAUTH|(^|[_.-])(API)?(KEY|KEYS|PWD|PASS|AUTH)([_.-]|$)", re.IGNORECASE
)
IN_URL = re.compile(r"(://[^/:@\s]*:)([^/@\s]+)(@)")
ASSIGNED = re.compile(r"([A-Za-z_][\w.-]*)(=)([^\s'\",;&]+)")
OPTION = re.compile(r"(--?[\w.-]*(?:passw|secret|token|credential)[\w.-]*[= ])([^\s'\"]+)", re.IGNORECASE)
SHORT = 4  # a shorter value is part of many words
LONG = 6  # where it is looked for in data, of which much is true, false or none
HIDDEN = "(hidden)"
# What a terminal obeys instead of showing it, and what turns the order of letters round; not tabs and ends of lines.
COMMANDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
WIDTH = 300  # of a line of somebody else's that is quoted
Row = tuple[str, ...]  # the cells of one line


def table(*rows: Row) -> str:
    """Rows with aligned columns; the first is the header, and nothing below it means no table."""
    if len(rows) < 2:
        return ""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def unrevealing(text: str, variables: Iterable[tuple[str, Any]] = ()) -> str:
    """What somebody else said, an engine for one, without what looks like a secret.

    That are values of C(variables) whose names look like a secret's, wherever they stand, what is assigned to such a
    name or given with such an option, and passwords in URLs.
    """
    secrets = {str(value) for name, value in variables if SECRET.search(name) and len(str(value or "")) >= SHORT}
    for value in sorted(secrets, key=len, reverse=True):
        # As it is, and as an engine quotes it.
        for form in (value, json.dumps(value)[1:-1]):
            text = text.replace(form, HIDDEN)
    text = ASSIGNED.sub(lambda found: f"{found[1]}={HIDDEN}" if SECRET.search(found[1]) else found[0], text)
    return IN_URL.sub(rf"\1{HIDDEN}\3", OPTION.sub(rf"\1{HIDDEN}", text))


def told(data: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in plain data by the name it has there, those of an environment by their variable."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from told(value, str(key))
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from told(value, name)
    elif isinstance(data, str) and len(data) >= LONG:
        yield name, data
        yield from variables([data])


def variables(environment: Iterable[str] | None) -> list[tuple[str, str]]:
    """Of an environment as an engine lists it, NAME=VALUE."""
    words = (line.partition("=") for line in environment or ())
    return [(name, value) for name, _equals, value in words]


def shown(text: str) -> str:
    """Somebody else's text as a terminal may have it: what would command it is spelled out.

    A student writes his workspace's log, and an operator reads its end.
    """
    return COMMANDS.sub(lambda found: ascii(found[0])[1:-1], text.replace("\r\n", "\n"))


def cut(line: str) -> str:
    """A line of somebody else's, no wider than can be read."""
    return line if len(line) <= WIDTH else f"{line[:WIDTH]}..."
