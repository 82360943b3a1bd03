# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is found while a stack file is read: every problem with its place in the file, and notes for the reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Union

# Of keys and positions: ("services", "web", "ports", 0). Sanity tests check for Python 3.9 too, which has no "|" here.
Path = tuple[Union[str, int], ...]  # noqa: UP007
Place = tuple[int, int]  # line and column, from 1


class Unknown:
    """The value of something that could not be worked out; a problem already says why."""


UNKNOWN = Unknown()


class Report:
    """Collects what is wrong with a file, so that a person is told of everything at once."""

    def __init__(self, file: str = "", places: Mapping[Path, Place] | None = None):
        self.file, self.places = file, {} if places is None else places
        self.notes: list[str] = []
        self._problems: dict[str, Place] = {}

    @property
    def problems(self) -> list[str]:
        """In the order of the file; what an anchor brings to several places is said once."""
        return sorted(self._problems, key=lambda text: self._problems[text])

    def problem(self, path: Path, text: str) -> None:
        """Something is wrong at this path."""
        place = self.place(path)
        self._problems.setdefault(f"{self.file}:{place[0]}:{place[1]}: {dotted(path)}{text}", place)

    def trouble(self, text: str) -> None:
        """Something is wrong that is nowhere in the file."""
        self._problems.setdefault(text, (0, 0))

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def place(self, path: Path) -> Place:
        """Line and column of what is nearest to the path."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def dotted(path: Path) -> str:
    """The path as people write it, with what separates it from a sentence: C(services.web.ports[0]: )."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return f"{text[1:]}: " if text else ""


def shown(value: Any) -> str:
    """A value in a sentence; what is long or made of parts is named by its kind."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    return f"'{value}'" if len(str(value)) <= 60 else f"'{str(value)[:57]}...'"
