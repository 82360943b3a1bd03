# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Taking a node out of its swarm for good: which entries go, through which manager, or why it cannot go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...engine.nodes import Node, node_from
from .. import members
from ..words import nodes_named


def removal(
    word: str,
    names: Mapping[str, str],
    nodes: Iterable[Mapping[str, Any]],
    managers: Sequence[str],
    contained: bool = False,
) -> dict[str, Any]:
    """What is removed when a user says this word, or why it is C(refused).

    C(names) is the name of its node for each host of the inventory, C(nodes) what the swarm lists, C(managers) hosts
    of managers that answer; C(contained) says that machines are containers. What is in the swarm and not in the
    inventory is known by its name or ID alone; of an ID nothing but that entry goes.
    """
    listed = [node_from(facts) for facts in nodes]
    choice = {**{node.name: node.name for node in listed if node.name not in names.values()}, **names}
    known = {**{name: name for name in names.values()}, **choice}
    entry = next((node for node in listed if node.id == word), None)
    found = {"refused": "", "name": "", "host": "", "through": "", "entries": [], "machine": "", "question": ""}
    if not entry and word not in known:
        return {**found, "refused": nodes_named([word], choice)["refusal"]}
    name = entry.name if entry else known[word]
    entries = [entry] if entry else [node for node in listed if node.name == name]
    alone = all(node in entries for node in listed if node.name == name)
    host = next((host for host, other in names.items() if other == name), "") if alone else ""
    through = next((manager for manager in managers if manager != host), "")
    refused = _refused(listed, entries, through)
    machine = name if contained and alone else ""
    return {
        "refused": f"{name} stays: {refused}" if refused else "",
        "name": name,
        "host": host,
        "through": through,
        "entries": [{"id": node.id, "ready": node.ready} for node in entries],
        "machine": machine,
        "question": _question(name, entries, machine),
    }


def _refused(listed: Sequence[Node], entries: Sequence[Node], through: str) -> str:
    managers = members.managers(listed)
    if problem := members.refusal(listed, [node.id for node in entries if node.id in managers]):
        return f"this would cost the swarm its quorum: {problem}"
    return "" if through else "no other manager of the inventory answers, through which it could be removed"


def _question(name: str, entries: Sequence[Node], machine: str) -> str:
    states = ", ".join(node.status for node in entries) or "not in the swarm"
    more = f" Its machine and the volume {name}-data go, with all that is only there." if machine else ""
    return f"This takes node {name} ({states}) out of the swarm for good; its tasks move to other nodes.{more}"


def outcome(plan: Mapping[str, Any], left: bool) -> str:
    """What is to be said at the end. C(left): its engine was told to leave the swarm."""
    name = plan["name"]
    lines = [f"{name} is out of the swarm{', and its machine and volume are removed' if plan['machine'] else ''}."]
    if plan["host"]:
        lines.append(
            f"The inventory still has it as {plan['host']}: take it out there, or swarm-up lets it join again."
        )
    if not plan["machine"] and not left:
        lines.append("Its engine was not told: should it come back, run 'docker swarm leave --force' on it.")
    return " ".join(lines)


def strangers(
    nodes: Iterable[Mapping[str, Any]], names: Iterable[str], members: Iterable[Mapping[str, Any]] = ()
) -> list[str]:
    """A sentence for each node of the swarm that is nobody of the inventory, with the command that helps.

    C(names) are those of the inventory's nodes; one that is called otherwise is known by the IDs that C(members) have.
    """
    ours = {*names, *(member["node_id"] for member in members)}
    return [
        f"In the swarm, not in the inventory: {node['name']} ({node['status']}, {node['role']}). Take it out with: "
        f"{remedy(node['name'])}"
        for node in nodes
        if not {node["name"], node["id"]} & ours
    ]


def remedy(name: str) -> str:
    return f"make node-remove NODE={name}"
