# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the inventory says of a cluster, read host by host, and every rule it breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from ..common.addresses import address_problems
from ..gpu import declared as gpus
from ..machine.dind import parse_cpus, parse_memory, parse_port
from ..server.firewall.containers import problem_of
from .cluster import settings
from .labels import label_problems

ROLES = ("manager", "worker")
AVAILABILITIES = ("active", "pause", "drain")
LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HOSTNAME = re.compile(rf"{LABEL}(\.{LABEL})*", re.IGNORECASE)


def machine_of(variables: Mapping[str, Any]) -> dict[str, Any]:
    """One element of dind_node's C(nodes), from a host's variables."""
    machine = {
        "name": name_of(variables),
        "address": variables.get("swarm_node_address"),
        "address_is_final": variables.get("swarm_node_role") == "manager",
        "service": variables.get("dind_node_service", "engine"),
        "ports": [str(port) for port in variables.get("dind_node_ports", [])],
        "cpus": variables.get("dind_node_cpus", 0),
        "memory": str(variables.get("dind_node_memory", 0)),
        "mounts": variables.get("dind_node_mounts", []),
        "volume": variables.get("dind_node_volume"),
    }
    # An NFS server has no engine to configure; a node always has the file, so that removing a setting takes effect.
    if machine["service"] == "nfs":
        return machine
    if variables.get("firewall_containers", True):
        told = _containers(variables)
        subnet = variables.get("dind_cluster_network", {}).get("subnet")
        machine["containers"] = {**told, "closed": [*([subnet] if subnet else []), *told["closed"]]}
    settings = variables.get("dind_node_settings", {})
    return {**machine, "settings": gpus.with_resources(settings, machine["name"], variables.get("swarm_node_gpus"))}


