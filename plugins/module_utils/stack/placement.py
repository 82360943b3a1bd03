# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why no node, or too few, can run a service of a stack: constraints, resources, tasks a node."""

from __future__ import annotations

from collections.abc import Iterable

from ..common.suggestion import meant
from ..common.units import size
from ..swarm.placement import KNOWN, LABELS, known, parse, satisfies, takes_tasks, trouble, value_of
from .demand import Node, StackService

MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}  # what images call them, and what the kernel and so Swarm does
LABEL_IT = "correct it, or label a node accordingly (swarm_node_labels)"


def problems(service: StackService, nodes: list[Node]) -> list[str]:
    """One sentence each; C(nodes) are all of the swarm."""
    if not nodes:
        return []
    found = [problem for problem in (_constraint(one, nodes) for one in service.constraints) if problem]
    if found:
        return found
    able = service.eligible(nodes)
    if not able:
        each = "; ".join(
            f"'{one}' is met by {_names(node for node in nodes if satisfies(node, one))}" for one in service.constraints
        )
        return [f"no node meets all its constraints: {each}; {LABEL_IT.replace('correct it', 'correct one')}"]
    if not any(takes_tasks(node) for node in able):
        states = ", ".join(f"{node['name']} is {trouble(node)}" for node in able)
        wanted = f" and meets its constraints ({', '.join(service.constraints)})" if service.constraints else ""
        return [f"no node takes tasks{wanted}: {states}; bring it back (make restore-node, make swarm-up)"]
    return [*_resources(service, able), *_tasks_a_node(service, able)]


def _constraint(constraint: str, nodes: list[Node]) -> str:
    """What is wrong with one constraint, or nothing."""
    try:
        key, _operator, value = parse(constraint)
    except ValueError as error:
        return f"constraint '{constraint}' is malformed: {error}"
    if not known(key):
        # The key that was probably meant: a known one, or the same label rightly spelt.
        label = key.rpartition(".")[2]
        hint = meant(key, [*KNOWN, *(f"{prefix}{label}" for prefix in LABELS)])
        keys = ", ".join([*KNOWN, *(f"{prefix}KEY" for prefix in LABELS)])
        return f"constraint '{constraint}': Swarm knows no '{key}', so no node meets it; use one of {keys}{hint}"
    if any(satisfies(node, constraint) for node in nodes):
        return ""
    seen = "; ".join(f"{node['name']} has {_shown(node, key)}" for node in nodes)
    machine = MACHINES.get(value.lower()) if key.lower() == "node.platform.arch" else None
    return f"no node meets constraint '{constraint}': {seen}; {f'Swarm calls it {machine}' if machine else LABEL_IT}"


def _shown(node: Node, key: str) -> str:
    """What the node has where the constraint looks; of labels all, since the key may be the mistake."""
    for prefix, labels in LABELS.items():
        if key.lower().startswith(prefix):
            return " ".join(f"{label}={value}" for label, value in sorted(node[labels].items())) or "no labels"
    return f"{key} {value_of(node, key)}"


def _tasks_a_node(service: StackService, able: list[Node]) -> list[str]:
    most = service.max_per_node * len(able)
    if service.mode != "replicated" or not 0 < most < service.replicas:
        return []
    return [
        f"{service.replicas} replicas with max_replicas_per_node {service.max_per_node} need "
        f"{-(-service.replicas // service.max_per_node)} nodes, and {len(able)} can run it ({_names(able)}): ask for "
        f"{most} replicas at most, or allow more on a node"
    ]


def _resources(service: StackService, able: list[Node]) -> list[str]:
    """What one task reserves and no node that could run it has."""
    asked = reserved(service)
    found = []
    for kind, amount in asked.items():
        most = max(has(node, kind) for node in able)
        if most < amount:
            each = ", ".join(f"{node['name']} has {shown(kind, has(node, kind))}" for node in able)
            remedy = "reserve less" if most else _offer(kind, able)
            found.append(
                f"a task reserves {shown(kind, amount)}, more than any node that may run it has ({each}): {remedy}"
            )
    if not found and not any(all(has(node, kind) >= asked[kind] for kind in asked) for node in able):
        each = "; ".join(
            f"{node['name']} has {', '.join(shown(kind, has(node, kind)) for kind in asked)}" for node in able
        )
        together = ", ".join(shown(kind, amount) for kind, amount in asked.items())
        found.append(f"a task reserves {together}, and no node that may run it has all of that ({each}): reserve less")
    return found


def reserved(service: StackService) -> dict[str, float]:
    """How much of what one task reserves."""
    asked: dict[str, float] = {"CPUs": service.cpus, "memory": service.memory, **service.generic}
    return {kind: amount for kind, amount in asked.items() if amount}


def _offer(kind: str, able: list[Node]) -> str:
    kinds = sorted({other for node in able for other in node["generic_resources"]})
    there = f"they offer {', '.join(kinds)}" if kinds else "they offer no generic resource"
    return f"{there}; correct the kind or the constraints, or give a node some (swarm_node_gpus){meant(kind, kinds)}"


def has(node: Node, kind: str) -> float:
    """How much of it the node has, or a service reserves."""
    if kind in ("CPUs", "memory"):
        return float(node[kind.lower()])
    amount = node["generic_resources"].get(kind, 0)
    return len(amount) if isinstance(amount, list) else amount


def shown(kind: str, amount: float) -> str:
    """An amount in a sentence."""
    return f"{size(amount)} of memory" if kind == "memory" else f"{amount:g} {kind}"


def _names(nodes: Iterable[Node]) -> str:
    return ", ".join(str(node["name"]) for node in nodes)
