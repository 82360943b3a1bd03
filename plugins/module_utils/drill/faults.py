# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can be done to a node to see what its swarm makes of it, as plain data: where it is done, how it is undone."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..common.errors import Refusal
from ..common.suggestion import meant

# Done by a manager; by whoever runs the machine, which for a server nobody here does; or on the machine itself.
MANAGER, HOST, MACHINE = "manager", "host", "machine"
LONGEST = 3600
PLANES = {"all": (), "data": ("udp:4789", "tcp:7946", "udp:7946")}
CHAIN = "HYDRA-DRILL"
PID = "$(cat /run/docker.pid)"
FULL = ".hydra-swarm-drill"  # in the folder with the engine's data


@dataclass(frozen=True)
class Fault:
    """C(words) follow the node's name; C(told) says what one should know to read the outcome."""

    where: str
    words: str
    told: str = ""
    restarts: bool = False  # what runs on the node, when it is undone


FAULTS = {
    "drain": Fault(MANAGER, "is drained"),
    "kill": Fault(HOST, "is killed, as by a loss of power"),
    "stop": Fault(HOST, "is shut down"),
    "pause": Fault(HOST, "stands still, as a virtual machine does that is paused"),
    "hang": Fault(
        MACHINE, "has an engine that hangs (SIGSTOP)", "What its containers run goes on, beside what replaces it."
    ),
    "partition": Fault(
        MACHINE,
        "reaches no other machine of the cluster",
        "What its containers run goes on, beside what replaces it, until it hears of the swarm again.",
    ),
    "partition-data": Fault(
        MACHINE,
        "reaches the managers, and nobody over the overlay networks (4789/udp, 7946)",
        "The swarm does not look at that: it moves nothing.",
    ),
    "lossy": Fault(MACHINE, "loses packets, and is slow"),
    "disk-full": Fault(MACHINE, "has no room where its engine keeps its data"),
    "engine": Fault(MACHINE, "has lost its engine (SIGKILL)", "It is started again by what watches over it."),
    "flush": Fault(
        MACHINE,
        "has lost its engine's rules, as after a firewall's reload",
        "The swarm does not look at that: it moves nothing. Its engine is restarted to mend it.",
        restarts=True,
    ),
}


def refusal(how: str, seconds: int, node: str, contained: bool) -> str:
    """Why this cannot be done to the node; empty: it can. C(contained): its machine is a container of this computer."""
    if how not in FAULTS:
        return f"HOW={how} is no fault{meant(how, FAULTS)}; there are {', '.join(FAULTS)}"
    if not 1 <= seconds <= LONGEST:
        return f"FOR={seconds}: a fault lasts from 1 to {LONGEST} seconds"
    if FAULTS[how].where == HOST and not contained:
        return (
            f"HOW={how}: {node} is a server, and nobody here could start it again; do that by hand, or choose one of "
            + ", ".join(name for name, fault in FAULTS.items() if fault.where != HOST)
        )
    return ""


