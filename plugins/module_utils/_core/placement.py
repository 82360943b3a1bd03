# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a task finds no node, in words that name the constraint, resource or port it waits for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils._core.units import size

CONSTRAINT = re.compile(r"\s*(?P<key>[^\s=!]+)\s*(?P<operator>==|!=)\s*(?P<value>.*?)\s*")


def satisfies(node: Mapping[str, Any], constraint: str, unknown: bool = True) -> bool:
    """Whether a node meets one placement constraint; values are compared as Swarm does, without regard to case.

    The answer to a constraint on something that is not known here is C(unknown).
    """
    match = CONSTRAINT.fullmatch(constraint)
    actual = _value(node, match["key"]) if match else None
    if match is None or actual is None:
        return unknown
    return (actual.lower() == match["value"].lower()) is (match["operator"] == "==")


def reason(error: str, service: Mapping[str, Any], nodes: Iterable[Mapping[str, Any]]) -> str:
    """What Swarm says of a pending task, and what the service asks for that causes it."""
    needs: list[str] = []
    if "constraints not satisfied" in error:
        needs += _constraints(service["constraints"], list(nodes))
    if "insufficient resources" in error:
        needs += _resources(service["reserved"])
    if "port already in use" in error:
        needs += [f"host port {port['published']}" for port in service["ports"] if port["mode"] == "host"]
    if "max replicas per node" in error:
        needs.append(f"a node with fewer than {service['max_per_node']} of its tasks")
    return f"{error}; needs {', '.join(needs)}" if needs else error


def _constraints(constraints: list[str], nodes: list[Mapping[str, Any]]) -> list[str]:
    """The constraints that no available node meets, with the nodes that would; failing such ones, all of them."""
    needs = []
    for constraint in constraints:
        meeting = [node for node in nodes if satisfies(node, constraint)]
        if not any(node["availability"] == "active" and node["status"] == "ready" for node in meeting):
            others = ", ".join(f"{node['name']} is {_trouble(node)}" for node in meeting) or "no node has it"
            needs.append(f"{constraint} ({others})")
    return needs or constraints


def _trouble(node: Mapping[str, Any]) -> str:
    return {"drain": "drained", "pause": "paused"}.get(node["availability"], str(node["status"]))


def _resources(reserved: Mapping[str, Any]) -> list[str]:
    needs = [f"{reserved['cpus']:g} CPUs"] if reserved["cpus"] else []
    needs += [size(reserved["memory"])] if reserved["memory"] else []
    for kind, amount in reserved["generic_resources"].items():
        needs.append(f"{len(amount) if isinstance(amount, list) else amount} {kind}")
    return needs


def _value(node: Mapping[str, Any], key: str) -> str | None:
    for prefix, labels in (("node.labels.", "labels"), ("engine.labels.", "engine_labels")):
        if key.lower().startswith(prefix):
            return str(node[labels].get(key[len(prefix) :], ""))
    system, _slash, architecture = node["platform"].partition("/")
    known = {
        "node.id": str(node["id"]),
        "node.hostname": str(node["name"]),
        "node.role": str(node["role"]),
        "node.platform.os": system,
        "node.platform.arch": architecture,
    }
    return known.get(key.lower())
