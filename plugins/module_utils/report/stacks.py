# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A stack as text for people: what a deploy came to, and what its services do just now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..common.text import Row, table
from ..machine.dind import parse_port
from .status import explained

Published = Mapping[str, Mapping[str, str]]  # node's name -> port of the machine -> address on the computer it runs on


def published_ports(machines: Iterable[Mapping[str, Any]], bind_address: str) -> dict[str, dict[str, str]]:
    """Where each machine's ports are published: {'hydra-node': {'80/tcp': '127.0.0.1:80'}}.

    C(machines) as dind_node takes them in its C(nodes).
    """
    found: dict[str, dict[str, str]] = {}
    for machine in machines:
        ports = (parse_port(port, bind_address).split(":") for port in machine["ports"])
        found[machine["name"]] = {inside: f"{address}:{outside}" for address, outside, inside in ports}
    return found


def addresses(
    port: Mapping[str, Any], running: Iterable[str], nodes: Iterable[Mapping[str, Any]], published: Published
) -> list[str]:
    """Where a published port answers. C(running) are the nodes with a task of the service.

    A port in host mode answers on the nodes that run a task, one in ingress mode on every node: one address will do.
    """
    known = {node["name"]: node["address"] for node in nodes}
    inside, number = f"{port['published']}/{port['protocol']}", port["published"]
    if port["mode"] == "host":
        names = [name for name in dict.fromkeys(running) if name in known]
        return [published.get(name, {}).get(inside) or f"{known[name]}:{number}" for name in names]
    outside = [ports[inside] for ports in published.values() if inside in ports]
    return outside[:1] or [f"{address}:{number}" for address in list(known.values())[:1]]


def state_of(swarm: Mapping[str, Any], stack: str, published: Published) -> dict[str, Any]:
    """The services of one stack, or of all without a name, with their tasks, why tasks wait, and where ports answer."""
    services = []
    for service in swarm["services"]:
        if stack and service["stack"] != stack:
            continue
        running = [task["node"] for task in service["tasks"] if task["state"] == "running"]
        ports = [
            {**port, "addresses": addresses(port, running, swarm["nodes"], published)} for port in service["ports"]
        ]
        services.append({**explained(service, swarm["nodes"]), "ports": ports})
    return {
        "stack": stack,
        "services": services,
        "running": sum(service["running"] for service in services),
        "desired": sum(service["desired"] for service in services),
    }


def status(state: Mapping[str, Any]) -> str:
    """Tables of what state_of() made."""
    services = state["services"]
    if not services:
        return "No stack is deployed. Deploy one with: make deploy-stack STACK=name FILE=path"
    plural = "s" if len(services) > 1 else ""
    headline = f"{state['stack'] or 'All stacks'}: {_count(state)} tasks of {len(services)} service{plural} running"
    rows = (
        (one["name"], one["mode"], _count(one), _listed(_shown(port) for port in one["ports"]), one["image"])
        for one in services
    )
    return "\n\n".join(
        [
            headline,
            table(("SERVICE", "MODE", "TASKS", "ANSWERS AT", "IMAGE"), *rows),
            table(("TASK", "NODE", "STATE", "IMAGE ID", "WHY"), *_tasks(services)),
        ]
    ).rstrip()


def report(result: Mapping[str, Any], name: str, nodes: Iterable[Mapping[str, Any]], published: Published) -> str:
    """What swarm_stack or service_update returned, a line for each service."""
    nodes = list(nodes)
    if not result.get("services"):
        return f"{name}: nothing is deployed"
    rows = []
    for service in result["services"]:
        ports = [
            {**port, "addresses": addresses(port, service["nodes"], nodes, published)} for port in service["ports"]
        ]
        rows.append(
            (
                service["name"],
                _count(service),
                " ".join(dict.fromkeys(service["nodes"])) or "-",
                _listed(_shown(port) for port in ports),
                _named(service),
            )
        )
    lines = [f"{name}: {'; '.join(result.get('actions') or []) or 'nothing to change'}", ""]
    return "\n".join([*lines, table(("SERVICE", "TASKS", "NODES", "ANSWERS AT", "IMAGE"), *rows)])


def short(image: str) -> str:
    """An image's ID as docker shows it, 12 digits; a name as it is."""
    return image.removeprefix("sha256:")[:12] if image.startswith("sha256:") else image


def _named(service: Mapping[str, Any]) -> str:
    identity = str(service.get("image_id") or "")
    return f"{service['image']} ({short(identity)})" if identity else str(service["image"])


def _tasks(services: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    for service in services:
        for task in service["tasks"]:
            state = "stopping" if task["desired"] == "shutdown" else task["state"]
            identity = short(task["image"]) if task["image"].startswith("sha256:") else "-"
            yield (task["name"], task["node"] or "-", state, identity, task["error"])


def _shown(port: Mapping[str, Any]) -> str:
    suffix = "" if port["protocol"] == "tcp" else f"/{port['protocol']}"
    return _listed(f"{address}{suffix}" for address in port["addresses"])


def _listed(words: Iterable[str]) -> str:
    return " ".join(word for word in words if word and word != "-") or "-"


def _count(one: Mapping[str, Any]) -> str:
    return f"{one['running']} of {one['desired']}"
