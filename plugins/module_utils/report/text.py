# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The state of a cluster, and what a drain did, as text for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..backup.report import age
from ..common.text import Row, table
from ..common.units import size
from ..swarm.cluster.lost import SIGN

NODE_HEADER = ("NODE", "STATUS", "AVAILABILITY", "ROLE", "ADDRESS", "ENGINE", "CPU", "MEMORY", "DISK")
KERNEL_HEADER = ("KERNEL", "RELEASE", "CGROUP", "IPVS", "NFS CLIENT")
NOBODY = "This inventory has neither managers nor NFS servers, so there is nobody to ask."
DOWN = "The cluster is not up. Make or resume it with: make swarm-up"


def status(state: Mapping[str, Any]) -> str:
    """Tables of what report.status.combine made; one that would be empty is left out."""
    return "\n\n".join(part for part in _parts(state) if part) or NOBODY


def drained(result: Mapping[str, Any]) -> str:
    """What node_drain returned: the node, then a line for each task concerned."""
    node, wanted = result["node"], result["diff"]["after"]["availability"]
    lines = [f"{node['name']} is {node['status']}, availability {node['availability']}"]
    if node["availability"] != wanted:  # a rehearsal changes nothing
        lines[0] += f" and would become {wanted}"
        lines += _listed("would end here", ((task["task"],) for task in result["affected"] if wanted == "drain"))
    lines += _listed("moved", ((task["task"], f"{task['from']} -> {task['to']}") for task in result["moved"]))
    lines += _listed("started here", ((task["task"],) for task in result["started"]))
    lines += _listed("stopped, as a global service has nowhere to move", ((one["task"],) for one in result["stopped"]))
    lines += _listed("pending", ((task["task"], task["reason"]) for task in result["pending"]))
    return "\n".join(lines)


def _parts(state: Mapping[str, Any]) -> Iterator[str]:
    nodes, services = state["nodes"], state["services"]
    if state["up"] is not None:
        yield _headline(state) if state["up"] else _down(state["error"])
    yield table(NODE_HEADER, *(_node(node) for node in nodes))
    yield table(("TROUBLE", "WHY"), *((node["name"], node["error"]) for node in nodes if node["error"]))
    yield table(("NODE", "LABELS", "RESOURCES"), *(_labels(node) for node in nodes if node["id"]))
    yield table(("NETWORK", "DRIVER", "SUBNETS", "KIND", "CLUSTER"), *(_network(one) for one in state["networks"]))
    yield table(("SERVICE", "MODE", "TASKS", "ENDPOINT", "PORTS", "IMAGE"), *(_service(one) for one in services))
    yield table(("TASK", "NODE", "STATE", "WHY"), *_tasks(services))
    yield table(("NFS SERVER", "EXPORT", "CLIENTS", "USED"), *_exports(state["nfs"]))
    if state.get("backup"):
        yield f"Last backup: {age(state['backup']['age'])}"
    known = [node["name"] for node in nodes if node["kernel"]]
    yield table(KERNEL_HEADER, *(_kernel(node) for node in nodes if node["kernel"]))
    yield "\n".join(f"{_where(lack['nodes'], known)}: {lack['consequence']}" for lack in state["lacking"])


def _down(error: str) -> str:
    return f"{error[:1].upper()}{error[1:]}" if error.startswith(SIGN) else f"{DOWN}\n{error}"


def _headline(state: Mapping[str, Any]) -> str:
    nodes, services = state["nodes"], state["services"]
    ready = sum(node["status"] == "ready" for node in nodes)
    running, desired = (sum(service[key] for service in services) for key in ("running", "desired"))
    return f"{ready} of {len(nodes)} nodes ready, {running} of {desired} tasks of {len(services)} services running"


def _node(node: Mapping[str, Any]) -> Row:
    usage, measured = node["usage"], ("unreachable" if node["host"] else "not ours", "", "")
    if usage:
        cpu = f"{usage['cpu']['percent']}% of {usage['cpu']['count']}"
        measured = (cpu, _share(usage["memory"], "limit"), _share(usage["disk"], "total"))
    lost = node.get("reachability") == "unreachable"
    standing = "leader" if node["leader"] else "unreachable" if lost else ""
    role = f"{node['role']} ({standing})" if standing else node["role"]
    return (node["name"], node["status"], node["availability"], role, node["address"], node["engine"], *measured)


def _labels(node: Mapping[str, Any]) -> Row:
    resources = (
        f"{kind}={','.join(amount) if isinstance(amount, list) else amount}"
        for kind, amount in node["generic_resources"].items()
    )
    labels = (f"{key}={value}" for key, value in sorted(node["labels"].items()))
    return (node["name"], " ".join(labels), " ".join(resources))


def _network(network: Mapping[str, Any]) -> Row:
    kinds = [kind for kind in ("attachable", "internal", "ingress") if network[kind]]
    return (network["name"], network["driver"], " ".join(network["subnets"]), " ".join(kinds), network["cluster"])


def _service(service: Mapping[str, Any]) -> Row:
    ports = (f"{port['published']}->{port['target']}/{port['protocol']} ({port['mode']})" for port in service["ports"])
    count = f"{service['running']}/{service['desired']}"
    return (service["name"], service["mode"], count, service["endpoint_mode"], " ".join(ports), service["image"])


def _tasks(services: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    for service in services:
        for task in service["tasks"]:
            ending = task["desired"] == "shutdown"
            yield (task["name"], task["node"] or "-", "stopping" if ending else task["state"], task["error"])


def _exports(servers: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    for server in servers:
        if server["error"]:
            yield (server["host"], "-", "-", server["error"])
        elif not server["exports"]:
            yield (server["host"], "none", "", "")
        for export in server["exports"]:
            clients = " ".join(f"{client['host']} ({client['access']})" for client in export["clients"])
            used = export["usage"]
            share = f"{size(used['used_bytes'])} of {size(used['size_bytes'])}" if used else "no such directory"
            yield (server["host"], export["path"], clients, share)


def _where(names: list[str], known: list[str]) -> str:
    return "all nodes" if names == known else ", ".join(names)


def _kernel(node: Mapping[str, Any]) -> Row:
    kernel = node["kernel"]
    offers = ("yes" if kernel[feature] else "no" for feature in ("ipvs", "nfs_client"))
    return (node["name"], kernel["release"], f"v{kernel['cgroup']}", *offers)


def _share(amounts: Mapping[str, Any], whole: str) -> str:
    return f"{size(amounts['used'])} of {size(amounts[whole])}"


def _listed(title: str, cells: Iterable[Row]) -> list[str]:
    rows = list(cells)
    if not rows:
        return []
    width = max(len(row[0]) for row in rows)
    return [f"{title}:"] + [f"  {'  '.join((row[0].ljust(width), *row[1:]))}".rstrip() for row in rows]
