# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The swarm as people look at it, made of what the Engine API answers: nodes, networks, services and their tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..common.owner import OWNER
from ..common.text import unrevealing, variables
from .nodes import node_of

STACK = "com.docker.stack.namespace"
IMAGE = "hydra.swarm.image"  # the name of an image that a service names by its ID
ENDED = frozenset({"complete", "shutdown", "failed", "rejected", "remove", "orphaned"})
MODES = {
    "Replicated": "replicated",
    "Global": "global",
    "ReplicatedJob": "replicated-job",
    "GlobalJob": "global-job",
}
Entry = Mapping[str, Any]


def view(
    nodes: Iterable[Entry],
    services: Iterable[Entry],
    tasks: Iterable[Entry],
    networks: Iterable[Entry] = (),
    configs: Iterable[Entry] = (),
    secrets: Iterable[Entry] = (),
) -> dict[str, Any]:
    """What GET /nodes, /services, /tasks, /networks, /configs and /secrets answered, in one shape, sorted by name.

    Of configs and secrets only names and labels are in it.
    """
    seen = sorted((_node(entry) for entry in nodes), key=lambda node: (node["name"], node["id"]))
    names = {node["id"]: node["name"] for node in seen}
    tasks = list(tasks)
    return {
        "nodes": seen,
        "networks": sorted((_network(entry) for entry in networks), key=lambda network: network["name"]),
        "services": sorted((_service(entry, tasks, names) for entry in services), key=lambda service: service["name"]),
        "configs": _named(configs),
        "secrets": _named(secrets),
    }


def _named(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    specs = sorted((entry["Spec"] for entry in entries), key=lambda spec: spec["Name"])
    return [{"name": spec["Name"], "labels": spec.get("Labels") or {}} for spec in specs]


def _node(entry: Entry) -> dict[str, Any]:
    node, description = node_of(entry), entry.get("Description") or {}
    resources, platform = description.get("Resources") or {}, description.get("Platform") or {}
    return {
        **node.facts(),
        "engine_labels": (description.get("Engine") or {}).get("Labels") or {},
        "platform": f"{platform.get('OS', '')}/{platform.get('Architecture', '')}",
        "cpus": resources.get("NanoCPUs", 0) / 1e9,
        "memory": resources.get("MemoryBytes", 0),
        "generic_resources": _generic(resources.get("GenericResources")),
    }


def _generic(entries: Iterable[Entry] | None) -> dict[str, list[str] | int]:
    """Named resources as the list of their names, counted ones as their number."""
    found: dict[str, Any] = {}
    for entry in entries or []:
        if named := entry.get("NamedResourceSpec"):
            found.setdefault(named["Kind"], []).append(named["Value"])
        elif counted := entry.get("DiscreteResourceSpec"):
            found[counted["Kind"]] = counted["Value"]
    return found


def _network(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry["Id"],
        "name": entry["Name"],
        "driver": entry["Driver"],
        "attachable": entry.get("Attachable", False),
        "internal": entry.get("Internal", False),
        "ingress": entry.get("Ingress", False),
        "subnets": [part["Subnet"] for part in (entry.get("IPAM") or {}).get("Config") or [] if "Subnet" in part],
        "cluster": (entry.get("Labels") or {}).get(OWNER, ""),
    }


def _service(entry: Entry, tasks: Iterable[Entry], names: Mapping[str, str]) -> dict[str, Any]:
    spec, endpoint = entry["Spec"], entry.get("Endpoint") or {}
    template = spec["TaskTemplate"]
    kind = next(kind for kind in MODES if kind in spec["Mode"])
    mode: Entry = spec["Mode"][kind] or {}
    history = [task for task in tasks if task.get("ServiceID") == entry["ID"]]
    shown = [_task(task, spec["Name"], names, history) for task in history if _current(task)]
    wanted = [task for task in shown if task["desired"] != "shutdown"]
    reserved = (template.get("Resources") or {}).get("Reservations") or {}
    placement = template.get("Placement") or {}
    labels = spec.get("Labels") or {}
    return {
        "id": entry["ID"],
        "name": spec["Name"],
        "stack": labels.get(STACK, ""),
        "labels": labels,
        "mode": MODES[kind],
        "image": labels.get(IMAGE) or _image(template),
        "desired": mode.get("Replicas", mode.get("TotalCompletions", len(wanted))),
        "running": sum(task["state"] == "running" for task in wanted),
        "endpoint_mode": (endpoint.get("Spec") or {}).get("Mode") or (spec.get("EndpointSpec") or {}).get("Mode", ""),
        "ports": [_port(port) for port in endpoint.get("Ports") or []],
        "constraints": list(placement.get("Constraints") or []),
        "max_per_node": placement.get("MaxReplicas", 0),
        "reserved": {
            "cpus": reserved.get("NanoCPUs", 0) / 1e9,
            "memory": reserved.get("MemoryBytes", 0),
            "generic_resources": _generic(reserved.get("GenericResources")),
        },
        "tasks": sorted(shown, key=lambda task: (task["slot"], task["node"], task["id"])),
    }


def _port(port: Entry) -> dict[str, Any]:
    return {
        "published": port.get("PublishedPort", 0),
        "target": port["TargetPort"],
        "protocol": port.get("Protocol", "tcp"),
        "mode": port.get("PublishMode", "ingress"),
    }


def _image(template: Entry) -> str:
    """The image's name; the digest that swarm pins it to says nothing to a reader."""
    image: str = (template.get("ContainerSpec") or {}).get("Image", "")
    return image.partition("@")[0]


def _current(task: Entry) -> bool:
    """Whether a task is more than history: it should run (or has done its job), or it is still going down."""
    return task["DesiredState"] not in ("shutdown", "remove") or task["Status"]["State"] not in ENDED


def _task(task: Entry, service: str, names: Mapping[str, str], history: Iterable[Entry]) -> dict[str, Any]:
    status, node_id = task["Status"], task.get("NodeID", "")
    node = names.get(node_id, node_id)
    error = status.get("Err", "")
    # A pending task waits for a node: what went wrong on an earlier one is not the reason.
    if not error and status["State"] not in ("running", "complete", "new", "pending"):
        error = _last_error(task, history)
    return {
        "id": task["ID"],
        "name": f"{service}.{task.get('Slot') or node}",
        "slot": task.get("Slot", 0),
        "node": node,
        "node_id": node_id,
        "state": status["State"],
        "desired": task["DesiredState"],
        "error": unrevealing(error, variables((task["Spec"].get("ContainerSpec") or {}).get("Env"))),
        "image": _image(task["Spec"]),
        "since": status.get("Timestamp", ""),
    }


def _last_error(task: Entry, history: Iterable[Entry]) -> str:
    """Why the task's predecessor ended, when it ended badly: the reason a new one is being tried."""
    # A replicated service numbers its tasks, a global one has one on each node.
    place = "Slot" if task.get("Slot") else "NodeID"
    failed = [
        other
        for other in history
        if other.get(place) == task.get(place) and other["Status"]["State"] in ("failed", "rejected")
    ]
    latest = max(failed, key=lambda other: other["CreatedAt"], default=None)
    return latest["Status"].get("Err", "") if latest else ""
