# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a stack could not be deployed on this swarm, or would never converge; found out before anything is touched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..common.suggestion import meant
from . import placement, ports
from .demand import Node, StackService, service_of
from .names import HASH, service_problem

LOCAL = ("bridge", "host", "none", "default")  # every node has these of its own
MOST = 12  # names in a sentence
# How the names end of the configs and secrets that the deploy itself makes.
MADE = re.compile(rf".*-[0-9a-f]{{{HASH}}}")
MAKE = {
    "networks": "docker network create --driver overlay",
    "configs": "docker config create",
    "secrets": "docker secret create",
}
Document = Mapping[str, Any]


def problems(name: str, document: Document, swarm: Mapping[str, Any]) -> list[str]:
    """Every reason, one sentence each, with the remedy.

    C(document) is the normalised one that is to be deployed as stack C(name), C(swarm) the view of swarm_info. What the
    stack itself already has in the swarm is no obstacle. That fewer GPUs are free than asked for is none either: they
    may become free.
    """
    nodes: list[Node] = sorted(swarm["nodes"], key=lambda node: str(node["name"]))
    services = [service_of(key, service) for key, service in sorted((document.get("services") or {}).items())]
    others = [service for service in swarm.get("services") or [] if service.get("stack") != name]
    found: list[str] = []
    for service in services:
        found += _name(name, service, others)
        found += _mode(service)
        found += [f"{service.name}: {problem}" for problem in placement.problems(service, nodes)]
    found += ports.problems(services, others, nodes)
    for kind in MAKE:
        found += _external(kind, document.get(kind) or {}, swarm.get(kind))
    return found


def _name(stack: str, service: StackService, others: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    if problem := service_problem(stack, service.name):
        yield problem
    full = f"{stack}_{service.name}"
    if any(other["name"] == full for other in others):
        yield (
            f"{service.name}: there is a service {full} that is not of stack {stack}: remove it (docker service rm "
            f"{full}), or choose another name"
        )


def _mode(service: StackService) -> Iterator[str]:
    if service.mode.startswith("global") and service.replicas_given is not None:
        yield (
            f"{service.name}: mode {service.mode} has one task on every node, so replicas "
            f"({service.replicas_given}) cannot be given: leave replicas out, or make the mode replicated"
        )


def _external(kind: str, listed: Mapping[str, Any], there: Iterable[Mapping[str, Any]] | None) -> Iterator[str]:
    """What the file takes for granted and the swarm does not have."""
    if there is None:
        return
    names = [str(entry["name"]) for entry in there if not entry.get("ingress")]
    one = kind.removesuffix("s")
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    those = f"there are {', '.join(names[:MOST])}{more}" if names else f"there are no {kind} at all"
    for key, entry in sorted(listed.items()):
        wanted = str((entry or {}).get("name") or key)
        expected = LOCAL if kind == "networks" else (wanted,) if MADE.fullmatch(wanted) else ()
        if not (entry or {}).get("external") or wanted in names or wanted in expected:
            continue
        scope = " that spans the swarm" if kind == "networks" else ""
        yield (
            f"{one} {wanted} is external, but the swarm has no {one} of that name{scope} ({those}); correct the "
            f"name, or make it first ({MAKE[kind]}){meant(wanted, names)}"
        )
