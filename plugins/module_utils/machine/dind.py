# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which actions bring a machine that is a container from what it is to what it should be.

What a container cannot change in place (image, address, ports, mounts, privileges) is C(fixed); it is written on the
container as a label when it is made, so that a later run compares like with like and can say what differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address
from typing import Any

from ..common.units import parse_size, size

# The least that an engine takes to run at all, and the least share of a CPU that is handed out.
MEMORY = 64 * 2**20
CPUS = 0.01
NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")
MADE_AS = "hydra.swarm.made-as"  # the label that notes what is fixed
RIGHTED = ("remove-others", "rename")  # what is done before everything else, for all machines


@dataclass(frozen=True)
class Machine:
    """A machine as it should be, or as it is; C(state) is absent, created, running or stopped."""

    name: str
    fixed: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] | None = None
    cpus: float = 0
    memory: int = 0
    state: str = "absent"

    def shown(self) -> dict[str, Any]:
        """The machine as a diff shows it."""
        if self.state == "absent":
            return {"state": "absent"}
        shown = {"state": self.state, **self.fixed, "cpus": self.cpus, "memory": self.memory}
        return shown if self.settings is None else {**shown, "settings": dict(self.settings)}


@dataclass(frozen=True)
class Plan:
    """The actions for one machine, in order, why, and how it is afterwards."""

    machine: Machine
    actions: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    after: Machine = Machine("")


def plan(actual: Machine, wanted: Machine) -> Plan:
    """Actions are remove, create, settings, resize, start, stop and restart.

    C(wanted.state) is absent, created (exists, running or not), running or stopped (stopped if it exists).
    """
    if wanted.state == "absent":
        return Plan(wanted, ("remove",) if actual.state != "absent" else (), (), Machine(wanted.name))
    if wanted.state == "stopped":
        if actual.state != "running":
            return Plan(wanted, after=actual)
        return Plan(wanted, ("stop",), (), replace(actual, state="stopped"))
    differing = tuple(sorted(k for k in {*actual.fixed, *wanted.fixed} if actual.fixed.get(k) != wanted.fixed.get(k)))
    if actual.state == "absent" or differing:
        return _made_anew(actual, wanted, differing)
    return _changed_in_place(actual, wanted)


def connected(fixed: Mapping[str, Any], attached: Mapping[str, Any] | None, network: str | None) -> dict[str, Any]:
    """What of a machine's network is otherwise than when it was made.

    C(attached) is how its container is connected to its network, if it is; C(network) is the ID of that network now.
    """
    if not fixed.get("network"):
        return {}
    if attached is None:
        return {"network": f"{fixed['network']} (not connected)"}
    if attached.get("NetworkID") and attached["NetworkID"] != network:
        return {"network": f"{fixed['network']} (one that is gone)"}
    # What it is to have; while it runs without such a wish, what it has got by chance.
    address = (attached.get("IPAMConfig") or {}).get("IPv4Address") or attached.get("IPAddress") or "none of its own"
    return {"address": address}


def righted(plan: Plan, called: str, others: Sequence[str]) -> Plan:
    """The plan of a machine whose container is C(called) otherwise, or that has C(others) on its volume."""
    actions, why = [], []
    if others:
        actions.append("remove-others")
        why.append(f"a second container on its volume: {', '.join(others)}")
    if called:
        actions.append("rename")
        why.append(f"somebody renamed its container, to {called}")
    # Which of two engines had the volume is not known; one that goes on by itself may be the one that lacked it.
    again = ("restart",) if others and plan.after.state == "running" and not plan.actions else ()
    return replace(plan, actions=(*actions, *plan.actions, *again), why=(*why, *plan.why))


def removals(plans: Iterable[Plan]) -> tuple[list[Plan], list[Plan]]:
    """The plans in two steps: what is removed first, and what is done after that; names were righted before."""
    plans = list(plans)
    first = [replace(plan, actions=("remove",)) for plan in plans if "remove" in plan.actions]
    rest = [
        replace(plan, actions=tuple(one for one in plan.actions if one not in ("remove", *RIGHTED))) for plan in plans
    ]
    return first, rest


def _made_anew(actual: Machine, wanted: Machine, differing: tuple[str, ...]) -> Plan:
    state = "running" if "running" in (actual.state, wanted.state) else "created"
    why = tuple(f"{key}: {actual.fixed.get(key)!r} -> {wanted.fixed.get(key)!r}" for key in differing)
    actions = (
        *(("remove",) if actual.state != "absent" else ()),
        "create",
        *(("settings",) if wanted.settings is not None else ()),
        *(("start",) if state == "running" else ()),
    )
    return Plan(wanted, actions, why if actual.state != "absent" else (), replace(wanted, state=state))


