# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A service of a stack file in the one form that the rest of a deploy knows."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .env import parse_env_file
from .fields import FIELDS
from .keys import IGNORED, NOTED, REFUSED, ignored_note
from .kinds import record
from .report import Path, Report, shown
from .volumes import mounts


@dataclass(frozen=True)
class Around:
    """What a stack file refers to: its directory, the variables, and files (C(read) raises OSError)."""

    directory: str
    variables: Mapping[str, str]
    read: Callable[[str], bytes]

    def path(self, word: str) -> str:
        """An absolute path from one that may start at the stack file's directory, or at home."""
        if word.startswith("~") and self.variables.get("HOME"):
            word = self.variables["HOME"] + word[1:]
        return posixpath.normpath(posixpath.join(self.directory, word))

    def content(self, word: str) -> bytes:
        """Raises ValueError with where it looked."""
        try:
            return self.read(self.path(word))
        except OSError as error:
            raise ValueError(f"{self.path(word)}: {error.strerror or error}") from None


def without_ignored(name: str, data: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """The service less what Swarm has no use for; a note says what that was. What cannot be left out is a problem."""
    if note := ignored_note(name, data):
        report.note(note)
    kept = {}
    for key, value in data.items():
        if key in REFUSED:
            report.problem(("services", name, key), REFUSED[key])
        elif key in NOTED:
            if value not in (None, "false", [], {}):
                report.note(f"{name}: {NOTED[key]}")
        elif key not in IGNORED and not str(key).startswith("x-"):
            kept[key] = value
    return kept


def service(data: Any, path: Path, report: Report, around: Around) -> dict[str, Any]:
    """The service, with its variables replaced before, in its one form."""
    home = around.variables.get("HOME", "")
    known = {**FIELDS, "volumes": mounts(around.directory, home)}
    found: dict[str, Any] = record(known)({key: item for key, item in data.items() if key != "build"}, path, report)
    if not data.get("image"):
        if "build" not in data:
            raise ValueError("image is missing; name the image of the service")
        build = f"docker build -t NAME {shown_context(data['build'])}, then image: NAME"
        raise ValueError(f"image is missing, and Swarm builds none: {build}")
    found["networks"] = found.get("networks") or {"default": {}}
    found["deploy"] = _deploy(found, (*path, "restart"), report)
    for mount in found.pop("tmpfs", []):
        found.setdefault("volumes", []).append(mount)
    environment = _environment(found, path, report, around)
    found.pop("environment", None)
    return {**found, "environment": environment} if environment else found


def shown_context(build: Any) -> str:
    """Where the image of a service would be built, for a sentence."""
    context = build.get("context") if isinstance(build, Mapping) else build
    return context if isinstance(context, str) else "."


def _environment(found: dict[str, Any], path: Path, report: Report, around: Around) -> dict[str, str]:
    """Its variables: those of its files, and over them its own. One without a value has that of the environment."""
    merged: dict[str, str | None] = {}
    for index, entry in enumerate(found.pop("env_file", [])):
        here = (*path, "env_file", index)
        try:
            if "path" in entry:
                merged |= _from_file(entry["path"], path, here, report, around)
        except ValueError as error:
            if entry["required"]:
                report.problem(here, str(error))
    merged |= found.get("environment") or {}
    values = {key: around.variables.get(key) if value is None else value for key, value in merged.items()}
    return {key: value for key, value in values.items() if value is not None}


def _from_file(word: str, path: Path, here: Path, report: Report, around: Around) -> dict[str, str | None]:
    try:
        variables, problems, notes = parse_env_file(around.content(word).decode())
    except UnicodeDecodeError:
        raise ValueError(f"{around.path(word)} is not UTF-8") from None
    for line, problem in problems:
        report.problem(here, f"{word}:{line}: {problem}")
    for line, note in notes:
        report.note(f"{path[1]}: {word}:{line}: {note}")
    return variables


def _deploy(found: dict[str, Any], path: Path, report: Report) -> dict[str, Any]:
    """What is said of the deployment, by C(deploy) itself or by the older keys C(restart) and C(scale)."""
    deploy: dict[str, Any] = found.get("deploy") or {}
    generic = deploy.get("resources", {}).get("reservations", {})
    if generic.get("generic_resources") == []:
        del generic["generic_resources"]
    restart, scale = found.pop("restart", None), found.pop("scale", None)
    if scale is not None and "replicas" not in deploy:
        deploy["replicas"] = scale
    if restart is None or "restart_policy" in deploy:
        return deploy
    match = re.fullmatch(r"(no|always|unless-stopped|on-failure)(?::(\d+))?", restart)
    if not match or (match[2] and match[1] != "on-failure"):
        report.problem(path, f"{shown(restart)} is none of no, always, unless-stopped, on-failure[:NUMBER]")
    elif match[1] == "no":
        report.note(
            f"{path[1]}: Swarm ignores restart: no; set deploy.restart_policy.condition to none, if you mean it"
        )
    else:
        deploy["restart_policy"] = {"condition": "on-failure" if match[1] == "on-failure" else "any"}
        if int(match[2] or 0):
            deploy["restart_policy"]["max_attempts"] = int(match[2])
    return deploy
