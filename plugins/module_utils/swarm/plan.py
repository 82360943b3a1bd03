# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""In what a swarm differs from its inventory: who has to join, and what of nodes and networks is not as it should be.

Who wants to skip a task asks here, and so does verification. What a difference is, is decided by those who mend it:
members (roles, availability, entries of earlier lives), labels, networks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..common.errors import Refusal
from ..common.label_texts import label_texts
from ..engine.nodes import Node, node_from
from . import labels, members, network_plan, networks
from .cluster import settings
from .cluster.lost import said
from .inventory import name_of

Member = Mapping[str, Any]
Look = Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """Plain data throughout; of C(order), C(nodes), C(networks) and C(settings), a sentence for each difference."""

    lead: str  # the manager to ask, a host
    members: list[dict[str, Any]]  # what each host is to be, with its ID as far as it is known
    listed: list[dict[str, Any]]  # the swarm's nodes, as the lead lists them
    present: list[dict[str, Any]]  # its overlay networks
    joiners: list[str]  # hosts that the lead does not list
    tokens: list[str]  # the roles that they join as
    joined: list[dict[str, Any]]  # the members that are in a swarm as far as is known; another failed to join
    unheard: list[str]  # hosts that are listed as down though their own engines say that they are in the swarm
    order: list[str]  # what swarm_members mends
    nodes: list[str]  # what node_label mends, or waits for
    networks: list[str]  # what swarm_network mends, or refuses to
    settings: list[str]  # what swarm_settings mends
    set: dict[str, Any]  # the swarm's settings as they are
    maintenance: bool  # whether a node is noted to be under maintenance
    broken: list[str]  # every promise of the inventory that is not kept

    def data(self) -> dict[str, Any]:
        return asdict(self)


def plan(
    wanted: Iterable[Member],
    looks: Mapping[str, Look],
    managers: Sequence[str],
    wanted_networks: Iterable[Mapping[str, Any]],
    owner: str,
    now: Mapping[str, Any] | None = None,
    wanted_settings: Mapping[str, Any] | None = None,
) -> Plan:
    """Compare.

    C(looks) are results of swarm_join, by host; C(managers) are hosts, of which the first that has the swarm leads.
    What it showed then is superseded by C(now), its C(nodes), C(networks) or C(settings) after a change.
    """
    lead, wanted = lead_of(managers, looks), list(wanted)
    seen = {**looks.get(lead, {}), **(now or {})}
    listed, present = seen.get("nodes") or [], seen.get("networks") or []
    nodes = [node_from(facts) for facts in listed]
    met = [_met(member, looks.get(member["host"]) or {}) for member in wanted]
    ids = {node.id for node in nodes}
    # One whose machine could not be brought up joins when it can be.
    out = {member["host"] for member in wanted if member.get("trouble")}
    joins = [member for member in met if member["node_id"] not in ids and member["host"] not in (lead, *out)]
    for member in joins:
        member["joins_as"] = member["availability"] or _before(member, nodes)
    joiners = [member["host"] for member in joins]
    known = [(member, _entry(member, nodes)) for member in met if not member["trouble"]]
    order = _order(known, nodes, (looks.get(lead) or {}).get("node_id") or "")
    differing = [sentence for member, node in known if node for sentence in _node(member, node)]
    missing = [f"{member['name']} is not listed" for member, node in known if not node]
    troubles = [f"{member['name']}: {member['trouble']}" for member in met if member["trouble"]]
    set_now = seen.get("settings") or {}
    # Where nobody could be asked, nothing differs.
    settings_differ = settings.differing(wanted_settings or {}, set_now) if set_now else []
    networks_differ = network_plan.differing(wanted_networks, map(networks.network_from, present), owner)
    return Plan(
        lead,
        met,
        listed,
        present,
        joiners,
        sorted({str(member["role"]) for member in met if member["host"] in joiners}),
        [member for member in met if member["node_id"]],
        [member["host"] for member, node in known if node and node.status == "down" and member["node_id"]],
        order,
        differing,
        networks_differ,
        settings_differ,
        set_now,
        any(labels.MAINTENANCE in node.labels for node in nodes),
        [*troubles, *missing, *order, *differing, *networks_differ, *settings_differ],
    )


def lead_of(managers: Sequence[str], looks: Mapping[str, Look]) -> str:
    """The first manager that has the swarm, else the first that could be asked."""
    asked = [host for host in managers if "state" in (looks.get(host) or {})]
    return next((host for host in asked if looks[host].get("manager")), next(iter(asked), ""))