def hosts(
    names: Mapping[str, str], hostvars: Mapping[str, Mapping[str, Any]], contained: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """What plan() is told of the machines, from the name of each host's machine and the hosts that are containers."""
    contained = set(contained)
    return {
        host: {"name": name, "address": hostvars[host].get("swarm_node_address", ""), "contained": host in contained}
        for host, name in names.items()
    }


def ways(machines: Mapping[str, Mapping[str, Any]], node: str) -> list[str]:
    """All that can be done to a node, by its host's name or its own."""
    contained = any(one["contained"] for host, one in machines.items() if node in (host, one["name"]))
    return [how for how in FAULTS if not refusal(how, 1, node, contained)]


def plan(
    how: str, seconds: int, node: str, hosts: Mapping[str, Mapping[str, Any]], managers: Iterable[str]
) -> dict[str, Any]:
    """Who does what in a drill: the host of the node, where the fault is made, and who may watch the swarm meanwhile.

    C(hosts) are the machines of the cluster by their host: name, address, whether they are C(contained).
    """
    (host,) = (host for host, one in hosts.items() if node in (host, one["name"]))
    one = hosts[host]
    if why := refusal(how, seconds, one["name"], one["contained"]):
        return {"refusal": f"Nothing was touched: {why}"}
    others = [manager for manager in managers if manager != host]
    fault = FAULTS[how]
    return {
        "refusal": "",
        "host": host,
        "node": one["name"],
        "how": how,
        "seconds": seconds,
        "words": f"{one['name']} {fault.words}",
        "told": fault.told,
        "where": fault.where,
        "restarts": fault.restarts,
        "contained": one["contained"],
        # The node's own engine is asked only where nobody else can tell.
        "watchers": others or [host],
        "alone": not others,
        "peers": [other["address"] for name, other in hosts.items() if name != host and other["address"]],
    }


def scripts(how: str, node: str, peers: Iterable[str], about: Mapping[str, Any]) -> tuple[str, str, str]:
    """The shell commands that make a fault on the machine that they run on, those that undo it, and what is to be said.

    C(about) is what was seen there: C(device) to the peers, C(netem), C(data) (the engine's folder), C(alone) (whether
    that is on a file system of its own), C(systemd). Undoing what was not made, or undone already, does no harm.
    """
    if how == "drain":
        update = "docker node update --availability"
        return f"{update} drain {shlex.quote(node)}", f"{update} active {shlex.quote(node)}", ""
    if how == "hang":
        return f"kill -STOP {PID}", f"kill -CONT {PID}", ""
    if how == "engine":
        return f"kill -KILL {PID}", "true", ""
    if how == "flush":
        # A container ends with its engine, and whoever undoes it is in there, too: he has to leave first.
        ends = f"setsid sh -c 'sleep 1; kill -TERM {PID}' > /dev/null 2>&1 < /dev/null &"
        restart = "systemctl restart docker.service" if about["systemd"] else ends
        return "iptables -w -F FORWARD; iptables -w -t nat -F", restart, ""
    if how.startswith("partition"):
        return (*_dropping(peers, PLANES[how.partition("-")[2] or "all"]), "")
    if how == "lossy":
        if about["netem"]:
            device = shlex.quote(about["device"])
            add = f"tc qdisc add dev {device} root netem delay 200ms 50ms loss 15%"
            return add, f"tc qdisc del dev {device} root", "delayed by 200 ms, give or take 50, and 15 % lost"
        lost = "its kernel has no netem, so packets are lost (15 %, each way) and none is late"
        return (*_dropping(peers, (), "-m statistic --mode random --probability 0.15"), lost)
    if how == "disk-full":
        return _full(about)
    raise ValueError(how)


def _dropping(peers: Iterable[str], ports: Iterable[str], more: str = "") -> tuple[str, str]:
    """In a chain of our own, before all others; SSH goes on, or nobody could look."""
    kinds = [("-p tcp --dport 22", "RETURN"), ("-p tcp --sport 22", "RETURN")]
    lines = [f"-A {CHAIN} {match} -j {target}" for match, target in kinds]
    for peer in peers:
        matches = [f"-p {kind} --dport {port} " for kind, port in (each.split(":") for each in ports)] or [""]
        for match in matches:
            words = " ".join(f"{match}{more}".split())
            lines += [" ".join(f"-A {CHAIN} {way} {peer} {words} -j DROP".split()) for way in ("-s", "-d")]
    hooks = ("PREROUTING", "POSTROUTING")
    rules = "\n".join(
        ["*mangle", f":{CHAIN} - [0:0]", *lines, *(f"-I {hook} 1 -j {CHAIN}" for hook in hooks), "COMMIT"]
    )
    undo = [*(f"iptables -w -t mangle -D {hook} -j {CHAIN}" for hook in hooks)]
    undo += [f"iptables -w -t mangle -{way} {CHAIN}" for way in "FX"]
    return f"iptables-restore -w --noflush << 'END'\n{rules}\nEND", "; ".join(undo)


def _full(about: Mapping[str, Any]) -> tuple[str, str, str]:
    if about["alone"]:
        file = shlex.quote(f"{about['data']}/{FULL}")
        # Root may use what is reserved for it, too, so what is left is taken in ever smaller pieces.
        make = (
            f"size=$(df --output=size -B1 {shlex.quote(about['data'])} | tail -n 1); "
            f'while [ "$size" -gt 4096 ]; do had=$(stat -c %s {file} 2>/dev/null || echo 0); '
            f'fallocate -o "$had" -l "$size" {file} 2>/dev/null || size=$((size / 2)); done'
        )
        return make, f"rm -f {file}", f"the file system of {about['data']} is filled"
    engines = "$(cat /run/docker.pid) $(pgrep -x containerd)"
    limit = f"for pid in {engines}; do prlimit --pid $pid --fsize=%s:unlimited; done"
    told = (
        f"{about['data']} shares its file system with others, who would suffer too; so that is not filled, and the "
        "engine may write nothing to files instead (RLIMIT_FSIZE)"
    )
    return limit % "0", limit % "unlimited", told


def address(text: str) -> str:
    """A peer as it may stand in a rule."""
    if not re.fullmatch(r"[\d.]+", text):
        raise Refusal(f"'{text}' is no IPv4 address: give those of the other machines, for example 172.30.0.10")
    return text
