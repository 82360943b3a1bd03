# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules for what comes from containers, in the words of iptables and of nftables.

They look at packets that come out of Docker's bridges: on their way in, before Docker's address translation, for this
machine's own addresses; on their way out for everything else. Between two containers of one bridge nothing is dropped,
except on the one that all tasks of the swarm share, and nowhere is what answers somebody from outside.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from .containers import DNS, STORAGE, SWARM, Containers
from .words import versioned

CHAIN = "HYDRA-SWARM"
# docker0, docker_gwbridge, and the bridges of a host's own networks.
BRIDGES = ("docker", "br-")
# Every task of the swarm is on this one, each student's too, and the routing mesh with what it publishes.
TASKS = "docker_gwbridge"
# What comes in from containers, goes out, and leaves Docker's bridges; what is the swarm's own; what may be opened.
CHAINS = tuple(f"{CHAIN}-{name}" for name in ("IN", "OUT", "LEAVING", "SWARM", "CLOSED"))
IN, OUT, LEAVING, OWN, CLOSED = CHAINS
# Of a machine that is a container: the addresses of the computer it is on, put in by the machine (hydra-node).
COMPUTER = f"{CHAIN}-COMPUTER"


def machine_script(rules: Containers) -> str:
    """For a machine that is a container, which has no other rules of ours; a shell runs it before the engine starts."""
    more = f"-A {LEAVING} -j {COMPUTER}"
    return "".join(
        ("if [ -e /proc/net/if_inet6 ]; then\n" if version == 6 else "")
        + f"{command}-restore -w --noflush <<'END'\n"
        + "\n".join(
            [
                "*mangle",
                *(f":{chain} - [0:0]" for chain in (*CHAINS, COMPUTER)),
                *iptables(rules, version),
                more,
                "COMMIT",
                "END",
                "",
            ]
        )
        + jumps(command)
        + ("fi\n" if version == 6 else "")
        for version, command in ((4, "iptables"), (6, "ip6tables"))
    )


def digest(script: str) -> str:
    return hashlib.sha256(script.encode()).hexdigest()[:12]


def jumps_from() -> list[str]:
    """Where packets come to these chains."""
    return [
        f"{hook} -i {bridge}+ -j {chain}"
        for hook, chain in (("PREROUTING", IN), ("FORWARD", OUT))
        for bridge in BRIDGES
    ]


def jumps(command: str) -> str:
    script = ""
    for jump in jumps_from():
        script += f"{command} -w -t mangle -C {jump} 2>/dev/null || {command} -w -t mangle -I {jump}\n"
    return script


def iptables(rules: Containers | None, version: int, spared: Iterable[str] = ()) -> Iterator[str]:
    """Without rules the chains stay empty."""
    if rules is None:
        return
    for name in spared:
        yield f"-A {IN} -i {name} -j RETURN"
        yield f"-A {OUT} -i {name} -j RETURN"
        yield f"-A {OUT} -o {name} -j {LEAVING}"
        yield f"-A {OUT} -o {name} -j RETURN"
    # Broadcasts and multicasts reach this machine, too.
    for kind in ("BROADCAST", "MULTICAST") if version == 4 else ("ANYCAST", "MULTICAST"):
        yield f"-A {IN} -m addrtype --dst-type {kind} -j {OWN}"
    yield f"-A {IN} -m addrtype --dst-type LOCAL -j {OWN}"
    yield f"-A {IN} -m addrtype --dst-type LOCAL -j {CLOSED}"
    # What goes to a published port that is opened below had another address at first.
    for bridge in BRIDGES:
        yield f"-A {OUT} -i {TASKS} -o {bridge}+ -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP"
    yield from (f"-A {OUT} -o {bridge}+ -j RETURN" for bridge in BRIDGES)
    yield f"-A {OUT} -j {LEAVING}"
    yield f"-A {LEAVING} -j {OWN}"
    yield from (f"-A {LEAVING} -d {address} -j {CLOSED}" for address in versioned(rules.closed, version))
    yield from (f"-A {OWN} {_port(*one)} -j DROP" for one in SWARM)
    yield from (f"-A {CLOSED} {_port(*one)} -j DROP" for one in STORAGE)
    yield f"-A {CLOSED} -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN"
    if version == 6:  # how a neighbour is found
        yield f"-A {CLOSED} -p ipv6-icmp -j RETURN"
    yield from (f"-A {CLOSED} {_port(*one)} -j RETURN" for one in DNS)
    for reach in rules.reach:
        to = versioned(reach.to, version)
        for address in to or (() if reach.to else ("",)):
            for one in reach.ports or (("", ""),):
                words = [*([f"-d {address}"] if address else []), *([_port(*one)] if one[0] else []), "-j RETURN"]
                yield f"-A {CLOSED} {' '.join(words)}"
    yield f"-A {CLOSED} -j DROP"


def _port(numbers: str, protocol: str) -> str:
    return f"-p {protocol} -m {protocol} --dport {numbers.replace('-', ':')}"


def nft(rules: Containers, spared: tuple[str, ...] = ()) -> Iterator[str]:
    yield from _chain("swarm", (f"{protocol} dport {number} drop" for number, protocol in SWARM))
    yield from _chain("closed", _nft_closed(rules))
    near = [f"{family} daddr {_set(to)} jump closed" for family, to in _families(rules.closed)]
    yield from _chain("leaving", ["jump swarm", *near])
    local = [f"fib daddr type {kind} jump swarm" for kind in ("local", "broadcast", "multicast", "anycast")]
    yield from _chain("inside", [*local, "fib daddr type local jump closed"])
    between = [f'iifname "{TASKS}" oifname "{bridge}*"' for bridge in BRIDGES]
    apart = [
        f"{two} {how}" for two in between for how in ("ct status dnat accept", "ct state new,invalid,untracked drop")
    ]
    ours = [*apart, *(f'oifname "{bridge}*" accept' for bridge in BRIDGES)]
    away = [f'oifname "{name}" {what}' for name in spared for what in ("jump leaving", "accept")]
    yield from _chain("outward", [*away, *ours, "jump leaving"])
    for name, hook, chain in (("from_containers", "prerouting", "inside"), ("away", "forward", "outward")):
        others = [f'iifname "{one}" accept' for one in spared]
        taken = [f'iifname "{bridge}*" jump {chain}' for bridge in BRIDGES]
        yield from _chain(name, [f"type filter hook {hook} priority -150; policy accept;", *others, *taken])


def _nft_closed(rules: Containers) -> Iterator[str]:
    yield from (f"{protocol} dport {number} drop" for number, protocol in STORAGE)
    yield "ct state established,related accept"
    yield "meta l4proto ipv6-icmp accept"
    yield from (f"{protocol} dport {number} accept" for number, protocol in DNS)
    for reach in rules.reach:
        to = [f"{family} daddr {_set(some)}" for family, some in _families(reach.to)]
        ports = [f"{protocol} dport {numbers}" for numbers, protocol in reach.ports]
        for words in ([one, another] for one in to or [""] for another in ports or [""]):
            yield " ".join([*filter(None, words), "accept"])
    yield "drop"


def _chain(name: str, lines: Iterable[str]) -> list[str]:
    return [f"chain {name} {{", *lines, "}"]


def _set(addresses: Iterable[str]) -> str:
    return f"{{ {', '.join(addresses)} }}"


def _families(addresses: Iterable[str]) -> list[tuple[str, tuple[str, ...]]]:
    addresses = tuple(addresses)
    both = (("ip", versioned(addresses, 4)), ("ip6", versioned(addresses, 6)))
    return [(family, some) for family, some in both if some]