def member_of(variables: Mapping[str, Any], engines: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """What a host is to be in the swarm, from its variables.

    C(engines) is what dind_node returned under that name, if it ran; C(node_id) is the node's ID as far as that tells,
    and C(trouble) why its machine could not be brought up.
    """
    name = name_of(variables)
    engine = (engines or {}).get(name) or {}
    node_id = engine.get("node_id") or ""
    # What the role nvidia_gpu found on a server, if it ran, comes before what the inventory declares.
    offered = variables.get("nvidia_gpu_uuids")
    offered = variables.get("swarm_node_gpus") if offered is None else offered
    return {
        "host": variables.get("inventory_hostname"),
        "name": name,
        "node": node_id or name,
        "node_id": node_id,
        "trouble": engine.get("trouble") or "",
        "address": variables.get("swarm_node_address"),
        "role": variables.get("swarm_node_role"),
        "labels": gpus.with_label(variables.get("swarm_node_labels", {}), offered),
        "gpus": variables.get("swarm_node_gpus"),
        "availability": variables.get("swarm_node_availability") or None,
        "settings": variables.get("swarm_node_swarm_settings", {}),
        "containers": _containers(variables),
    }


def _containers(variables: Mapping[str, Any]) -> dict[str, Any]:
    """What containers may not reach, and what of it all the same, as the role firewall takes it."""
    return {name: variables.get(f"firewall_containers_{name}", []) for name in ("closed", "reach")}


def pick(things: Iterable[Mapping[str, Any]], *keys: str) -> list[dict[str, Any]]:
    """The things with these keys alone, less those that have no value."""
    return [{key: thing[key] for key in keys if thing.get(key) is not None} for thing in things]


def sentences(troubles: Mapping[str, str], besides: Iterable[str] = ()) -> list[str]:
    """What is wrong with each machine, but for those that somebody else tells of."""
    told = set(besides)
    return [f"{name}: {words}" for name, words in troubles.items() if name not in told]


def node_names(hosts: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The name of its node for each host; one that has none of its own is called as the host is."""
    return {host: name_of(hostvars[host]) for host in hosts}


def name_of(variables: Mapping[str, Any]) -> str:
    return str(variables.get("swarm_node_name") or variables.get("inventory_hostname"))


def lock_names(cluster: str, machines: Sequence[Any], servers: Iterable[Mapping[str, Any]]) -> list[str]:
    """What no two runs may change at the same time.

    Containers are those of their cluster. No cluster is written on a server, and several inventories may name it, in
    part or in whole: so each is locked by its address, and two labs have nothing in common. C(servers) are variables.
    """
    places = {str(server.get("swarm_node_address") or name_of(server)) for server in servers}
    return ([cluster] if machines or not places else []) + sorted(f"server-{place}" for place in places)


def problems(
    members: Iterable[Mapping[str, Any]],
    machines: Iterable[Mapping[str, Any]],
    network: Mapping[str, Any] | None,
    nfs_servers: Iterable[str] = (),
    two_roles: Iterable[str] = (),
) -> list[str]:
    """Every rule that the swarm's members, the machines to be made and the NFS servers break, one sentence each.

    C(two_roles) are hosts in the group of the managers and in that of the workers.
    """
    members, machines = list(members), list(machines)
    found = _names({(m["name"], m.get("host")) for m in members} | {(m["name"], None) for m in machines})
    found += _managers(members)
    found += _storage(list(nfs_servers))
    found += [
        f"host {host} is in group managers and in group workers, and a node has one role: take it out of one of them"
        for host in two_roles
    ]
    for member in members:
        found += _member(member)
    told = {str(member["containers"]): member["containers"] for member in members if member.get("containers")}
    found += [f"firewall_{problem}" for one in told.values() if (problem := problem_of(**one))]
    for given in {str(member.get("settings")): member.get("settings") for member in members}.values():
        found += settings.problems(given or {})
    found += gpus.shared((member["name"], member.get("gpus")) for member in members)
    if machines and network:
        pairs = [(m["name"], str(m["address"])) for m in machines]
        found += address_problems(pairs, network["subnet"], network.get("gateway"))
    declared = {member["name"]: member.get("gpus") for member in members}
    for machine in machines:
        found += _machine(machine)
        doubled = gpus.doubled(machine.get("settings"), machine["name"], declared.get(machine["name"]))
        found += [f"{machine['name']}: {problem}" for problem in doubled]
    return found


def _names(pairs: Iterable[tuple[str, str | None]]) -> list[str]:
    names = sorted({name for name, _host in pairs})
    hosts: dict[str, list[str]] = {}
    for name, host in pairs:
        if host:
            hosts.setdefault(name, []).append(host)
    found = [
        f"'{n}' is no host name: use letters, digits and '-', at most 63 between dots"
        for n in names
        if not HOSTNAME.fullmatch(n)
    ]
    return found + [
        f"swarm_node_name '{name}' is that of {' and '.join(sorted(several))}: give every host its own"
        for name, several in sorted(hosts.items())
        if len(several) > 1
    ]


def _managers(members: list[Mapping[str, Any]]) -> list[str]:
    names = [str(m["name"]) for m in members if m["role"] == "manager"]
    if not names:
        return [
            "no host has swarm_node_role: manager: a swarm needs one, three or five managers; put a host in the group"
        ]
    if len(names) % 2 == 0:
        return [
            f"{len(names)} managers ({', '.join(names)}): an even number survives no more failures than one fewer; "
            f"make it {len(names) - 1} or {len(names) + 1}"
        ]
    return []


def _storage(hosts: list[str]) -> list[str]:
    if len(hosts) < 2:
        return []
    return [
        f"{len(hosts)} NFS servers ({', '.join(hosts)}): every volume is looked for on one, so a second would never be "
        "asked; leave one of them in the group, and list all exports there"
    ]


def _member(member: Mapping[str, Any]) -> list[str]:
    name, found = member["name"], []
    if member["role"] not in ROLES:
        found.append(f"{name}: swarm_node_role '{member['role']}' is none of {', '.join(ROLES)}")
    if member["availability"] not in (None, *AVAILABILITIES):
        found.append(
            f"{name}: swarm_node_availability '{member['availability']}' is none of {', '.join(AVAILABILITIES)}"
        )
    found += [f"{name}: {problem}" for problem in gpus.problems(member.get("gpus"), member["labels"])]
    if not isinstance(member["labels"], Mapping):
        return [*found, f"{name}: swarm_node_labels is no mapping: write it like {{gpu: true, workload: jupyter}}"]
    return found + [f"{name}: {problem}" for problem in label_problems(member["labels"])]


def _machine(machine: Mapping[str, Any]) -> list[str]:
    found = []
    checks: list[Callable[[], object]] = [
        partial(parse_memory, machine["memory"]),
        partial(parse_cpus, machine["cpus"]),
    ]
    for check in checks + [partial(parse_port, port, "127.0.0.1") for port in machine["ports"]]:
        try:
            check()
        except ValueError as error:
            found.append(f"{machine['name']}: {error}")
    return found