def start(looks: Mapping[str, Look], managers: Sequence[str]) -> dict[str, Any]:
    """Of several managers: whether one C(has) the swarm; if none, who C(makes) it, or why that is C(refused).

    C(looks) are results of swarm_join, by host; one that was not reached has said nothing of a state.
    """
    has = any((looks.get(host) or {}).get("manager") for host in managers)
    silent = [host for host in managers if "state" not in (looks.get(host) or {})]
    refused = (
        f"No manager that was reached has a swarm, and {', '.join(silent)} could not be asked: making a swarm now "
        "might make a second one. Bring them back, or take them out of the inventory."
    )
    lost = said(looks.get(host) or {} for host in managers)
    return {"has": has, "makes": managers[0], "refused": (lost or refused) if silent and not has else ""}


def in_swarm(hosts: Iterable[Mapping[str, Any]], engines: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The names of the nodes whose engines were in a swarm, working or not, when this run looked at them.

    C(hosts) are hosts' variables: servers were looked at by preflight (C(preflight_seen)), machines that are containers
    when they were made (C(engines), by name).
    """
    found = []
    for variables in hosts:
        name = name_of(variables)
        seen = ((variables.get("preflight_seen") or {}).get("host") or {}).get("engine") or {}
        state = (engines.get(name) or seen).get("swarm") or "inactive"
        if state != "inactive":
            found.append(name)
    return found


def _met(member: Member, look: Look) -> dict[str, Any]:
    """A member with what its own engine said, or why it said nothing."""
    node_id = look.get("node_id") or member["node_id"]
    trouble = str(look.get("msg") or "joining failed") if look.get("failed") else member.get("trouble", "")
    return {**member, "node_id": node_id, "node": node_id or member["name"], "trouble": trouble}


def _before(member: Member, nodes: Iterable[Node]) -> str:
    """The availability of the node's earlier life, whose data was lost: who was drained by somebody stays drained."""
    lives = [node for node in nodes if node.name == member["name"]]
    kept = [node.labels.get(labels.MAINTENANCE, node.availability) for node in lives]
    return next((word for word in kept if word != "active"), "active")


def _entry(member: Member, nodes: Iterable[Node]) -> Node | None:
    """By ID where it is known: a node's name in the swarm is its host name, which the inventory may not know."""
    word, key = (member["node_id"], "id") if member["node_id"] else (member["name"], "name")
    return next((node for node in nodes if getattr(node, key) == word), None)


def _order(known: Sequence[tuple[Member, Node | None]], nodes: Sequence[Node], own_id: str) -> list[str]:
    """Roles, availability, and entries that bear a member's name and are none of the members."""
    ours = {node.id for _member, node in known if node} | {member["node_id"] for member, _node in known}
    found = {member["node"]: node for member, node in known if node}
    try:
        updates = members.plan(nodes, found, [member for member, _node in known], False, own_id).updates
    except Refusal as refusal:  # swarm_members says so, before it touches anything
        return [str(refusal)]
    names = {node.id: member["name"] for member, node in known if node}
    return [
        f"{names[update.node.id]}: {_was(key, getattr(update.node, key.lower()), value)}"
        for update in updates
        for key, value in update.fields.items()
    ] + [
        f"{member['name']}: {entry.id} ({entry.status}) is the entry of an earlier life"
        for member, node in known
        for entry in nodes
        if entry.name == (node.name if node else member["name"]) and entry.id not in ours
    ]


def _was(key: str, have: str, want: str) -> str:
    return f"is a {have}, not a {want}" if key == "Role" else f"is on {have}, not {want}"


def _node(member: Member, node: Node) -> list[str]:
    word = node.id
    wanted = {"node": word, "labels": label_texts(member["labels"], member["name"]), "state": "exact"}
    change = labels.plan({word: node}, [wanted])
    have, want = (_shown(side[word]) for side in (change.before, change.after))
    checks = [
        (node.ready, f"is {node.status}, not ready"),
        (not change.changed, f"has labels {have}, not {want}"),
        (node.address == member["address"], f"has address {node.address}, not {member['address']}"),
    ]
    return [f"{member['name']}: {problem}" for kept, problem in checks if not kept]


def _shown(texts: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in texts.items() if key != labels.MAINTENANCE}
