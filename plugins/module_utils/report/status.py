# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The state of a whole cluster in one piece, made of what its machines, managers and NFS servers answered.

An answer is a task's result: without what was asked for in it, its C(msg) says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..swarm.cluster.lost import said
from ..swarm.outage.removal import remedy
from ..swarm.placement import reason
from .trouble import NO_RESULT, last_words

Answers = Mapping[str, Mapping[str, Any]]
MENDS = "Mend it with: make swarm-up"
RENAMED = (
    "somebody changed its host name. Change it back and restart its engine, or start its container anew (docker "
    "restart)"
)
UNLISTED = {"id": "", "availability": "", "role": "", "leader": False, "address": "", "engine": "", "labels": {}}


def combine(names: Mapping[str, str], machines: Answers, managers: Answers, servers: Answers) -> dict[str, Any]:
    """One dict of plain data.

    C(names) maps each machine of the inventory to its node's name; the others map machines, managers and NFS servers
    of the inventory to the results of node_info, swarm_info and nfs_export there; a skipped task is no answer.
    C(up) is None where no manager was asked.
    """
    machines, managers, servers = _asked(machines), _asked(managers), _asked(servers)
    told = next((answer for answer in managers.values() if "swarm" in answer), None)
    swarm = told["swarm"] if told else None
    nodes = _nodes(names, machines, swarm["nodes"] if swarm else None)
    return {
        "up": swarm is not None if managers else None,
        "error": "" if swarm else said(managers.values()) or "; ".join(_words(managers)),
        "nodes": nodes,
        "networks": swarm["networks"] if swarm else [],
        "services": [explained(service, swarm["nodes"]) for service in swarm["services"]] if swarm else [],
        "nfs": [_server(host, answer) for host, answer in servers.items()],
        "lacking": _lacking(nodes),
        "backup": told.get("backup") if told else None,
    }


def _asked(answers: Answers) -> Answers:
    return {host: answer for host, answer in answers.items() if answer and not answer.get("skipped")}


def _nodes(names: Mapping[str, str], machines: Answers, known: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """The nodes the swarm lists, then the machines that it does not list, each with what the machine itself told."""
    listed = known or []
    hosts = {name: host for host, name in names.items()}
    called = _renamed(names, machines, listed)
    ready = {node["name"] for node in listed if node["status"] == "ready"}
    seen = []
    for node in listed:
        # A machine that joined anew leaves its old entry behind, of the same name: what it tells is of the new one.
        ghost = node["status"] != "ready" and node["name"] in ready
        host = "" if ghost else hosts.get(node["name"], "")
        if node["id"] in called:
            machine = _machine(called[node["id"]], machines)
            words = f"{names[called[node['id']]]} is called {node['name']} in the swarm: {RENAMED}"
            seen.append({**node, **machine, "error": machine["error"] or words})
        else:
            machine = _machine(host, machines)
            stranger = f"it is not in the inventory: {remedy(node['name'])}" if hosts and not host and not ghost else ""
            seen.append({**node, **machine, "error": machine["error"] or stranger})
    there = {node["name"] for node in listed} | {names[host] for host in called.values()}
    status = "unknown" if known is None else "not in the swarm"
    absent: list[dict[str, Any]] = [{**UNLISTED, "name": name, "status": status} for name in hosts if name not in there]
    return seen + [{**node, **_machine(hosts[node["name"]], machines)} for node in absent]


def _renamed(names: Mapping[str, str], machines: Answers, listed: list[dict[str, Any]]) -> dict[str, str]:
    """Hosts of the inventory that the swarm lists under another name, by the IDs that they told."""
    entries = {node["id"]: node["name"] for node in listed}
    told = {host: (machines.get(host, {}).get("node") or {}).get("engine", {}).get("node_id") for host in names}
    others = set(names.values())
    return {
        identity: host
        for host, identity in told.items()
        if identity in entries and entries[identity] != names[host] and entries[identity] not in others
    }


def _machine(host: str, machines: Answers) -> dict[str, Any]:
    answer = machines.get(host, {})
    told = answer.get("node", {})
    return {
        "host": host,
        "reachable": bool(told),
        "error": _why(answer) if host and not told else told.get("engine", {}).get("error") or _faults(told),
        "faults": told.get("faults", []),
        "usage": {key: told[key] for key in ("cpu", "memory", "disk")} if told else None,
        "kernel": told.get("kernel"),
        "consequences": told.get("consequences", []),
    }


def explained(service: Mapping[str, Any], nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """The service with what each pending task needs added to what Swarm says of it."""
    tasks = [
        {**task, "error": reason(task["error"], service, nodes)} if task["state"] == "pending" else task
        for task in service["tasks"]
    ]
    return {**service, "tasks": tasks}


def _faults(told: Mapping[str, Any]) -> str:
    """What is wrong with its network, and the command that mends it, where one does."""
    faults = told.get("faults") or []
    words = "; ".join(fault["words"] for fault in faults)
    return f"{words}. {MENDS}" if any(fault["mends"] for fault in faults) else words


def _server(host: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    if "exports" not in answer:
        return {"host": host, "error": _why(answer), "exports": []}
    usage = answer.get("usage") or {}
    exports = [{**export, "usage": usage.get(export["path"])} for export in answer["exports"]]
    return {"host": host, "error": "", "exports": exports}


def _lacking(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each thing that kernels lack, once, with the nodes it concerns."""
    lines: dict[str, list[str]] = {}
    for node in nodes:
        for line in node["consequences"]:
            lines.setdefault(line, []).append(node["name"])
    return [{"consequence": line, "nodes": names} for line, names in lines.items()]


def _words(answers: Answers) -> list[str]:
    return [f"{host}: {_why(answer)}" for host, answer in answers.items()]


def _why(answer: Mapping[str, Any]) -> str:
    """The first line of what went wrong; the rest is for the log."""
    text = str(answer.get("msg") or "no answer").removeprefix("Task failed: ")
    if NO_RESULT in text:  # the module never ran, and what stood in its way is told last
        text = next(iter(last_words(answer)[-1:]), "its program ended without an answer")
    text = text.strip().splitlines()[0]
    return f"unreachable ({text})" if answer.get("unreachable") else text
