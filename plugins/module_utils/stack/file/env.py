# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of variables: C(.env) beside a stack file, and the C(env_file) of a service.

Both have a C(NAME=value) on a line, yet are read by different rules: C(.env) as Compose reads it, with quotes, comments
and variables; an C(env_file) as the docker command reads it, where everything after the = is the value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .interpolate import substitute

LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*(?:[=:]|$)[ \t]*")
DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
SINGLE = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "$": "$$"}


def parse_dotenv(text: str, outer: Mapping[str, str]) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """The variables of a C(.env), and what is wrong with it by line.

    Variables in its values are those of the environment it is read in (C(outer)), then those of its earlier lines.
    """
    found: dict[str, str] = {}
    problems: list[tuple[int, str]] = []
    text, at = text.replace("\r\n", "\n"), 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line, number = text[at:end], text.count("\n", 0, at) + 1
        if not line.strip() or line.lstrip().startswith("#"):
            at = end + 1
            continue
        match = LINE.match(text, at, end)
        if not match:
            problems.append((number, "this is no NAME=value"))
            at = end + 1
            continue
        wrong: list[str] = []
        around = {**found, **outer}
        if quoted := DOUBLE.match(text, match.end()) or SINGLE.match(text, match.end()):
            found[match[1]], after = _unquoted(quoted[0], around, wrong), quoted.end()
            end = text.find("\n", after)
            end = len(text) if end < 0 else end
            rest = text[after:end].strip()
            if rest and not rest.startswith("#"):
                wrong.append(f"{match[1]}: something follows the closing quote")
        elif text[match.end() : match.end() + 1] in ("'", '"'):
            wrong.append(f"{match[1]}: the quote is not closed")
        elif "=" in match[0] or ":" in match[0]:
            bare = re.split(r"(?:^|\s+)#", text[match.end() : end], maxsplit=1)[0].strip()
            found[match[1]] = substitute(bare, around, wrong)
        problems += [(number, problem) for problem in wrong]
        at = end + 1
    return found, problems


def _unquoted(quoted: str, variables: Mapping[str, str], wrong: list[str]) -> str:
    inside = quoted[1:-1]
    if quoted[0] == "'":
        return inside.replace("\\'", "'")
    return substitute(re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[0]), inside, flags=re.DOTALL), variables, wrong)


def parse_env_file(text: str) -> tuple[dict[str, str | None], list[tuple[int, str]], list[tuple[int, str]]]:
    """The variables of an C(env_file) (None: its value is the environment's), what is wrong, and what to note."""
    found: dict[str, str | None] = {}
    problems: list[tuple[int, str]] = []
    notes: list[tuple[int, str]] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line = line.lstrip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not name or re.search(r"\s", name if equals else name.rstrip()):
            problems.append((number, "this is no NAME=value: a name has no spaces"))
            continue
        found[name.rstrip()] = value if equals else None
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            notes.append((number, f"the quotes around the value of {name} are part of it, as for docker stack deploy"))
    return found, problems, notes