def _changed_in_place(actual: Machine, wanted: Machine) -> Plan:
    actions, why = [], []
    if (actual.cpus, actual.memory) != (wanted.cpus, wanted.memory):
        actions.append("resize")
        why.append(f"cpus {actual.cpus:g} -> {wanted.cpus:g}, memory {actual.memory} -> {wanted.memory} bytes")
    reconfigured = wanted.settings is not None and actual.settings != wanted.settings
    if reconfigured:
        actions.append("settings")
        why.append("engine settings differ")
    state = actual.state
    if actual.state == "running" and reconfigured:
        actions.append("restart")
    elif actual.state != "running" and wanted.state == "running":
        actions.append("start")
        state = "running"
    settings = actual.settings if wanted.settings is None else wanted.settings
    return Plan(wanted, tuple(actions), tuple(why), replace(wanted, settings=settings, state=state))


def parse_memory(text: str | int | None) -> int:
    """Bytes, 0 for no limit. Raises ValueError."""
    number = parse_size(text)
    if 0 < number < MEMORY:
        raise ValueError(
            f"memory '{text}' is less than the {size(MEMORY)} that an engine takes by itself: choose more, or leave it "
            "out"
        )
    return number


def parse_cpus(given: Any) -> float:
    """How many, 0 for no limit. Raises ValueError."""
    try:
        number = float(given or 0)
    except (TypeError, ValueError):
        number = -1.0
    if number != 0 and not CPUS <= number < float("inf"):
        raise ValueError(f"cpus '{given}' is no number of CPUs from {CPUS} on: write it like 1.5, or leave it out")
    return number


def last_of(plans: Iterable[Plan]) -> list[Plan]:
    """Of several engines that stop together, the one that stops after the others.

    An engine that leaves its swarm's gossip waits until it was heard; where all leave at that moment, nobody hears.
    """
    engines = [plan for plan in plans if "stop" in plan.actions and plan.after.fixed.get("service") == "engine"]
    return engines[1:][-1:]


def parse_port(text: str | int, bind_address: str) -> str:
    """A published port as 'ADDRESS:HOST:CONTAINER/PROTOCOL', from 80, '8080:80' or '127.0.0.1:53:53/udp'.

    Raises ValueError.
    """
    match = re.fullmatch(r"(?:(?:([\d.]+):)?(\d+):)?(\d+)(?:/(tcp|udp|sctp))?", str(text))
    ports = [int(port) for port in (match[2] or match[3], match[3])] if match else []
    if not match or not all(0 < port < 65536 for port in ports):
        raise ValueError(f"port '{text}' is not [[ADDRESS:]HOST:]CONTAINER[/tcp|udp|sctp] with ports from 1 to 65535")
    address = match[1] or bind_address
    try:
        IPv4Address(address)
    except ValueError:
        raise ValueError(
            f"port '{text}' cannot be published on '{address}', which is not an IPv4 address: write one like 127.0.0.1"
        ) from None
    return f"{address}:{ports[0]}:{ports[1]}/{match[4] or 'tcp'}"


def asked(wanted: Machine, actual: Machine | None = None) -> bool:
    """Whether the machine's settings are worth asking its engine: new ones, and more than this project's own."""
    settings = dict(wanted.settings or {})
    if actual is not None and actual.settings == wanted.settings:
        return False
    return bool(settings.keys() - {"node-generic-resources"})


def beyond(machine: Machine, cpus: int, memory: int) -> list[str]:
    """What the machine may use and a host with so many CPUs and so much memory does not have."""
    found = []
    if machine.cpus > cpus > 0:
        found.append(f"{machine.name}: cpus {machine.cpus:g}, and this host has {cpus}: choose fewer, or leave it out")
    if machine.memory > memory > 0:
        found.append(
            f"{machine.name}: memory {size(machine.memory)}, and this host has {size(memory)}: choose less, or leave "
            "it out"
        )
    return found


def same_port(one: str, other: str) -> bool:
    """Whether both, as parse_port() returns them, are the same port of the host; 0.0.0.0 is every address."""
    address, number, rest = one.split(":")
    theirs, their_number, their_rest = other.split(":")
    same_address = address == theirs or "0.0.0.0" in (address, theirs)
    return same_address and (number, rest.partition("/")[2]) == (their_number, their_rest.partition("/")[2])


def port_clashes(published: Iterable[tuple[str, str]]) -> list[str]:
    """Which of the C((machine, port)) pairs, ports as parse_port() returns them, ask for the same port of the host."""
    found: list[str] = []
    seen: list[tuple[str, str]] = []
    for name, port in published:
        other = next((other for other, theirs in seen if same_port(port, theirs)), "")
        if other:
            found.append(
                f"{name}: port {port.rpartition(':')[0]} is already published by {other}: give each a port or an "
                "address of its own"
            )
        seen.append((name, port))
    return found
