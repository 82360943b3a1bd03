# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stack files on the control host: YAML with its places, .env beside it, and the files it refers to."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...common.errors import HydraError, Refusal
from ...common.label_texts import label_text
from . import binds
from .content import bytes_of, hashed
from .document import finish, listed, parse, refusal
from .env import parse_dotenv
from .interpolate import expand
from .report import Path, Place, Report
from .service import Around

NULLS = ("", "~", "null", "Null", "NULL")
MERGE, STANDARD = "tag:yaml.org,2002:merge", "tag:yaml.org,2002:"
MOST = 50_000  # values in a file; anchors in anchors can make endless ones of a few lines


def render(
    name: str,
    file: str,
    environment: Mapping[str, Any],
    *,
    swarm: Mapping[str, Any],
    kernel: Mapping[str, bool],
    storage: Mapping[str, Any],
    adapt: str,
    attach: Mapping[str, Iterable[str]],
) -> dict[str, Any]:
    """The stack that the file describes, as it is to be deployed. Raises Refusal with everything that is wrong."""
    data, report, around = _read(name, file, environment)
    document, sources = parse(name, data, report, around, attach)
    stack = finish(name, document, sources, report, swarm, kernel, storage, adapt)
    found = binds.wanted(stack["document"], swarm.get("nodes") or [], str(storage.get("path") or ""))
    return {"file": os.path.abspath(file), "binds": found, **stack}


def contents(sources: Iterable[Mapping[str, Any]], file: str, environment: Mapping[str, Any]) -> dict[str, bytes]:
    """The contents of a rendered stack's configs and secrets, by their names in the swarm.

    Raises Refusal when one is not what it was when its name was made.
    """
    sources = list(sources)
    if not sources:
        return {}
    data, report, around = _read("", file, environment)
    found: dict[str, bytes] = {}
    for source in sources:
        section, key = f"{source['kind']}s", source["key"]
        inline = None
        if "inline" in source["origin"]:
            path = (section, key, "content")
            inline = expand(_at(data, path), around.variables, report, path)
        try:
            found[source["name"]] = bytes_of(source, around, inline)
        except ValueError as error:
            report.problem((section, key), str(error))
            continue
        if hashed(source, found[source["name"]]) != source["name"]:
            report.problem((section, key), "the content changed while the stack was being deployed; deploy it again")
    if report.problems:
        raise Refusal(listed(f"the configs and secrets of {file} cannot be made", report.problems))
    return found


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    return data


def _read(name: str, file: str, environment: Mapping[str, Any]) -> tuple[Any, Report, Around]:
    """The file's data, the report that knows its places, and what is around it."""
    path = os.path.abspath(os.path.expanduser(file))
    try:
        raw = _bytes(path)
    except OSError as error:
        started = "" if os.path.isabs(os.path.expanduser(file)) else f" (the run was started in {os.getcwd()})"
        raise Refusal(f"stack file {path}: {error.strerror}{started}; name the file to deploy") from None
    tree = Tree()
    report = Report(file, tree.places)
    data = tree.load(raw, report)
    if report.problems:
        raise Refusal(refusal(name, report) if name else listed(f"{file} cannot be read", report.problems))
    variables = _variables(os.path.dirname(path), environment, report)
    return data, report, Around(os.path.dirname(path), variables, _bytes)


def _bytes(path: str) -> bytes:
    with open(path, "rb") as handle:
        return handle.read()


def _variables(directory: str, environment: Mapping[str, Any], report: Report) -> dict[str, str]:
    """What variables stand for: first what the inventory says, then the environment of the run, then C(.env)."""
    given: dict[str, str] = {}
    for key, value in environment.items():
        try:
            if value is not None:
                given[str(key)] = str(label_text(value))
        except ValueError:
            report.trouble(f"variable {key} of the inventory is no plain value; write it as a text")
    outer = {**os.environ, **given}
    path = os.path.join(directory, ".env")
    try:
        text = _bytes(path).decode()
    except FileNotFoundError:
        return outer
    except (OSError, UnicodeDecodeError) as error:
        report.trouble(f"{path}: {getattr(error, 'strerror', None) or 'it is not UTF-8'}")
        return outer
    own, problems = parse_dotenv(text.removeprefix("\ufeff"), outer)
    for line, problem in problems:
        report.trouble(f"{path}:{line}: {problem}")
    return {**own, **outer}


class Tree:
    """YAML as plain data whose scalars are texts as they are written (None: nothing), and where everything is."""

    def __init__(self) -> None:
        self.places: dict[Path, Place] = {}
        self._open: list[Any] = []
        self._made = 0

    def load(self, raw: bytes, report: Report) -> Any:
        """The data of the file; what is wrong with it as YAML is in the report."""
        try:
            import yaml  # type: ignore[import-untyped]
        except ImportError as error:
            raise HydraError("PyYAML is missing on the control host: pip install PyYAML") from error
        try:
            node = yaml.compose(raw, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            words = ", ".join(filter(None, (error.context, error.problem)))
            if mark:
                self.places[()] = _place(mark)
            report.problem((), words)
            return None
        except yaml.YAMLError as error:
            report.problem((), " ".join(str(error).split()))
            return None
        return None if node is None else self._data(node, (), report)

    def _data(self, node: Any, path: Path, report: Report) -> Any:
        self.places.setdefault(path, _place(node.start_mark))
        self._made += 1
        if node in self._open or self._made > MOST:
            report.trouble(f"{report.file}: " + ("an anchor holds itself" if node in self._open else "it is too large"))
            return None
        if not node.tag.startswith(STANDARD):
            report.problem(path, f"tag {node.tag} is not known here; take it out")
            return None
        if node.id == "scalar":
            return None if not node.style and node.value in NULLS else node.value
        self._open.append(node)
        try:
            if node.id == "sequence":
                return [self._data(item, (*path, index), report) for index, item in enumerate(node.value)]
            made = {}
            for key, value, place in self._pairs(node, path, report):
                self.places[(*path, key)] = place
                made[key] = self._data(value, (*path, key), report)
            return made
        finally:
            self._open.pop()

    def _pairs(self, node: Any, path: Path, report: Report) -> Iterator[tuple[str, Any, Place]]:
        """The entries of a mapping, with what it merges (C(<<)); a key of its own goes before a merged one."""
        own: dict[str, tuple[Any, Place]] = {}
        merged: dict[str, tuple[Any, Place]] = {}
        for key, value in node.value:
            place = _place(key.start_mark)
            if key.tag == MERGE:
                for source in value.value if value.id == "sequence" else [value]:
                    if source.id != "mapping" or source in self._open:
                        self.places[(*path, "<<")] = place
                        report.problem((*path, "<<"), "only a mapping can be merged")
                        continue
                    self._open.append(source)
                    for name, item, where in self._pairs(source, path, report):
                        merged.setdefault(name, (item, where))
                    self._open.pop()
            elif key.id != "scalar":
                self.places[(*path, "?")] = place
                report.problem((*path, "?"), "a key is a word here")
            elif key.value in own:
                first = own[key.value][1][0]
                self.places[(*path, key.value)] = place
                report.problem((*path, key.value), f"the key is there twice, first in line {first}; keep one")
            else:
                own[key.value] = (value, place)
        for name, (value, place) in {**merged, **own}.items():
            yield name, value, place


def _place(mark: Any) -> Place:
    return mark.line + 1, mark.column + 1
