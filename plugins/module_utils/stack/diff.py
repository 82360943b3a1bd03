# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What differs between two views of a service (stack.view), and how much of it may be shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..common.text import HIDDEN, IN_URL, SECRET
from ..image.names import reference

INLINE = re.compile(r"([\w.-]*(?:passw|secret|token|credential)[\w.-]*[= ])([^\s'\"]+)", re.IGNORECASE)
CHANGED = "(hidden and changed)"
View = dict[str, Any]


def differing(before: View, after: View) -> list[str]:
    """The settings in which two views differ, by name; what only looks different is left out."""
    return sorted(key for key in {*before, *after} if _form(key, before.get(key)) != _form(key, after.get(key)))


def narrowed(view: View, other: View, keys: Iterable[str]) -> View:
    """Of a view the settings named, and of a mapping (environment, labels) the entries in which it differs."""
    found: View = {}
    for key in keys:
        mine, theirs = view.get(key), other.get(key)
        if isinstance(mine, Mapping) or isinstance(theirs, Mapping):
            mine, theirs = mine or {}, theirs or {}
            mine = {part: value for part, value in mine.items() if part not in theirs or theirs[part] != value}
        if mine not in (None, {}):
            found[key] = mine
    return found


def masked(before: View, after: View) -> tuple[View, View]:
    """Both views without what looks like a secret; where only a secret differs, the second says so."""
    return _masked(before, {}), _masked(after, before)


def _masked(view: View, before: View) -> View:
    found = dict(view)
    for key in ("env", "labels", "container_labels"):
        if key in view:
            old = before.get(key) or {}
            found[key] = {name: _told(name, value, old.get(name)) for name, value in view[key].items()}
    for key in ("command", "entrypoint"):
        if isinstance(view.get(key), list):
            found[key] = [_told("", word, None) for word in view[key]]
            old = before.get(key)
            if isinstance(old, list) and old != view[key] and [_told("", word, None) for word in old] == found[key]:
                found[key].append(f"# {CHANGED}")
        elif key in view:
            found[key] = _told("", view[key], before.get(key))
    return found


def _told(name: str, value: Any, old: Any) -> str:
    text = _hidden(name, str(value))
    if old is not None and str(old) != str(value) and _hidden(name, str(old)) == text:
        return text.replace(HIDDEN, CHANGED)
    return text


def _hidden(name: str, text: str) -> str:
    if SECRET.search(name) and text:
        return HIDDEN
    return IN_URL.sub(rf"\1{HIDDEN}\3", INLINE.sub(rf"\1{HIDDEN}", text))


def _form(key: str, value: Any) -> Any:
    """What is compared: names of images in full, and the words of a command however they were quoted."""
    if key == "image" and value:
        return _full_name(str(value))
    if key in ("command", "entrypoint") and value:
        text = value if isinstance(value, str) else " ".join(map(str, value))
        return re.sub(r"[\s'\"\\]", "", text)
    return value


def _full_name(image: str) -> str:
    """The one spelling of an image's name, without what a registry resolved its tag to."""
    name = image.partition("@")[0]
    try:
        return reference(name if ":" in name.rpartition("/")[2] else image)
    except ValueError:  # not for us to say: docker will
        return image
