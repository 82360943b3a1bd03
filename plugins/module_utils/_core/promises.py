# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a swarm is what the inventory says, and whether its list of nodes has to be put in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils._core.labels import MAINTENANCE, label_texts


def unsettled(listed: Iterable[Mapping[str, Any]], wanted: Iterable[Mapping[str, Any]]) -> list[str]:
    """Why the list of nodes needs putting in order (roles, availability, ghosts), one line each; empty: it does not.

    C(wanted) has name, role, availability (None: whatever it is) and node_id (empty: the node is in no swarm yet).
    """
    listed, reasons = list(listed), []
    for member in wanted:
        for entry in (e for e in listed if e["name"] == member["name"]):
            if entry["id"] != member["node_id"]:
                reasons.append(f"{member['name']}: {entry['id']} is the entry of an earlier life")
            elif entry["role"] != member["role"]:
                reasons.append(f"{member['name']}: is a {entry['role']}, not a {member['role']}")
            elif member["availability"] not in (None, entry["availability"]):
                reasons.append(f"{member['name']}: is on {entry['availability']}, not {member['availability']}")
    return reasons


def broken(
    nodes: Iterable[Mapping[str, Any]],
    wanted: Iterable[Mapping[str, Any]],
    networks: Iterable[Mapping[str, Any]] = (),
    wanted_networks: Iterable[Mapping[str, Any]] = (),
) -> list[str]:
    """Every promise of the inventory that the swarm does not keep."""
    nodes, wanted = list(nodes), list(wanted)
    ids, found = {member["node_id"] for member in wanted}, []
    for member in wanted:
        if member["trouble"]:
            found.append(f"{member['name']}: {member['trouble']}")
            continue
        # By ID where it is known: a node's name in the swarm is its host name, which the inventory may not know.
        mine = [node for node in nodes if node["id"] == member["node_id"]] or [
            node for node in nodes if node["name"] == member["name"] and not member["node_id"]
        ]
        if not mine:
            found.append(f"{member['name']} is not listed")
            continue
        found += [f"{member['name']}: {problem}" for problem in _node(mine[0], member)]
        found += [
            f"{member['name']}: {node['id']} ({node['status']}) is the entry of an earlier life"
            for node in nodes
            if node["name"] == mine[0]["name"] and node["id"] != mine[0]["id"] and node["id"] not in ids
        ]
    return found + differing_networks(networks, wanted_networks)


def differing_networks(
    networks: Iterable[Mapping[str, Any]], wanted_networks: Iterable[Mapping[str, Any]]
) -> list[str]:
    """Which overlay networks are missing, should not be there, or are not as the inventory says."""
    present, found = {network["name"]: network for network in networks}, []
    for wanted in wanted_networks:
        name, there = wanted["name"], present.get(wanted["name"])
        if wanted.get("state", "present") == "absent":
            found += [f"network {name} is still there"] if there else []
            continue
        if there is None:
            found.append(f"network {name} is missing")
            continue
        defaults = {"attachable": True, "internal": False, "encrypted": False, "subnet": there["subnet"]}
        for key, default in defaults.items():
            value = wanted.get(key) if wanted.get(key) is not None else default
            if there[key] != value:
                found.append(f"network {name} has {key} {there[key]}, not {value}")
        if wanted.get("mtu") and there.get("mtu", 0) != wanted["mtu"]:
            found.append(f"network {name} has mtu {there.get('mtu') or 'left to the engine'}, not {wanted['mtu']}")
    return found


def _node(node: Mapping[str, Any], member: Mapping[str, Any]) -> list[str]:
    labels = label_texts(member["labels"], member["name"])
    listed = {key: value for key, value in node["labels"].items() if key != MAINTENANCE}
    checks = [
        (node["status"] == "ready", f"is {node['status']}, not ready"),
        (node["role"] == member["role"], f"is a {node['role']}, not a {member['role']}"),
        (listed == labels, f"has labels {listed}, not {labels}"),
        (node["address"] == member["address"], f"has address {node['address']}, not {member['address']}"),
        (
            member["availability"] in (None, node["availability"]),
            f"is on {node['availability']}, not {member['availability']}",
        ),
    ]
    return [problem for kept, problem in checks if not kept]


def mountable(exports: Iterable[Mapping[str, Any]], address: str) -> list[str]:
    """The paths that a client of this address may mount, as far as the inventory tells.

    C(exports) are those of nfs_export. A client given by name is no proof: only the server knows who that is.
    """
    return [
        export["path"]
        for export in exports
        if any(_includes(client["host"], address) for client in export.get("clients", []))
    ]


def _includes(host: str, address: str) -> bool:
    try:
        return host == "*" or ip_address(address) in ip_network(host, strict=False)
    except ValueError:
        return False
