# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules for the addresses of machines on one network; every rule broken is one sentence with its remedy."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping

Network = ipaddress.IPv4Network


def parse_subnet(text: str) -> tuple[Network | None, list[str]]:
    """The network that C(text) names, and what is wrong with it."""
    try:
        return ipaddress.IPv4Network(text), []
    except ValueError as error:
        return None, [f"subnet '{text}' is not an IPv4 network ({error}): write it like 172.30.0.0/16"]


def gateway_of(subnet: Network, gateway: str | None) -> str:
    """The gateway's address: the one named, or the first host address, as Docker takes it."""
    return gateway or str(subnet.network_address + 1)


def address_problems(addresses: Iterable[tuple[str, str]], subnet: str, gateway: str | None = None) -> list[str]:
    """What is wrong with the C((machine, address)) pairs on this subnet; an empty list when all is well."""
    network, problems = parse_subnet(subnet)
    if network and gateway and not _is_inside(gateway, network):
        problems.append(f"gateway '{gateway}' is no address inside the subnet {network}: choose one, or leave it out")
    taken: dict[str, str] = {}
    for name, text in addresses:
        try:
            address = ipaddress.IPv4Address(text)
        except ValueError:
            problems.append(f"{name}: address '{text}' is not an IPv4 address: write four numbers like 172.30.0.10")
            continue
        if network is not None:
            problems += _place_problems(name, address, network, gateway)
        if str(address) in taken:
            problems.append(
                f"{name}: address {address} is already that of {taken[str(address)]}: give every machine its own"
            )
        taken.setdefault(str(address), name)
    return problems


def _is_inside(text: str, network: Network) -> bool:
    try:
        return ipaddress.IPv4Address(text) in network
    except ValueError:
        return False


def _place_problems(name: str, address: ipaddress.IPv4Address, network: Network, gateway: str | None) -> list[str]:
    if address not in network:
        return [f"{name}: address {address} is outside the subnet {network}: choose one inside it"]
    if address in (network.network_address, network.broadcast_address):
        return [f"{name}: address {address} is the network's or broadcast address of {network}: choose another"]
    if str(address) == gateway_of(network, gateway):
        return [f"{name}: address {address} is the gateway of {network}: choose another"]
    return []


def overlaps(subnet: str, others: Mapping[str, Iterable[str]]) -> list[str]:
    """Which of C(others) (what it is -> its subnets) this subnet overlaps, as sentences."""
    wanted = ipaddress.IPv4Network(subnet)
    found = []
    for what, subnets in others.items():
        for text in subnets:
            other = ipaddress.ip_network(text, strict=False)
            if other.version == 4 and wanted.overlaps(other):
                found.append(f"subnet {wanted} overlaps {text} of {what}: choose another subnet or remove that one")
    return found
