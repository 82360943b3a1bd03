# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which container is which machine: told by the volume with its data and the owner's label, never by a name alone.

A name is changed by one command (C(docker rename)). Two engines on one volume would ruin it, so there is one container
for a volume: one that was renamed gets its name back, and what was made beside it goes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..common.owner import OWNER
from .dind import MADE_AS
from .shape import SHAPES

Container = Mapping[str, Any]
ASIDE = "-being-renamed"  # while two have each other's names


@dataclass(frozen=True)
class Found:
    """Of the machines that are wanted, by their names."""

    called: Mapping[str, str] = field(default_factory=dict)  # what the container of a machine is called instead
    surplus: Mapping[str, list[str]] = field(default_factory=dict)  # containers beside it on the same volume
    problems: tuple[str, ...] = ()  # containers of somebody else on it


def made_as(container: Container) -> dict[str, Any]:
    """What was noted when the container was made; nothing, where it is none of this project's."""
    noted = json.loads((container.get("Labels") or {}).get(MADE_AS) or "{}")
    return noted if isinstance(noted, dict) else {}


def volume_of(container: Container) -> str:
    """The volume with a machine's own data; an NFS server's is mounted by all nodes, too, and is not theirs."""
    made = made_as(container)
    return str((made.get("mounts") or {}).get(SHAPES[made.get("service", "engine")].data) or "")


def renamed(volume: str, containers: Mapping[str, Container], name: str = "") -> str:
    """What the container of the machine with this volume is called, if not C(name)."""
    return next((other for other, one in containers.items() if other != name and volume_of(one) == volume), "")


def recognised(wanted: Iterable[tuple[str, str, str]], containers: Mapping[str, Container], cluster: str) -> Found:
    """C(wanted) has each machine's name, the volume with its data, and what it runs."""
    called, surplus, problems = {}, {}, []
    for name, volume, service in wanted:
        mine = [other for other, one in containers.items() if volume_of(one) == volume and _owner(one) == cluster]
        mine.sort(key=lambda other: (other != name, containers[other].get("State") != "running", other))
        if mine and mine[0] != name:
            called[name] = mine[0]
        if mine[1:]:
            surplus[name] = mine[1:]
        problems += [
            f"container '{other}' has the volume {volume} of {name} as its data, too, and is not of cluster {cluster}: "
            f"two on one volume would ruin it; remove that container (docker rm -f {other}; the volume stays), or give "
            f"{name} another volume (dind_node_volume)"
            for other, one in containers.items()
            if other not in mine and _works_on(one, volume, service)
        ]
    going = {*called.values(), *(other for others in surplus.values() for other in others)}
    problems += [
        f"somebody renamed the container of {name}, to {now}, and another one is called {name}: remove or rename that "
        f"(docker rename {name} OTHER), and run this again"
        for name, now in called.items()
        if name in containers and name not in going
    ]
    return Found(called, surplus, tuple(problems))


def renamings(called: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each container's name and what it is renamed to, in order; those that have names of each other step aside."""
    aside = [(now, f"{name}{ASIDE}") for name, now in called.items() if now in called]
    moved = dict(aside)
    return aside + [(moved.get(now, now), name) for name, now in called.items()]


def righted(found: Found, things: Mapping[str, Any]) -> dict[str, Any]:
    """Things by the names of their containers, as if what is to be renamed and removed were so already."""
    going = {*found.called.values(), *(other for others in found.surplus.values() for other in others)}
    stay = {name: thing for name, thing in things.items() if name not in going}
    return {**stay, **{name: things[now] for name, now in found.called.items() if now in things}}


def _owner(container: Container) -> str:
    return str((container.get("Labels") or {}).get(OWNER) or "")


def _works_on(container: Container, volume: str, service: str) -> bool:
    """Whether the container has the volume for its own data; one that merely reads it, for a copy, has it elsewhere."""
    if made_as(container):
        return volume_of(container) == volume
    data = SHAPES[service].data if service == "engine" else ""
    mounts = container.get("Mounts") or ()
    return any(mount.get("Name") == volume and mount.get("Destination") == data for mount in mounts)
