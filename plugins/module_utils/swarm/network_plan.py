# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which overlay networks to create and which to remove, and why an existing one is not the wanted one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, ip_network
from typing import Any

from ..common.change import Change
from ..common.errors import Refusal
from ..common.label_texts import label_texts
from ..common.owner import OWNER
from .networks import Network, named

MTUS = range(576, 65536)
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?")
DEFAULTS: Mapping[str, Any] = {
    "attachable": True,
    "internal": False,
    "encrypted": False,
    "mtu": None,
    "subnet": None,
    "gateway": None,
    "labels": {},
    "state": "present",
}
TAKEN = ("bridge", "default", "docker_gwbridge", "host", "ingress", "none")


@dataclass(frozen=True)
class Plan:
    change: Change
    create: Sequence[Network]
    remove: Sequence[Network]


def wanted_network(item: Mapping[str, Any], owner: str) -> Network:
    """Check and normalise one element of the option C(networks)."""
    name, subnet, gateway = item["name"], item["subnet"], item["gateway"]
    if not NAME.fullmatch(name) or len(name) > 63 or name in TAKEN:
        raise Refusal(
            f"network name {name!r}: Swarm takes up to 63 letters, digits and inner '-' and '_', "
            f"and these are taken: {', '.join(TAKEN)}; choose another name"
        )
    if gateway and not subnet:
        raise Refusal(f"network {name}: gateway {gateway} needs a subnet; give the option subnet too")
    if subnet:
        try:
            space = ip_network(subnet)
        except ValueError as error:
            raise Refusal(f"network {name}: subnet {subnet}: {error}; write it like 10.20.0.0/24") from None
        if not isinstance(space, IPv4Network):
            raise Refusal(f"network {name}: subnet {subnet} is not IPv4; write it like 10.20.0.0/24")
        hosts = space.prefixlen <= 30 and gateway not in (str(space[0]), str(space[-1]))
        if not hosts or (gateway and not _inside(gateway, space)):
            raise Refusal(
                f"network {name}: subnet {subnet}{f', gateway {gateway}' if gateway else ''}: "
                "the subnet is /30 at the smallest, the gateway one of its host addresses; correct them"
            )
        subnet = str(space)
    mtu = item.get("mtu") or 0
    if mtu and mtu not in MTUS:
        raise Refusal(
            f"network {name}: mtu {mtu}: IPv4 needs {MTUS[0]} to {MTUS[-1]}; what the path takes less 50 is right"
        )
    labels = {**label_texts(item["labels"], f"network {name}"), OWNER: owner}
    return Network(
        name=name,
        attachable=item["attachable"],
        internal=item["internal"],
        encrypted=item["encrypted"],
        mtu=mtu,
        subnets=(subnet,) if subnet else (),
        gateway=gateway or "",
        labels=tuple(sorted(labels.items())),
    )


def _inside(address: str, space: IPv4Network) -> bool:
    try:
        return IPv4Address(address) in space
    except ValueError:
        return False


def differences(actual: Network, wanted: Network) -> list[str]:
    """What an existing network has that the wanted one has not; what was left open counts for nothing."""
    if not actual.driver:
        return ["the swarm has given it no subnet, so no task can use it; does its subnet overlap another network?"]
    said = []
    for word in ("driver", "scope", "attachable", "internal", "encrypted", "subnet", "gateway"):
        have, want = getattr(actual, word), getattr(wanted, word)
        if have != want and want != "":
            said.append(f"{word} is {_word(have)}, not {_word(want)}")
    if wanted.mtu and actual.mtu != wanted.mtu:
        said.append(f"mtu is {actual.mtu or 'left to the engine'}, not {wanted.mtu}")
    have_labels = dict(actual.labels)
    for key, want in wanted.labels:
        have = have_labels.get(key)
        if have != want and (key != OWNER or have is not None):  # an unmarked network that matches is welcome
            said.append(f"label {key} is {'missing' if have is None else repr(have)}, not {want!r}")
    return said


def differing(items: Iterable[Mapping[str, Any]], networks: Iterable[Network], owner: str) -> list[str]:
    """Which wanted networks are missing, should not be there, or are not as they should be; a sentence each."""
    networks, said = list(networks), []
    for item in ({**DEFAULTS, **item} for item in items):
        actual = named(networks, item["name"])
        if item["state"] == "absent":
            said += [f"network {item['name']} is still there"] if actual else []
        elif not actual:
            said.append(f"network {item['name']} is missing")
        else:
            said += [f"network {item['name']}: {words}" for words in differences(actual, wanted_network(item, owner))]
    return said


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value) or "none"


def overlaps(wanted: Network, networks: Iterable[Network], routes: Iterable[str]) -> list[str]:
    """What the subnet of a wanted network overlaps."""
    if not wanted.subnet:
        return []
    space = IPv4Network(wanted.subnet)
    taken = {pool: f"network {network.name}" for network in networks for pool in network.subnets}
    taken = {**dict.fromkeys(routes, "a route of this host"), **taken}
    return [f"{what} ({pool})" for pool, what in sorted(taken.items()) if space.overlaps(IPv4Network(pool, False))]


def plan(
    items: Iterable[Mapping[str, Any]],
    networks: Sequence[Network],
    routes: Sequence[str],
    users: Mapping[str, Sequence[str]],
    owner: str,
) -> Plan:
    """Compare; refuse, in one message, all that cannot be had without harm.

    C(users) names the services on a network, by its ID; it is needed only for networks that are to be absent.
    """
    create: list[Network] = []
    remove: list[Network] = []
    problems: list[str] = []
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for item in items:
        wanted = wanted_network(item, owner)
        if wanted.name in before:
            raise Refusal(f"network {wanted.name} is listed twice; list it once")
        actual = named(networks, wanted.name)
        before[wanted.name] = _shown(actual) if actual else None
        after[wanted.name] = before[wanted.name]
        if item["state"] == "absent":
            after[wanted.name] = None
            if actual:
                remove.append(actual)
                problems += _removal_problems(actual, users, owner)
        elif actual:
            different = differences(actual, wanted)
            if different:
                problems.append(
                    f"network {wanted.name} exists and differs: {'; '.join(different)}. It is not made anew, for that "
                    f"would cut off the services on it: correct what is wanted, or take those services down and "
                    f"remove it (docker network rm {wanted.name})"
                )
        else:
            over = overlaps(wanted, [*networks, *create], routes)
            if over:
                problems.append(
                    f"network {wanted.name}: subnet {wanted.subnet} overlaps {', '.join(over)}; choose another subnet"
                )
            create.append(wanted)
            after[wanted.name] = _shown(wanted)
    if problems:
        raise Refusal("\n".join(problems))
    return Plan(Change(before, after), create, remove)


def _shown(network: Network) -> dict[str, Any]:
    """A network in a diff: what somebody chose, without what the engine chose."""
    return {key: value for key, value in network.facts().items() if key != "id" and value != ""}


def _removal_problems(network: Network, users: Mapping[str, Sequence[str]], owner: str) -> list[str]:
    if network.owner != owner:
        return [
            f"network {network.name} has no label {OWNER}={owner}, so it is not ours; if it may go, "
            + f"remove it by hand (docker network rm {network.name})"
        ]
    services = ", ".join(sorted(users.get(network.id, ())))
    if services:
        return [
            f"network {network.name} is used by {services}; remove those first (docker stack rm, docker service rm)"
        ]
    return []
