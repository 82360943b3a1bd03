# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Swarm's own templates in a stack file: what the engine expands, and refuses with the whole value if it cannot.

A value that is no template but has two braces in it, such as a password, is found here first, and is not repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .report import Path, Report

TOKEN = re.compile(
    r"""\s+|"(?:\\.|[^"\\\n])*"|`[^`]*`|'(?:\\.|[^'\\\n])+'|/\*.*?\*/|\$\w*|\.[\w.]*|[+-]?\d[\w.]*|\w+|[|(),=]|:=|-""",
    re.DOTALL,
)
FIELDS = {
    ".",
    *(".Service", ".Service.ID", ".Service.Name", ".Service.Labels"),
    *(".Node", ".Node.ID", ".Node.Hostname", ".Node.Platform", ".Node.Platform.Architecture", ".Node.Platform.OS"),
    *(".Task", ".Task.ID", ".Task.Name", ".Task.Slot"),
}
FUNCTIONS = {
    *("and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "len", "index", "slice", "call", "join"),
    *("print", "printf", "println", "html", "js", "urlquery"),
}
OPENING, OTHERS = {"if", "with", "range"}, {"else", "end", "true", "false"}
PROBLEM = (
    "Swarm expands {{...}} here as a template of its own, and this is none that it knows, such as {{.Node.Hostname}}, "
    '{{.Service.Name}} or {{.Task.Slot}}: correct it, or write {{"{{"}} where two braces are meant'
)


def check(document: Mapping[str, Any], report: Report) -> None:
    """Every value of a stack that Swarm would expand and cannot."""
    for path, value in _expanded(document):
        if isinstance(value, str) and not well_formed(value):
            report.problem(path, PROBLEM)


def _expanded(document: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for name, service in document["services"].items():
        path: Path = ("services", name)
        yield (*path, "hostname"), service.get("hostname") or ""
        for key, value in (service.get("environment") or {}).items():
            yield (*path, "environment", key), f"{key}={value}"
        for index, mount in enumerate(service.get("volumes") or []):
            for part in ("source", "target"):
                yield (*path, "volumes", index), mount.get(part) or ""
    for name, volume in (document.get("volumes") or {}).items():
        yield ("volumes", name, "name"), (volume or {}).get("name") or ""
        for part in ("labels", "driver_opts"):
            for key, value in ((volume or {}).get(part) or {}).items():
                yield ("volumes", name, part, key), str(value)


def well_formed(text: str) -> bool:
    """Whether Swarm can expand the text, as far as a look at its words tells."""
    at, depth, scoped = text.find("{{"), 0, False
    while at >= 0:
        words, at = _action(text, at + 2)
        if at < 0 or not words:
            return False
        keyword = words[0]
        depth += (keyword in OPENING) - (keyword == "end")
        # Inside these, a dot may be something else.
        scoped = scoped or keyword in ("with", "range")
        if depth < 0 or not all(_known(word, scoped) for word in words):
            return False
        at = text.find("{{", at)
    return depth == 0


def _action(text: str, at: int) -> tuple[list[str], int]:
    """The words of an action that begins here, and where it ends; -1: nowhere."""
    words = []
    while not text.startswith("}}", at):
        token = TOKEN.match(text, at)
        if not token:
            return [], -1
        if not token[0].isspace():
            words.append(token[0])
        at = token.end()
    return words, at + 2


def _known(word: str, scoped: bool) -> bool:
    if word.startswith("."):
        return scoped or word in FIELDS
    if word[0].isalpha() or word[0] == "_":
        return word in FUNCTIONS | OPENING | OTHERS
    return True
