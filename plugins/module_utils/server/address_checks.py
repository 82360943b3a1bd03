# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks of servers that concern their addresses and ports, and whether they reach each other."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..common.addresses import parse_subnet
from . import probe
from .lines import FAIL, OK, WARN, Verdict
from .mtu import overlay_mtu

# What an engine takes where it is told nothing: for overlay networks, and for the bridges of each host.
OVERLAY_POOL = ("10.0.0.0/8",)
BRIDGE_POOLS = (*(f"172.{second}.0.0/16" for second in range(17, 32)), "192.168.0.0/16")
# So much of a pool is in use as soon as there are a few networks, /24 each.
SOON = 19
# Interfaces that an engine makes: their routes are its own.
ENGINE = ("docker", "br-", "veth")


def address(server: Mapping[str, Any], facts: Mapping[str, Any], settings: Mapping[str, Any]) -> Verdict:
    found = facts[server["host"]]["address"]
    if not found["interface"]:
        have = ", ".join(found["all"]) or "no address"
        yield (
            FAIL,
            f"{found['wanted'] or 'no address'} is on no interface (there are: {have}): correct swarm_node_address",
        )
        return
    mtus = {host: one["address"]["mtu"] for host, one in facts.items() if one["address"]["mtu"]}
    smallest, other = min(mtus.values()), min(mtus, key=lambda host: mtus[host])
    fits = overlay_mtu(smallest)
    yield OK, f"{found['wanted']} on {found['interface']}, MTU {found['mtu']}" + (f", overlay {fits}" if fits else "")
    if found["mtu"] != smallest:
        yield (
            WARN,
            f"MTU is {found['mtu']} on {found['interface']}, but {smallest} on {other}: give all servers the same, or "
            "large packets are lost",
        )


def pools(server: Mapping[str, Any], facts: Mapping[str, Any], settings: Mapping[str, Any]) -> Verdict:
    """Whether addresses that networks will get are used outside the swarm already."""
    if not server["role"]:
        return
    host = facts[server["host"]]
    chosen = [parse_subnet(str(pool)) for pool in settings["address_pools"] or OVERLAY_POOL]
    spaces = [space for space, _problems in chosen if space]
    yield from ((FAIL, f"swarm_node_address_pools: {problem}") for _space, bad in chosen for problem in bad)
    remedy = "set swarm_node_address_pools to addresses that nobody uses, before the swarm is made"
    trouble = False
    for route in host["routes"]:
        network = ipaddress.IPv4Network(route["subnet"])
        for space in spaces if not route["interface"].startswith(ENGINE) else []:
            if not network.overlaps(space):
                continue
            near = network.overlaps(next(space.subnets(new_prefix=SOON), space) if space.prefixlen < SOON else space)
            made = host["engine"]["swarm"] == "active"
            if made and not near:  # too late, and far from what is in use
                continue
            trouble = True
            where = f"route to {network} ({route['interface']}) overlaps the pool {space} of overlay networks"
            yield (FAIL if near and not made else WARN), f"{where}: {remedy}"
    routed = [ipaddress.IPv4Network(r["subnet"]) for r in host["routes"] if not r["interface"].startswith(ENGINE)]
    for what, used in _used(facts):
        # A bridge is never laid over a route; what is reached by the default route is not protected by that.
        if any(used in ipaddress.IPv4Network(pool) for pool in BRIDGE_POOLS) and not any(used in one for one in routed):
            trouble = True
            yield (
                WARN,
                f"{used} ({what}) is in the range of the engine's bridges: set default-address-pools in daemon.json",
            )
    if not trouble:
        yield OK, f"{', '.join(map(str, spaces))} can be used"


def _used(facts: Mapping[str, Any]) -> Iterator[tuple[str, ipaddress.IPv4Address]]:
    pairs = {one["address"]["wanted"]: host for host, one in facts.items()}
    servers = {name: "name server" for one in facts.values() for name in one["nameservers"]}
    for text, what in {**servers, **pairs}.items():
        try:
            found = ipaddress.IPv4Address(text)
        except ValueError:  # IPv6, or none
            continue
        if not found.is_loopback:
            yield what, found


def ports(server: Mapping[str, Any], facts: Mapping[str, Any], settings: Mapping[str, Any]) -> Verdict:
    seen = {"host": facts[server["host"]]}
    foreign = probe.strangers(server, seen)
    for port, program in foreign:
        yield FAIL, f"{port} is taken by {program or 'the kernel'}: stop that, the swarm needs this port"
    if not foreign:
        taken = [port for port in probe.serves(server) if probe.holder(seen, port) is not None]
        free = [port for port in probe.serves(server) if port not in taken]
        yield (
            OK,
            "; ".join(
                part
                for part in (f"free: {_list(free)}" if free else "", f"in use by us: {_list(taken)}" if taken else "")
                if part
            ),
        )


def reached(
    server: Mapping[str, Any], facts: Mapping[str, Any], probed: Mapping[str, Any], settings: Mapping[str, Any]
) -> Verdict:
    """What port_probe found; a path that drops large datagrams is told apart from one that drops all.

    Servers whose firewall is ours let each other in only after this, so that they do not is no failure then.
    """
    if 0 < int(settings["forks"]) < len(facts):
        yield (
            WARN,
            f"not tried: {len(facts)} servers have to be at it at the same time, and forks is {settings['forks']}: "
            "raise it in ansible.cfg",
        )
    if probed.get("msg") and "reached" not in probed and not probed.get("skipped"):
        yield FAIL, f"the ports between the servers could not be tried: {probed['msg']}"
    results = probed.get("reached") or []
    lost = {(one["peer"], one["port"]) for one in results if not one["ok"] and not one["size"]}
    for one in results:
        way = f"{server['host']} -> {one['peer']} {one['port']}"
        if one["ok"] or (one["size"] and (one["peer"], one["port"]) in lost):
            continue
        if one["size"]:
            mtu = one["size"] + 28
            yield WARN, f"{way}: packets of {mtu} bytes are lost on the way: lower the MTU of the interfaces below it"
        elif settings["firewall"]:
            yield WARN, f"{way}: {one['error']}; swarm-up lets {server['host']} through its own firewall there"
        else:
            yield FAIL, f"{way}: {one['error']}"
    for port, error in (probed.get("not_listening") or {}).items():
        yield WARN, f"{port} could not be tried here: {error}"
    peers = list(dict.fromkeys(one["peer"] for one in results if one["ok"] and not one["size"]))
    if peers:
        tried = dict.fromkeys(one["port"] for one in results if one["ok"])
        yield OK, f"{_list(peers)} reached on {_list(tried)}"


def _list(words: Iterable[str]) -> str:
    return " ".join(words)
