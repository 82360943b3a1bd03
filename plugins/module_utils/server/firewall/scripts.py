# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules as the shell script that loads them all at once, and the one that takes them away: nftables and iptables.

Each is a table or chains of our own, and nothing else is touched. They look at a packet before Docker's address
translation does (hook prerouting, priority of mangle), so that one rule holds for what a program of this host answers
and for what Docker redirects to a container, under the port the client asked for. What they do not drop goes on to
whatever other rules the host has. The scripts run at boot as well, by a shell: nothing in them comes from outside
unchecked.
"""

from __future__ import annotations

from collections.abc import Iterator

from . import scripts_containers
from .rules import OWNER, Policy, Rule
from .scripts_containers import BRIDGES, CHAIN

TABLE = "inet hydra_swarm"
CHAINS = (CHAIN, *(f"{CHAIN}-{name}" for name in ("FORWARD", "PORTS", "LISTED")), *scripts_containers.CHAINS)
HEADER = "#!/bin/sh\n# Written by hydra.swarm.firewall_rules; changes made by hand are overwritten.\nset -e\n"


def nft_load(policy: Policy) -> str:
    """Naming the table first lets it be deleted where there is none; nft does all of one file, or nothing."""
    lines = [f"table {TABLE}", f"delete table {TABLE}", f"table {TABLE} {{"]
    if policy.guard:
        lines += _nft_guard(policy)
    if policy.published:
        lines += _nft_published(policy)
    if policy.containers:
        lines += scripts_containers.nft(policy.containers, policy.spared)
    return "nft -f - <<'END'\n" + "\n".join([*lines, "}", "END", ""])


def nft_unload() -> str:
    return f"nft -f - <<'END'\ntable {TABLE}\ndelete table {TABLE}\nEND\n"


def iptables_load(command: str, policy: Policy, version: int) -> str:
    """C(command) is iptables or ip6tables, or their legacy variant; the chains change at once, then are jumped to."""
    lines = ["*mangle", *(f":{chain} - [0:0]" for chain in CHAINS)]
    if policy.guard:
        lines += [f"-A {CHAIN} {rule} -j RETURN" for rule in _always(version)]
        lines += [f"-A {CHAIN} {rule}" for rule in _iptables(policy.guard, version, "--dport")]
    if policy.published:
        lines += [f"-A {CHAIN}-FORWARD -m conntrack ! --ctstate DNAT -j RETURN"]
        lines += [f"-A {CHAIN}-FORWARD -m conntrack ! --ctstate NEW -j RETURN"]
        lines += [f"-A {CHAIN}-FORWARD -o {name} -j RETURN" for name in policy.spared]
        lines += [f"-A {CHAIN}-FORWARD -o {bridge}+ -j {CHAIN}-PORTS" for bridge in BRIDGES]
        lines += [f"-A {CHAIN}-PORTS -i {name} -j {CHAIN}-LISTED" for name in policy.spared]
        lines += [f"-A {CHAIN}-PORTS -i {bridge}+ -j RETURN" for bridge in BRIDGES]
        lines += [f"-A {CHAIN}-PORTS -j {CHAIN}-LISTED"]
        lines += [f"-A {CHAIN}-LISTED {rule}" for rule in _iptables(policy.published, version, "--ctorigdstport")]
    lines += scripts_containers.iptables(policy.containers, version, policy.spared)
    script = f"{command}-restore -w --noflush <<'END'\n" + "\n".join([*lines, "COMMIT", "END", ""])
    for jump in _all_jumps():
        script += f"{command} -w -t mangle -C {jump} 2>/dev/null || {command} -w -t mangle -I {jump}\n"
    return script


def iptables_unload(command: str) -> str:
    jumps = [f"while {command} -w -t mangle -D {jump} 2>/dev/null; do :; done" for jump in _all_jumps()]
    # All are emptied before one is deleted, since a chain that another one names cannot be.
    gone = [f"{command} -w -t mangle {step} {chain} 2>/dev/null || :" for step in ("-F", "-X") for chain in CHAINS]
    return "\n".join([*jumps, *gone, ""])


def _jumps() -> tuple[str, str]:
    return f"PREROUTING -j {CHAIN}", f"FORWARD -j {CHAIN}-FORWARD"


def _all_jumps() -> list[str]:
    return [*_jumps(), *scripts_containers.jumps_from()]


def _nft_guard(policy: Policy) -> Iterator[str]:
    yield "chain guard {"
    yield "type filter hook prerouting priority -150; policy accept;"
    yield f'iifname "lo" accept comment "{OWNER}"'
    yield "ct state established,related accept"
    yield "fib daddr type != local accept"
    yield "meta l4proto { icmp, ipv6-icmp } accept"
    yield "ip6 saddr fe80::/10 udp dport 546 accept"
    yield from _nft(policy.guard, "dport")
    yield "}"


def _nft_published(policy: Policy) -> Iterator[str]:
    yield "chain listed {"
    yield from _nft(policy.published, "original")
    yield "}"
    yield "chain ports {"
    yield from (f'iifname "{name}" jump listed' for name in policy.spared)
    yield from (f'iifname "{bridge}*" accept' for bridge in BRIDGES)
    yield "jump listed"
    yield "}"
    yield "chain published {"
    yield "type filter hook forward priority -150; policy accept;"
    yield from (f'oifname "{name}" accept' for name in policy.spared)
    yield from (f'oifname "{bridge}*" ct status dnat ct state new jump ports' for bridge in BRIDGES)
    yield "}"


def _nft(rules: tuple[Rule, ...], port: str) -> Iterator[str]:
    for rule in rules:
        words = []
        if rule.protocol and port == "dport":
            words = [f"{rule.protocol} dport {rule.ports}"]
        elif rule.protocol:
            words = [f"meta l4proto {rule.protocol} ct original proto-dst {rule.ports}"]
        if not rule.sources:
            yield " ".join([*words, rule.verdict])
        for version, family in ((4, "ip"), (6, "ip6")):
            part = rule.of(version) if rule.sources else None
            if part:
                yield " ".join([f"{family} saddr {{ {', '.join(part.sources)} }}", *words, rule.verdict])


def _always(version: int) -> list[str]:
    """What is never dropped: this host itself, answers, other hosts' packets, ICMP, and an address by DHCPv6."""
    rules = ["-i lo", "-m conntrack --ctstate RELATED,ESTABLISHED", "-m addrtype ! --dst-type LOCAL"]
    if version == 4:
        return [*rules, "-p icmp"]
    return [*rules, "-p ipv6-icmp", "-s fe80::/10 -p udp -m udp --dport 546"]


def _iptables(rules: tuple[Rule, ...], version: int, port: str) -> Iterator[str]:
    for rule in rules:
        part = rule.of(version)
        match = ""
        if rule.protocol:
            test = f"-m {rule.protocol}" if port == "--dport" else "-m conntrack"
            match = f"-p {rule.protocol} {test} {port} {rule.ports.replace('-', ':')} "
        for source in (part.sources or ("",)) if part else ():
            yield f"{f'-s {source} ' if source else ''}{match}-j {'DROP' if rule.verdict == 'drop' else 'RETURN'}"
