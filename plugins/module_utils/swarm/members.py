# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Roles and availability of nodes, and which entries of the swarm are ghosts of nodes that joined anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..common.change import Change
from ..common.errors import Refusal
from ..engine.nodes import Node, titles
from .quorum import loss


@dataclass(frozen=True)
class Update:
    """Fields of a node's spec that are to change."""

    node: Node
    fields: Mapping[str, str]

    @property
    def demotes(self) -> bool:
        return self.fields.get("Role") == "worker"


@dataclass(frozen=True)
class Plan:
    """What has to be done: remove the ghosts first, then update, what loses no manager before what does."""

    change: Change
    updates: Sequence[Update]
    ghosts: Sequence[Node]


def managers(nodes: Iterable[Node]) -> dict[str, bool]:
    """The managers as C(loss) wants them, by ID: whether each is reachable.

    One that is Down is not, whatever the swarm says: it may have been wiped, and what answers under its address is
    then the manager that came after it. An entry that is Down and of which the managers know nothing as of one of them
    was put out of their number when they lost their quorum, and is none any more, whatever its role.
    """
    return {
        node.id: node.manager == "reachable" and node.status != "down"
        for node in nodes
        if node.manager or (node.role == "manager" and node.status != "down")
    }


def refusal(nodes: Sequence[Node], leaving: Iterable[str], joining: Iterable[str] = ()) -> str:
    """Why the managers with the IDs C(leaving) cannot go while those C(joining) come; empty: they can."""
    names = titles(nodes)
    now = {**managers(nodes), **dict.fromkeys(joining, True)}
    return loss({names[key]: alive for key, alive in now.items()}, [names[key] for key in leaving if key in names])


def ghosts(nodes: Iterable[Node], found: Iterable[Node]) -> list[Node]:
    """Entries that are Down and bear the name of a wanted node that is Ready as another entry.

    A manager that answers is none, unless it answers under the address of that other entry.
    """
    wanted = {node.id: node for node in found}
    heirs = {node.name: node for node in wanted.values() if node.ready}
    return [
        node
        for node in nodes
        if node.status == "down" and node.id not in wanted and node.name in heirs
        if node.manager != "reachable" or node.peer == heirs[node.name].peer
    ]


def twins(nodes: Iterable[Node], found: Iterable[Node]) -> list[str]:
    """Which wanted nodes have a namesake that is not Down yet.

    A ghost counts as Ready for some seconds, or as unknown where the manager has just started; then it is Down.
    """
    wanted = {node.id: node for node in found}
    names = {node.name: node.id for node in wanted.values() if node.ready}
    return [
        f"{node.name}: {node.id} is {node.status} beside {names[node.name]}"
        for node in nodes
        if node.status != "down" and node.id not in wanted and node.name in names
    ]


def plan(
    nodes: Sequence[Node],
    found: Mapping[str, Node],
    wanted: Iterable[Mapping[str, Any]],
    remove_ghosts: bool,
    own_id: str,
) -> Plan:
    """Compare; refuse what the swarm would not survive.

    C(found) says which entry a word stands for; a node that is not in it (see find_all) is shown as one to come.
    C(own_id) is the node this runs on: once demoted, it could not show the outcome.
    """
    updates = []
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for item in wanted:
        node = found.get(item["node"])
        want = {key: item[key] for key in ("role", "availability") if item[key] is not None}
        have = {"role": node.role, "availability": node.availability} if node else {}
        before[item["node"]], after[item["node"]] = have, {**have, **want}
        fields = {key.capitalize(): value for key, value in want.items() if have.get(key) != value}
        if node and fields:
            updates.append(Update(node, fields))
    gone = ghosts(nodes, found.values()) if remove_ghosts else []
    leaving = [update.node.id for update in updates if update.demotes]
    problem = refusal(
        nodes,
        leaving + [node.id for node in gone if node.id in managers(nodes)],
        [update.node.id for update in updates if update.fields.get("Role") == "manager"],
    )
    if problem:
        raise Refusal(f"this would cost the swarm its quorum: {problem}")
    if own_id in leaving:
        raise Refusal(f"{titles(nodes)[own_id]} is the manager this runs on; run it on another manager to demote it")
    entries = {f"{node.name} ({node.id})": "ghost" for node in gone}
    return Plan(Change({**before, **entries}, after), sorted(updates, key=lambda update: update.demotes), gone)


def missing(found: Mapping[str, Node], wanted: Iterable[Mapping[str, Any]]) -> list[str]:
    """Which nodes are not yet Ready in their role, and what they are instead."""
    return [
        f"{item['node']}: {node.status} {node.role}{f', {node.manager} as manager' if node.manager else ''}"
        for item in wanted
        for node in [found[item["node"]]]
        if not (node.ready and (item["role"] is None or node.has_role(item["role"])))
    ]
