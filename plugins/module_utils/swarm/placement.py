# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a task finds no node, in words that name the constraint, resource or port it waits for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from ..common.units import size

# Swarm's own grammar; what it does not match is refused when the service is made.
KEY = re.compile(r"[a-z_][a-z0-9_.-]+", re.IGNORECASE | re.ASCII)
VALUE = re.compile(r"[a-z0-9:_\s.*()?+\[\]\\^$|/-]+", re.IGNORECASE | re.ASCII)
KNOWN = ("node.id", "node.hostname", "node.ip", "node.role", "node.platform.os", "node.platform.arch")
LABELS = {"node.labels.": "labels", "engine.labels.": "engine_labels"}
EXAMPLE = "write it as node.labels.gpu == true or node.role != manager"


def parse(constraint: str) -> tuple[str, str, str]:
    """Key, operator and value of a placement constraint. Raises ValueError with the rule that it breaks."""
    operator = next((operator for operator in ("==", "!=") if operator in constraint), "")
    if not operator:
        raise ValueError(f"it has neither == nor !=; {EXAMPLE}")
    key, value = (part.strip() for part in constraint.split(operator, 1))
    if not KEY.fullmatch(key):
        raise ValueError(f"'{key}' is no key: letters, digits, '.', '_' and '-', a letter first; {EXAMPLE}")
    if not VALUE.fullmatch(value):
        allowed = "letters, digits, spaces and : . _ / * ( ) ? + [ ] \\ ^ $ | -"
        raise ValueError(f"'{value}' is no value: {allowed}, and at least one of them; {EXAMPLE}")
    if key.lower() == "node.ip" and _within("0.0.0.0", value) is None:
        raise ValueError(f"'{value}' is neither an address nor a network: write it like 172.30.0.20 or 172.30.0.0/24")
    return key, operator, value


def known(key: str) -> bool:
    """Whether a constraint may be on this; one that is on anything else is met by no node."""
    return key.lower() in KNOWN or any(key.lower().startswith(p) and len(key) > len(p) for p in LABELS)


def satisfies(node: Mapping[str, Any], constraint: str, unknown: bool = True) -> bool:
    """Whether a node meets one placement constraint; values are compared as Swarm does, without regard to case.

    The answer to a constraint on something that is not known here is C(unknown).
    """
    try:
        key, operator, value = parse(constraint)
    except ValueError:
        return unknown
    if key.lower() == "node.ip":
        met = _within(node.get("address") or "", value)
    else:
        actual = value_of(node, key)
        met = None if actual is None else actual.lower() == value.lower()
    return unknown if met is None else met is (operator == "==")


def eligible(nodes: Iterable[Mapping[str, Any]], constraints: Iterable[str]) -> list[Mapping[str, Any]]:
    """The nodes that a task may run on: those that take tasks now or, where none does, those that could again."""
    constraints = list(constraints)
    meeting = [node for node in nodes if all(satisfies(node, constraint) for constraint in constraints)]
    return [node for node in meeting if takes_tasks(node)] or meeting


def takes_tasks(node: Mapping[str, Any]) -> bool:
    return bool(node["availability"] == "active" and node["status"] == "ready")


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
        if not any(takes_tasks(node) for node in meeting):
            others = ", ".join(f"{node['name']} is {trouble(node)}" for node in meeting) or "no node has it"
            needs.append(f"{constraint} ({others})")
    return needs or constraints


def trouble(node: Mapping[str, Any]) -> str:
    """Why a node takes no tasks, in a word."""
    return {"drain": "drained", "pause": "paused"}.get(node["availability"], str(node["status"]))


def _resources(reserved: Mapping[str, Any]) -> list[str]:
    needs = [f"{reserved['cpus']:g} CPUs"] if reserved["cpus"] else []
    needs += [size(reserved["memory"])] if reserved["memory"] else []
    for kind, amount in reserved["generic_resources"].items():
        needs.append(f"{len(amount) if isinstance(amount, list) else amount} {kind}")
    return needs


def value_of(node: Mapping[str, Any], key: str) -> str | None:
    """What a node has where a constraint's key looks; None: the key is none of those that Swarm knows."""
    for prefix, labels in LABELS.items():
        if key.lower().startswith(prefix):
            return str(node[labels].get(key[len(prefix) :], ""))
    system, _slash, architecture = node["platform"].partition("/")
    values = {
        "node.id": node["id"],
        "node.hostname": node["name"],
        "node.ip": node.get("address", ""),
        "node.role": node["role"],
        "node.platform.os": system,
        "node.platform.arch": architecture,
    }
    return str(values[key.lower()]) if key.lower() in values else None


def _within(address: str, block: str) -> bool | None:
    """Whether an address is another one, or in a network; None: one of them is neither."""
    try:
        return ip_address(address) in ip_network(block, strict=False)
    except ValueError:
        return None
