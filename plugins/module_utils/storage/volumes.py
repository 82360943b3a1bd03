# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The volume of a node that shows a directory of the NFS server: its options, and when they may change."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..common.change import Change
from ..common.errors import Refusal
from ..common.owner import OWNER

NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}")  # the engine's own rule
SERVER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:-]*")
OPTION = re.compile(r"[a-z0-9_]+(=[A-Za-z0-9_.:-]+)?")
SERVICE = "com.docker.swarm.service.name"


@dataclass(frozen=True)
class Volume:
    """A volume of an engine: its definition, without the data it shows."""

    driver: str
    options: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    mountpoint: str = ""

    def shown(self) -> dict[str, Any]:
        return {"driver": self.driver, "driver_opts": dict(self.options)}


def volume_of(entry: Mapping[str, Any]) -> Volume:
    """From what GET /volumes/NAME answers."""
    labels, options = entry.get("Labels") or {}, entry.get("Options") or {}
    return Volume(entry["Driver"], options, labels, entry.get("Mountpoint", ""))


def check(name: str, path: str, server: str, nfs_options: str) -> None:
    """Refuse what the engine would take and every later mount would fail at, or mount something else."""
    if not NAME.fullmatch(name):
        raise Refusal(f"name {name!r}: use letters, digits, '_', '.' and '-', for example student1.home")
    if not path.startswith("/") or posixpath.normpath(path) != path:
        raise Refusal(
            f"path {path!r}: it must be absolute, without '..', '//' or a slash at its end, for example "
            "/exports/student-volumes/student1/home"
        )
    if server and not SERVER.fullmatch(server):
        raise Refusal(f"server {server!r}: it must be an address or a host name, for example 172.30.0.5")
    wrong = [word for word in nfs_options.split(",") if word and not OPTION.fullmatch(word)]
    if wrong or any(word.startswith("addr=") for word in nfs_options.split(",")):
        raise Refusal(
            f"nfs_options {nfs_options!r}: write mount options as mount does, for example nfsvers=4.2,hard; addr= "
            "follows from the server"
        )


def choose(via: str, nfs_client: bool, shared: str, server: str) -> str:
    """How a node gets at the data: nfs or bind.

    C(shared) says why the node has not the server's storage itself; empty: it has.
    """
    kind = via if via != "auto" else "nfs" if nfs_client else "bind"
    if kind == "nfs" and not server:
        raise Refusal("server is empty: an NFS volume needs the server's address, for example 172.30.0.5")
    if kind == "nfs" and not nfs_client:
        raise Refusal(
            "this node's kernel has no NFS client, so it cannot mount the volume: load it (modprobe nfsv4; for a "
            "server that is a container, on its host), or use via: bind where the node has the server's storage itself"
        )
    if kind == "bind" and shared:
        reason = (
            "" if via == "bind" else "this node's kernel has no NFS client (install nfs-common, modprobe nfsv4), and "
        )
        raise Refusal(f"{reason}{shared}, so the volume would show nothing of the NFS server's")
    return kind


def options(kind: str, path: str, server: str, nfs_options: str) -> dict[str, str]:
    """Options of the engine's own volume driver."""
    if kind == "bind":
        return {"type": "none", "o": "bind", "device": path}
    words = [f"addr={server}", *(word for word in nfs_options.split(",") if word)]
    return {"type": "nfs", "o": ",".join(words), "device": f":{path}"}


def plan(
    name: str, found: Volume | None, wanted: Volume | None, owner: str, labels: Mapping[str, str] | None = None
) -> Change:
    """The definition before and after; None is none. C(labels) say whose it is: another one's is not touched."""
    if found and found.labels.get(OWNER) != owner:
        whose = f"cluster {found.labels[OWNER]}" if OWNER in found.labels else "nobody"
        raise Refusal(
            f"volume '{name}' exists and is not of cluster {owner} (its label {OWNER} names {whose}): its data is on "
            f"this node alone. Save what you need of it, then: docker volume rm {name}"
        )
    known = found.labels if found else {}
    others = {key: known[key] for key, value in (labels or {}).items() if known.get(key, value) != value}
    if others:
        whose = ", ".join(f"{key}={value}" for key, value in sorted(others.items()))
        raise Refusal(f"volume '{name}' is another one's (its labels say {whose}): choose another name")
    before: dict[str, Any] = {"name": name, "state": "absent"}
    after: dict[str, Any] = {"name": name, "state": "absent"}
    if found:
        before = {"name": name, "state": "present", **found.shown()}
    if wanted:
        after = {"name": name, "state": "present", **wanted.shown()}
    return Change(before, after)


def refusal(name: str, change: Change, users: Sequence[str]) -> str:
    """Why a definition in use stays as it is."""
    doing = "cannot be removed"
    if change.after["state"] == "present":
        was, will = (_words(side.get("driver_opts", {})) for side in (change.before, change.after))
        doing = f"cannot change from {was} to {will}"
    return (
        f"volume '{name}' {doing} while it is used by {', '.join(users)}. End them first (make student-down STUDENT="
        f"{name.partition('.')[0]}, or docker service rm), then run this again; the data stays where it is"
    )


def users_of(name: str, containers: Sequence[Mapping[str, Any]], services: Sequence[Mapping[str, Any]]) -> list[str]:
    """Who uses a volume, in words: containers of this node, and on a manager all services of the swarm.

    C(containers) are those that the engine lists for the volume, C(services) is what GET /services answers.
    """
    found = set()
    for container in containers:
        service = (container.get("Labels") or {}).get(SERVICE)
        title = (container.get("Names") or [container["Id"][:12]])[0].lstrip("/")
        found.add(f"service {service}" if service else f"container {title} ({container.get('State', 'unknown')})")
    for entry in services:
        mounts = (entry["Spec"]["TaskTemplate"].get("ContainerSpec") or {}).get("Mounts") or []
        if any(mount.get("Type") == "volume" and mount.get("Source") == name for mount in mounts):
            found.add(f"service {entry['Spec']['Name']}")
    return sorted(found)


def passing(containers: Sequence[Mapping[str, Any]], services: Sequence[Mapping[str, Any]]) -> bool:
    """Whether all users are what the swarm is clearing away: ended containers of services."""
    return not services and all(
        (container.get("Labels") or {}).get(SERVICE) and container.get("State") in ("exited", "dead", "removing")
        for container in containers
    )


def _words(driver_opts: Mapping[str, str]) -> str:
    return " ".join(f"{key}={driver_opts[key]}" for key in sorted(driver_opts)) or "no options"
