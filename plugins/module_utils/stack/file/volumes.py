# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The mounts of a service: short and long syntax of volumes, and tmpfs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any

from .kinds import Kind, anything, boolean, choice, one_or_many, read, record, size_in_bytes, text
from .report import UNKNOWN, Path, Report, shown

FORM = "write it like data:/path, ./folder:/path:ro or /path"
PROPAGATIONS = ("shared", "rshared", "slave", "rslave", "private", "rprivate")
NOT_HERE = "Swarm ignores {} of a mount"
LONG = record(
    {
        "type": choice("volume", "bind", "tmpfs", "npipe", "cluster"),
        "source": text,
        "target": text,
        "read_only": boolean,
        "consistency": text,
        "bind": record(
            {"propagation": choice(*PROPAGATIONS)},
            {
                "create_host_path": "Swarm makes no folder for a bind: it has to be there on each node",
                "selinux": NOT_HERE.format("selinux"),
                "recursive": NOT_HERE.format("recursive"),
            },
        ),
        "volume": record({"nocopy": boolean, "subpath": anything}, {"labels": NOT_HERE.format("labels")}),
        "tmpfs": record({"size": size_in_bytes}, {"mode": NOT_HERE.format("the mode")}),
        "cluster": anything,
    }
)


def mounts(directory: str, home: str) -> Kind:
    """The volumes of a service; relative paths start at the stack file's directory."""

    def mount(value: Any, path: Path, report: Report) -> dict[str, Any] | None:
        made = _long(value, path, report) if isinstance(value, Mapping) else _short(text(value, path, report))
        if made and made["type"] == "bind":
            made["source"] = _resolved(made, directory, home, path, report)
        return made

    def read_mounts(value: Any, path: Path, report: Report) -> list[dict[str, Any]]:
        if not isinstance(value, list):
            raise ValueError(f"this is {shown(value)}, not a list; {FORM}")
        found = (read(mount, item, (*path, index), report) for index, item in enumerate(value))
        return [one for one in found if one]

    return read_mounts


def tmpfs(value: Any, path: Path, report: Report) -> list[dict[str, Any]]:
    """A service's C(tmpfs), which the docker command ignores, as the mounts that it means."""
    found = []
    for entry in one_or_many(text)(value, path, report):
        target, _colon, options = entry.partition(":")
        made: dict[str, Any] = {"type": "tmpfs", "target": target}
        for option in filter(None, options.split(",")):
            if option.startswith("size="):
                made["tmpfs"] = {"size": size_in_bytes(option[5:], path, report)}
            elif option == "ro":
                made["read_only"] = True
            elif option != "rw":
                report.note(f"{path[1]}: Swarm ignores {option} of tmpfs {target}")
        found.append(made)
    return found


def _long(value: Mapping[str, Any], path: Path, report: Report) -> dict[str, Any] | None:
    made: dict[str, Any] = LONG(value, path, report)
    if any(value.get(key) is UNKNOWN for key in ("type", "source", "target")):
        return None
    if "type" not in made or "target" not in made:
        if all(value.get(key) is None for key in ("type", "target") if key not in made):
            missing = " and ".join(key for key in ("type", "target") if key not in made)
            raise ValueError(
                f"{missing} of the mount is missing; write it like type: volume, source: data, target: /path"
            )
        return None
    kind = made["type"]
    for other in ("bind", "volume", "tmpfs"):
        if other in made and other != kind:
            raise ValueError(f"options of {other} do not fit a mount of type {kind}; take them out")
    if kind in ("bind", "npipe", "cluster") and not made.get("source"):
        raise ValueError(f"source of the mount of type {kind} is missing")
    if kind == "tmpfs" and made.get("source"):
        raise ValueError("a tmpfs has no source; take it out")
    if "subpath" in made.get("volume", {}):
        raise ValueError("Swarm mounts no subpath of a volume, and would mount all of it; use a volume of its own")
    return {key: item for key, item in made.items() if item != {} or key == "cluster"}


def _short(spec: str) -> dict[str, Any]:
    # A Windows drive's colon does not separate.
    parts = re.findall(r"(?:(?:^|(?<=:))[A-Za-z]:(?=\\)|[^:])+|(?<=:)(?=:|$)|^(?=:)", spec)
    if not spec or "" in parts or not 0 < len(parts) <= 3:
        raise ValueError(f"{shown(spec)} is no volume; {FORM}")
    if len(parts) == 1:
        return {"type": "volume", "target": spec}
    source = parts[0]
    is_path = source[0] in "./~" or source.startswith("\\\\") or re.match(r"[A-Za-z]:", source)
    made: dict[str, Any] = {"type": "bind" if is_path else "volume", "source": source, "target": parts[1]}
    for option in parts[2].split(",") if len(parts) == 3 else []:
        if option == "ro":
            made["read_only"] = True
        elif option == "nocopy" and not is_path:
            made["volume"] = {"nocopy": True}
        elif option in PROPAGATIONS and is_path:
            made["bind"] = {"propagation": option}
    return made


def _resolved(made: Mapping[str, Any], directory: str, home: str, path: Path, report: Report) -> str:
    source: str = made["source"]
    if source.startswith("~") and home:
        return home + source[1:]
    if source.startswith("/") or re.match(r"[A-Za-z]:|\\\\", source):
        return source
    resolved = posixpath.normpath(posixpath.join(directory, source))
    report.note(f"{path[1]}: {made['target']} is {resolved}, which has to be there on each node it runs on")
    return resolved
