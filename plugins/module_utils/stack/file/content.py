# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Networks, volumes, configs and secrets at the top level of a stack file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..names import CONTENT, LONGEST_CONTENT_NAME, content_name, content_problem
from .kinds import Kind, boolean, listing, read, record, text, texts
from .report import UNKNOWN, Path, Report
from .service import Around

ORIGINS = ("file", "environment", "content", "external", "driver")


def _external(value: Any, path: Path, report: Report) -> dict[str, Any]:
    """C(true), or the older C({name: x})."""
    if isinstance(value, Mapping):
        return {"external": True, **record({"name": text})(value, path, report)}
    return {"external": boolean(value, path, report)}


_POOL = record(
    {"subnet": text},
    {key: f"Swarm ignores {key} of a network" for key in ("gateway", "ip_range", "aux_addresses")},
)
_NETWORK = {
    "name": text,
    "driver": text,
    "driver_opts": texts,
    "ipam": record({"driver": text, "config": listing(_POOL)}, {"options": "Swarm ignores options of ipam"}),
    "external": _external,
    "internal": boolean,
    "attachable": boolean,
    "labels": texts,
}
_NETWORK_IGNORED = {key: f"Swarm ignores {key} of a network" for key in ("enable_ipv4", "enable_ipv6")}
_VOLUME = {"name": text, "driver": text, "driver_opts": texts, "external": _external, "labels": texts}
_CONTENT = {
    "name": text,
    "file": text,
    "environment": text,
    "content": text,
    "external": _external,
    "labels": texts,
    "template_driver": text,
}
_SECRET = {**_CONTENT, "driver": text, "driver_opts": texts}


def network(data: Any, path: Path, report: Report) -> dict[str, Any]:
    made = _entry(record(_NETWORK, _NETWORK_IGNORED), data, path, report)
    if made.get("driver") == "bridge":
        report.note(f"network {path[1]}: a bridge is a single machine's; the stack gets an overlay network")
        del made["driver"]
        made.pop("driver_opts", None)  # they are options of a bridge
    return made


def volume(data: Any, path: Path, report: Report) -> dict[str, Any]:
    made = _entry(record(_VOLUME), data, path, report)
    cluster = data.get("x-cluster-spec") if isinstance(data, Mapping) else None
    return {**made, "x-cluster-spec": cluster} if cluster else made


def _entry(kind: Kind, data: Any, path: Path, report: Report) -> dict[str, Any]:
    """What is external has nothing but its real name."""
    made: dict[str, Any] = read(kind, data or {}, path, report) or {}
    external = made.pop("external", {})
    if not external.get("external"):
        return made
    return {"external": True, "name": made.get("name") or external.get("name") or path[-1]}


def content(
    kind: str, stack: str, data: Any, path: Path, report: Report, around: Around
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """A config or secret as the document has it, and where its content is, if the stack is what brings it."""
    made = _entry(record(_SECRET if kind == "secret" else _CONTENT), data, path, report)
    if made.get("external") or made.get("driver"):
        return made, None
    given = [key for key in ORIGINS if isinstance(data, Mapping) and data.get(key) not in (None, "false")]
    if len(given) != 1:
        which = f"has {' and '.join(given)}" if given else "has none"
        raise ValueError(f"a {kind} comes from one of file, environment, content or external, and this one {which}")
    if given[0] not in made:
        return {}, None  # a problem says why
    base = made.get("name") or f"{stack}_{path[-1]}"
    if not CONTENT.fullmatch(base):
        raise ValueError(f"name '{base}': a swarm takes letters, digits, '.', '-' and '_'; choose another")
    origin = {
        "file": {"path": around.path(made.get("file", ""))},
        "environment": {"environment": made.get("environment", "")},
        "content": {"inline": True},
    }[given[0]]
    source = {"kind": kind, "key": path[-1], "base": base, "origin": origin}
    source |= {key: made[key] for key in ("template_driver", "labels") if made.get(key)}
    name = hashed(source, bytes_of(source, around, made.get("content", "")))
    if not name.startswith(f"{base}-"):
        report.note(f"{kind} {path[-1]}: in the swarm it is {name}, as {LONGEST_CONTENT_NAME} characters fit")
    return {"external": True, "name": name}, {**source, "name": name}


def hashed(source: Mapping[str, Any], data: bytes) -> str:
    """The name in the swarm of a config or secret with this content."""
    return content_name(source["kind"], source["base"], data, source.get("template_driver", ""), source.get("labels"))


def bytes_of(source: Mapping[str, Any], around: Around, inline: Any = "") -> bytes:
    """The content; raises ValueError where there is none that a swarm would take."""
    origin = source["origin"]
    if "path" in origin:
        data = around.content(origin["path"])
    elif "environment" in origin:
        name = origin["environment"]
        if name not in around.variables:
            raise ValueError(f"variable {name} is not set; set it in .env beside the file or in the environment")
        data = around.variables[name].encode()
    else:
        data = b"" if inline is UNKNOWN else str(inline).encode()
    if problem := content_problem(source["kind"], data):
        raise ValueError(problem)
    return data
