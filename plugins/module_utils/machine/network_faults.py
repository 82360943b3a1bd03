# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with a machine's network although its engine answers, from what C(world_network) saw there.

An engine writes its rules when it starts, and does not notice when somebody throws them away. Which chains it hooks in
has not changed from Engine 20.10 to 29; what else it writes has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..server.firewall.scripts_containers import jumps_from

ENGINE = {"filter": "-A FORWARD -j DOCKER-USER", "nat": "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER"}
LEAVES = r"-A POSTROUTING -s \S+ ! -o {bridge} -j (MASQUERADE|SNAT)"
OFF = ("--iptables=false", "--iptables=0", "--firewall-backend=nftables")
REFUSED = 5  # by which a name server says that it serves others

RULES, CLOSED, NAMES, CALLED = "rules", "closed", "names", "called"
Fault = dict[str, Any]


def faults(look: Mapping[str, Any]) -> list[Fault]:
    """Each with its C(kind), C(words), and whether swarm-up C(mends) it.

    An engine's rules come back when it starts anew; of a machine that is a container all does. How a server resolves
    names is for its administrator.
    """
    tables = _tables(look.get("rules"))
    found = []
    if tables is not None and not _unmanaged(look) and (gone := list(_gone(tables, look))):
        words = f"the engine's rules are gone ({', '.join(gone)}): its containers may reach nobody, nor be reached"
        found.append(_fault(RULES, True, words))
    if tables is not None and look.get("closes"):
        lacking = [jump for jump in jumps_from() if f"-A {jump}" not in tables.get("mangle", [])]
        if lacking:
            words = "the rules that keep containers from the cluster's machines are gone (table mangle)"
            found.append(_fault(CLOSED, True, words))
    called = look.get("called") or {}
    if look.get("contained") and len(set(called.values())) > 1:
        now, before = called["by itself"], called["by its file"]
        words = f"somebody changed its host name to {now}: it is {before} in the inventory"
        found.append(_fault(CALLED, True, words))
    return [*found, *_unnamed(look)]


def _fault(kind: str, mends: bool, words: str) -> Fault:
    return {"kind": kind, "mends": mends, "words": words}


def _tables(text: str | None) -> dict[str, list[str]] | None:
    """The rules that iptables-save prints, by table."""
    if text is None:
        return None
    tables: dict[str, list[str]] = {}
    table: list[str] = []
    for line in text.splitlines():
        if line.startswith("*"):
            table = tables.setdefault(line[1:].strip(), [])
        else:
            table.append(line.strip())
    return tables


def _settings(look: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        settings = json.loads(look.get("settings") or "{}")
    except ValueError:
        return {}
    return settings if isinstance(settings, dict) else {}


def _unmanaged(look: Mapping[str, Any]) -> bool:
    """Whether the engine was told to leave iptables alone, so that what is there is not its own."""
    settings = _settings(look)
    if settings.get("iptables") is False or settings.get("firewall-backend") == "nftables":
        return True
    return any(word in OFF for word in look.get("arguments") or ())


def _gone(tables: Mapping[str, list[str]], look: Mapping[str, Any]) -> Iterator[str]:
    for table, rule in ENGINE.items():
        if rule not in tables.get(table, []):
            yield f"{table}: {rule.rpartition(' ')[2]}"
    settings, rules = _settings(look), tables.get("nat", [])
    own = settings.get("ip-masq") is False or "bridge" in settings
    bridges = [bridge for bridge in look.get("bridges") or () if not (own and bridge == "docker0")]
    kept = [bridge for bridge in bridges if any(re.match(LEAVES.format(bridge=bridge), rule) for rule in rules)]
    # A server's administrator may have made one of them without.
    if not (kept and not look.get("contained")):
        yield from (f"nat: MASQUERADE for {bridge}" for bridge in bridges if bridge not in kept)


def _unnamed(look: Mapping[str, Any]) -> Iterator[Fault]:
    """A server without any name server may be meant so; a container always has one."""
    text, answers = look.get("resolver") or "", look.get("answers") or {}
    servers = [words[1] for words in map(str.split, text.splitlines()) if len(words) > 1 and words[0] == "nameserver"]
    contained = bool(look.get("contained"))
    if not servers and contained:
        yield _fault(NAMES, contained, "it resolves no names: its /etc/resolv.conf names no server")
    elif servers and not any(code != REFUSED for code in answers.values()):
        does = "serves it" if answers else "answers"
        words = f"none of the servers in its /etc/resolv.conf {does} ({', '.join(servers)})"
        yield _fault(NAMES, contained, f"it resolves no names: {words}")
