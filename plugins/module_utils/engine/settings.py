# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An engine's settings file (daemon.json): what it holds once settings are merged into it, and what that asks for.

An engine that runs has loaded what the file held when it started, and what could be reloaded since. Where that is not
what the file holds now, because a run was interrupted in between, C(loaded) says so, and the missing step is asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..common.change import Change
from ..common.errors import Refusal
from ..common.label_texts import label_text

PATH = "/etc/docker/daemon.json"
# What every engine since 20.10 takes over on SIGHUP (dockerd's reference, "Configuration reload behavior"). It lists
# 'features' too, but some of those (containerd-snapshotter, cdi) are only read at the start; so they are not here.
RELOADABLE = frozenset(
    {
        "authorization-plugins",
        "debug",
        "default-runtime",
        "insecure-registries",
        "labels",
        "max-concurrent-downloads",
        "max-concurrent-uploads",
        "max-download-attempts",
        "registry-mirrors",
        "runtimes",
        "shutdown-timeout",
    }
)
TEXTS = ("log-opts",)  # maps whose values the engine takes as strings alone


@dataclass(frozen=True)
class Plan:
    """What the file holds afterwards, whether to write it, and what the engine needs (none, reload, restart)."""

    settings: Mapping[str, Any]
    loaded: Mapping[str, Any]  # what the running engine has loaded, as far as is known
    text: str
    write: bool
    effect: str
    keys: list[str]  # which settings the effect is for
    change: Change


def parse(text: str, path: str = PATH) -> dict[str, Any]:
    """What a settings file holds; an empty one holds nothing."""
    text = text.removeprefix("\ufeff")
    if not text.strip():
        return {}
    remedy = "no engine starts with such a file: correct it or remove it, then run this again"
    try:
        settings = json.loads(text)
    except json.JSONDecodeError as error:
        line = (text.splitlines() or [""])[min(error.lineno, len(text.splitlines())) - 1].strip()
        raise Refusal(f"{path}, line {error.lineno} ({line}): {error.msg}; {remedy}") from None
    if not isinstance(settings, dict):
        raise Refusal(f"{path} holds no object (an object is written {{...}}); {remedy}")
    return settings


def merged(have: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Settings in their order, with the wanted ones set: maps key by key, lists and values as a whole; null removes."""
    result = dict(have)
    for key, value in wanted.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            old = result.get(key)
            inner = merged(old if isinstance(old, Mapping) else {}, value)
            if inner or key in result:
                result[key] = inner
        else:
            result[key] = value
    return result


def normalised(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as the engine takes them: options of logs are strings, so YAML's 3 becomes "3"."""
    result = dict(wanted)
    for key in TEXTS:
        if isinstance(result.get(key), Mapping):
            result[key] = {name: _text(key, name, value) for name, value in result[key].items()}
    return result


def plan(
    text: str | None,
    wanted: Mapping[str, Any],
    running: bool,
    loaded: Mapping[str, Any] | None = None,
    path: str = PATH,
) -> Plan:
    """C(text) is the file's, None where there is none; C(loaded) what a running engine is known to have loaded."""
    have = parse(text or "", path)
    after = merged(have, normalised(wanted))
    _check(after, wanted, path)
    inside = have if loaded is None else loaded
    keys = differing(inside, after) if running else []
    effect = effect_of(keys, after)
    write = bool(differing(have, after))
    due, done = ({"reload": "due"}, {"reload": "done"}) if effect == "reload" else ({}, {})
    change = Change({"settings": have, **due}, {"settings": after, **done})
    return Plan(after, inside, render(after, text or "") if write else text or "", write, effect, keys, change)


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """The settings that are not the same in both. As JSON, where true is not 1."""
    return sorted(key for key in {*one, *other} if _json(one, key) != _json(other, key))


def effect_of(keys: Iterable[str], after: Mapping[str, Any]) -> str:
    """What makes a running engine take over these settings; one that is removed keeps its value until a restart."""
    keys = list(keys)
    if not keys:
        return "none"
    return "reload" if all(key in RELOADABLE and key in after for key in keys) else "restart"


def render(settings: Mapping[str, Any], like: str = "") -> str:
    """The file's text, indented as the text before it was."""
    indent = re.search(r"^\ufeff?\s*\{[ \t]*\r?\n([ \t]+)\"", like)
    return json.dumps(settings, indent=indent[1] if indent else 2, ensure_ascii=False) + "\n"


def flags_of(words: Iterable[str], path: str = PATH) -> list[str]:
    """A running engine's flags, without the one that names its settings file; another file than C(path) is refused.

    With them C(dockerd --validate) finds what is set both by a flag and in the file, with which no engine starts.
    """
    flags, file, words = [], "", list(words)[1:]
    while words:
        word = words.pop(0)
        if word == "--config-file" and words:
            file = words.pop(0)
        elif word.startswith("--config-file="):
            file = word.partition("=")[2]
        elif word != "--validate":
            flags.append(word)
    if file and file != path:
        raise Refusal(f"the engine that runs here reads {file}, not {path}: name that file (option path)")
    return flags


def _check(after: Mapping[str, Any], wanted: Mapping[str, Any], path: str) -> None:
    if not after.get("live-restore"):
        return
    where = "given" if "live-restore" in wanted else f"in {path}"
    remedy = "leave it out" if "live-restore" in wanted else "set live-restore to null here, which removes it"
    raise Refusal(
        f"live-restore: true, {where}: an engine in a swarm refuses to start with it, since the swarm and not the "
        f"engine keeps tasks running; {remedy}"
    )


def _text(key: str, name: str, value: Any) -> str | None:
    try:
        return None if value is None else label_text(value)
    except ValueError as error:
        raise Refusal(f"setting {key}, {name}: {error}; write a string") from None


def _json(settings: Mapping[str, Any], key: str) -> str:
    return json.dumps(settings[key], sort_keys=True) if key in settings else ""
