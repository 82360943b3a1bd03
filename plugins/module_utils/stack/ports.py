# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why the ports that a stack publishes cannot be had: taken within the stack, or by what else runs in the swarm.

A port in ingress mode is one of the whole swarm, one in host mode is one of each node that a task runs on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .demand import Node, Port, StackService, port_of

REMEDY = "publish another port"


def problems(services: Sequence[StackService], others: Iterable[Mapping[str, Any]], nodes: list[Node]) -> list[str]:
    """One sentence for each port that cannot be published.

    C(others) are the swarm's services that are not of this stack, as swarm_info lists them.
    """
    others = list(others)
    found: list[str] = []
    for position, service in enumerate(services):
        found += _within(service, nodes)
        for other in services[position + 1 :]:
            found += _between(service, other, nodes)
        for port in service.ports:
            found += _taken(service, port, others, nodes)
    return found


def _within(service: StackService, nodes: list[Node]) -> Iterator[str]:
    ports = service.ports
    doubled = {port.name: port for position, port in enumerate(ports) if any(map(port.clashes, ports[:position]))}
    for name in doubled:
        yield f"{service.name}: port {name} is published twice: {REMEDY} for one of them"
    ingress = [port.name for port in ports if port.mode == "ingress"]
    if service.endpoint_mode == "dnsrr" and ingress:
        yield (
            f"{service.name}: port {', '.join(ingress)} in ingress mode needs a virtual IP, which endpoint_mode dnsrr "
            "does without: give the port mode: host, or leave endpoint_mode out"
        )
    able = service.eligible(nodes)
    host = [port.name for port in service.host_ports if port.name not in doubled]
    if host and able and service.tasks(nodes) > len(able):
        yield (
            f"{service.name}: {service.replicas} replicas, but a node can publish port {', '.join(host)} in host mode "
            f"once, and {_names(able)} can run it: ask for {len(able)} at most, or put a proxy in front"
        )


def _between(one: StackService, other: StackService, nodes: list[Node]) -> Iterator[str]:
    for port in one.ports:
        rival = next((theirs for theirs in other.ports if port.clashes(theirs)), None)
        if rival is None:
            continue
        start = f"{one.name} and {other.name}: both publish port {port.name}"
        if "ingress" in (port.mode, rival.mode):
            yield f"{start}, and in ingress mode the whole swarm has it once: {REMEDY} for one of them"
            continue
        able = {str(node["name"]) for service in (one, other) for node in service.eligible(nodes)}
        needed = one.tasks(nodes) + other.tasks(nodes)
        if able and needed > len(able):
            yield (
                f"{start} in host mode, which a node has once; they are {needed} tasks, and {', '.join(sorted(able))} "
                f"can run them: {REMEDY} for one of them, or keep them on different nodes"
            )


def _taken(service: StackService, port: Port, others: list[Mapping[str, Any]], nodes: list[Node]) -> Iterator[str]:
    """What another stack's service leaves of the port."""
    able = {str(node["name"]) for node in service.eligible(nodes)}
    holders: dict[str, str] = {}
    for other in others:
        for theirs in (port_of(entry) for entry in other["ports"]):
            if not port.clashes(theirs):
                continue
            if "ingress" in (port.mode, theirs.mode):
                yield (
                    f"{service.name}: port {port.name} is already published by service {other['name']} in {theirs.mode}"
                    f" mode, and in ingress mode the whole swarm has it once: {REMEDY}, or remove that service"
                )
            else:
                running = {task["node"] for task in other["tasks"] if task["node"] and task["desired"] == "running"}
                holders.update(dict.fromkeys(sorted(running & able), other["name"]))
    if holders and service.tasks(nodes) <= len(able) and service.tasks(nodes) > len(able) - len(holders):
        held = ", ".join(f"{node} by service {name}" for node, name in sorted(holders.items()))
        yield (
            f"{service.name}: port {port.name} in host mode is already published on {held}, and of the nodes that can "
            f"run it ({', '.join(sorted(able))}) too few are left: {REMEDY}, or remove that service"
        )


def _names(nodes: Iterable[Node]) -> str:
    return ", ".join(sorted(str(node["name"]) for node in nodes))
