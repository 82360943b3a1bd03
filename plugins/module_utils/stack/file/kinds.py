# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a value in a stack file may be, and the one form it is given.

A file's scalars arrive as they are written, so that 1.10 stays 1.10 and 0440 stays 0440; each of these functions takes
a value to what it is where it stands, or raises ValueError with a few words. Those that hold others report what is
wrong with a part at its place, and go on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ...common.suggestion import meant
from ...common.units import octets
from .report import UNKNOWN, Path, Report, shown

Kind = Callable[[Any, Path, Report], Any]
TRUE, FALSE = ("true", "yes", "on", "y"), ("false", "no", "off", "n")
DURATION = re.compile(r"0|-?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*")


def read(kind: Kind, value: Any, path: Path, report: Report) -> Any:
    """What the kind makes of the value; nothing where there is none, or where it is wrong and now reported."""
    if value is None or value is UNKNOWN:
        return None
    try:
        return kind(value, path, report)
    except ValueError as error:
        report.problem(path, str(error))
        return None


def text(value: Any, _path: Path, _report: Report) -> str:
    if not isinstance(value, str):
        raise ValueError(f"this is {shown(value)}, not a text")
    return value


def anything(value: Any, _path: Path, _report: Report) -> Any:
    return value


def integer(value: Any, path: Path, report: Report) -> int:
    """Whole numbers, also octal (0440 or 0o440) and hexadecimal as YAML has them."""
    plain = text(value, path, report).strip().replace("_", "")
    octal = re.fullmatch(r"([+-]?)0o?([0-7]+)", plain)
    try:
        return int(octal[1] + octal[2], 8) if octal else int(plain, 0)
    except ValueError:
        raise ValueError(f"{shown(value)} is no whole number") from None


def count(value: Any, path: Path, report: Report) -> int:
    number = integer(value, path, report)
    if number < 0:
        raise ValueError(f"{number} is less than 0")
    return number


def number(value: Any, path: Path, report: Report) -> float | int:
    plain = text(value, path, report)
    try:
        return integer(value, path, report) if re.fullmatch(r"[+-]?\d+", plain) else float(plain)
    except ValueError:
        raise ValueError(f"{shown(value)} is no number") from None


def file_mode(value: Any, path: Path, report: Report) -> int:
    """The mode of a file. 440 is not 0440, and hardly ever meant."""
    mode = count(value, path, report)
    if re.fullmatch(r"[1-7][0-7]{2}", str(value)):
        report.note(
            f"{'.'.join(str(part) for part in path)}: {value} is decimal, so {mode:#o}; octal is written 0{value}"
        )
    return mode


def boolean(value: Any, path: Path, report: Report) -> bool:
    word = text(value, path, report).lower()
    if word in TRUE or word in FALSE:
        return word in TRUE
    raise ValueError(f"{shown(value)} is neither true nor false")


def duration(value: Any, path: Path, report: Report) -> str:
    plain = text(value, path, report)
    if not DURATION.fullmatch(plain):
        raise ValueError(f"{shown(value)} is no time; write it like 30s, 1m30s or 500ms")
    return plain


def size(value: Any, path: Path, report: Report) -> str:
    plain = text(value, path, report)
    if octets(plain) is None:
        raise ValueError(f"{shown(value)} is no size; write it like 512M or 2G")
    return plain


def size_in_bytes(value: Any, path: Path, report: Report) -> int:
    return octets(size(value, path, report)) or 0


def choice(*words: str) -> Kind:
    def read_choice(value: Any, path: Path, report: Report) -> str:
        if value not in words:
            raise ValueError(f"{shown(value)} is none of {', '.join(words)}{meant(str(value), words)}")
        return str(value)

    return read_choice


def listing(kind: Kind) -> Kind:
    def read_list(value: Any, path: Path, report: Report) -> list[Any]:
        if not isinstance(value, list):
            raise ValueError(f"this is {shown(value)}, not a list")
        items = (read(kind, item, (*path, index), report) for index, item in enumerate(value))
        return [item for item in items if item is not None]

    return read_list


def one_or_many(kind: Kind) -> Kind:
    """A list, or a single value in its place."""
    many = listing(kind)

    def read_either(value: Any, path: Path, report: Report) -> list[Any]:
        if isinstance(value, list):
            return list(many(value, path, report))
        item = read(kind, value, path, report)
        return [] if item is None else [item]

    return read_either


def command(value: Any, path: Path, report: Report) -> str | list[str]:
    return listing(text)(value, path, report) if isinstance(value, list) else text(value, path, report)


def mapping(kind: Kind) -> Kind:
    """Any keys; a key without a value stays, without one."""

    def read_mapping(value: Any, path: Path, report: Report) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValueError(f"this is {shown(value)}, not a mapping")
        return {
            key: read(kind, item, (*path, key), report) for key, item in value.items() if not str(key).startswith("x-")
        }

    return read_mapping


def pairs(value: Any, path: Path, report: Report) -> dict[str, str | None]:
    """C({A: b}) or C([A=b]); a key without a value has none."""
    if isinstance(value, Mapping):
        return {key: read(text, item, (*path, key), report) for key, item in value.items()}
    found: dict[str, str | None] = {}
    for index, item in enumerate(value if isinstance(value, list) else [None]):
        if not isinstance(value, list):
            raise ValueError(f"this is {shown(value)}, neither a mapping nor a list of KEY=value")
        line = read(text, item, (*path, index), report)
        if line is not None:
            key, equals, rest = line.partition("=")
            found[key] = rest if equals else None
    return found


def texts(value: Any, path: Path, report: Report) -> dict[str, str]:
    """Pairs in which a key without a value has an empty one: labels, options, sysctls."""
    return {key: item or "" for key, item in pairs(value, path, report).items()}


def record(fields: Mapping[str, Kind], ignored: Mapping[str, str] | None = None) -> Kind:
    """Known keys, each with its kind. Of the ignored ones a note tells, in their words."""

    def read_record(value: Any, path: Path, report: Report) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValueError(f"this is {shown(value)}, not a mapping")
        found = {}
        for key, item in value.items():
            here = (*path, key)
            if str(key).startswith("x-"):
                continue
            if ignored and key in ignored:
                report.note(f"{'.'.join(str(part) for part in path[1:])}: {ignored[key]}")
            elif key not in fields:
                report.problem(here, f"unknown key{meant(str(key), [*fields, *(ignored or ())])}")
            else:
                made = read(fields[key], item, here, report)
                if made is not None:
                    found[key] = made
        return found

    return read_record
