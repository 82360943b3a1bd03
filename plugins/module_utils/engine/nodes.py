# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The nodes a swarm lists: what is read of an entry, and which entry a name stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..common.errors import Refusal


@dataclass(frozen=True)
class Node:
    """One entry of the swarm's list of nodes."""

    id: str
    name: str
    status: str
    availability: str
    role: str
    address: str
    labels: Mapping[str, str]
    engine: str
    leader: bool = False
    manager: str = ""  # how the other managers see this one: reachable, unreachable, or "" for no manager
    peer: str = ""  # where the other managers reach this one, HOST:PORT
    version: int = 0  # the entry's version, which an update has to name
    spec: Mapping[str, Any] | None = None  # the entry's spec as the engine gave it, which an update has to repeat

    @property
    def ready(self) -> bool:
        return self.status == "ready"

    def has_role(self, role: str) -> bool:
        """Whether the node is what it should be by now: a change of role takes the swarm a moment."""
        return self.role == role and self.manager == ("reachable" if role == "manager" else "")

    def facts(self) -> dict[str, Any]:
        """What modules return of a node."""
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "availability": self.availability,
            "role": self.role,
            "address": self.address,
            "labels": dict(self.labels),
            "leader": self.leader,
            "reachability": self.manager,
            "peer": self.peer,
            "engine": self.engine,
        }


def node_from(facts: Mapping[str, Any]) -> Node:
    """The node of which a module returned these facts; it cannot be updated, for that takes its entry."""
    shared = ("id", "name", "status", "availability", "role", "address", "labels", "engine", "leader", "peer")
    return Node(**{key: facts[key] for key in shared}, manager=facts["reachability"])


def node_of(entry: Mapping[str, Any]) -> Node:
    """Read one element of what GET /nodes answers."""
    spec, description, status = entry["Spec"], entry.get("Description") or {}, entry.get("Status") or {}
    manager = entry.get("ManagerStatus") or {}
    address = status.get("Addr", "")
    if address in ("", "0.0.0.0", "127.0.0.1"):  # some engines list a leader under these
        address = manager.get("Addr", "").rpartition(":")[0]
    return Node(
        id=entry["ID"],
        name=description.get("Hostname", ""),
        status=status.get("State", "unknown"),
        availability=spec.get("Availability", ""),
        role=spec.get("Role", ""),
        address=address,
        labels=spec.get("Labels") or {},
        engine=(description.get("Engine") or {}).get("EngineVersion", ""),
        leader=bool(manager.get("Leader")),
        manager=manager.get("Reachability", ""),
        peer=manager.get("Addr", ""),
        version=entry["Version"]["Index"],
        spec=spec,
    )


def find(nodes: Iterable[Node], word: str) -> Node:
    """The entry that a name or ID stands for; of several with that name the one that is Ready."""
    nodes = list(nodes)
    named = [node for node in nodes if node.id == word] or [node for node in nodes if node.name == word]
    if not named:
        listed = ", ".join(sorted({node.name for node in nodes})) or "none"
        raise Refusal(f"node {word} is not in the swarm, which lists {listed}; join it first, or correct the name")
    if len(named) > 1:
        ready = [node for node in named if node.ready]
        if len(ready) != 1:
            entries = ", ".join(f"{node.id} ({node.status})" for node in named)
            raise Refusal(
                f"node {word} stands for {len(named)} entries of the swarm, and not exactly one of them is Ready: "
                f"{entries}; name the one you mean by its ID, or remove the others (docker node rm --force ID)"
            )
        return ready[0]
    return named[0]


def find_all(nodes: Iterable[Node], words: Iterable[str], rehearsal: bool = False) -> dict[str, Node]:
    """What each word stands for; two words for the same entry are refused.

    In a rehearsal (check mode) a node may be missing, because its joining was rehearsed too; its word is left out.
    """
    nodes, found = list(nodes), {}
    listed_as: dict[str, str] = {}
    for word in words:
        if rehearsal and not any(word in (node.id, node.name) for node in nodes):
            continue
        node = find(nodes, word)
        if node.id in listed_as:
            raise Refusal(f"{listed_as[node.id]} and {word} are the same node ({node.id}); list it once")
        listed_as[node.id], found[word] = word, node
    return found


def titles(nodes: Iterable[Node]) -> dict[str, str]:
    """What to call each entry, by its ID: its name, with the ID where several have that name."""
    nodes = list(nodes)
    names = [node.name for node in nodes]
    return {node.id: f"{node.name} ({node.id})" if names.count(node.name) > 1 else node.name for node in nodes}


def not_ready(nodes: Iterable[Node], words: Iterable[str]) -> list[str]:
    """What is still missing until every word stands for a Ready node, in a few words each; empty: nothing."""
    nodes, missing = list(nodes), []
    for word in words:
        named = [node for node in nodes if word in (node.id, node.name)]
        ready = [node for node in named if node.ready]
        if len(ready) != 1:
            seen = ", ".join(f"{node.id} {node.status}" for node in named) or "not listed"
            missing.append(f"{word}: {seen}")
    return missing
