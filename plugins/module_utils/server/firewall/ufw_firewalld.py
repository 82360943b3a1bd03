# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ufw and firewalld, which close what nobody opened, have to let in, in their words; and the unit for boot.

ufw: rules with our comment. firewalld: a policy that is named after us, for all zones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .rules import OWNER, Rule

_ADDED = re.compile(r"ufw (?P<rule>.*?)(?: comment '(?P<comment>.*)')?")
UNIT = """\
# Written by hydra.swarm.firewall_rules; changes made by hand are overwritten.
[Unit]
Description=Who may reach the ports of the swarm (hydra.swarm)
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target shutdown.target
After=local-fs.target systemd-modules-load.service nftables.service
Conflicts=shutdown.target
# Starting or reloading nftables takes all tables away, also this one.
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh {script}
ExecReload=/bin/sh {script}

[Install]
WantedBy=sysinit.target
"""


def ufw_rules(opened: Iterable[Rule]) -> list[str]:
    """As `ufw show added` writes them, and as ufw reads them."""
    rules = []
    for rule in opened:
        ports = rule.ports.replace("-", ":")
        for source in rule.sources:
            rules.append(f"allow from {source}" + (f" to any port {ports} proto {rule.protocol}" if ports else ""))
        if not rule.sources:
            rules.append(f"allow {ports}/{rule.protocol}")
    return sorted(set(rules))


def ufw_added(shown: str) -> tuple[set[str], set[str]]:
    """Rules of ours, and those of others, of what `ufw show added` prints.

    A rule that limits how often is one that allows: ufw would replace it by ours, and it would go with ours.
    """
    ours: set[str] = set()
    others: set[str] = set()
    for line in shown.splitlines():
        match = _ADDED.fullmatch(line.strip())
        if match:
            rule = re.sub("^limit ", "allow ", match["rule"])
            (ours if match["comment"] == OWNER else others).add(rule)
    return ours, others


def ufw_commands(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """What to run to get from one set of our rules to the other; additions first, so that nothing closes in between."""
    old, new = set(before), set(after)
    added = [f"ufw {rule} comment '{OWNER}'" for rule in sorted(new - old)]
    return added + [f"ufw delete {rule}" for rule in sorted(old - new)]


def firewalld_policy(opened: Iterable[Rule]) -> str:
    """A policy file; it is asked before the zones are, and leaves to them what it does not let in."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', '<policy target="CONTINUE" priority="-1">']
    lines += [f"  <short>{OWNER}</short>", '  <ingress-zone name="ANY"/>', '  <egress-zone name="HOST"/>']
    for rule in opened:
        port = f'<port port="{rule.ports}" protocol="{rule.protocol}"/>' if rule.ports else ""
        for version in (4, 6):
            part = rule.of(version)
            lines += [
                f'  <rule family="ipv{version}"><source address="{source}"/>{port}<accept/></rule>'
                for source in (part.sources if part else ())
            ]
        if not rule.sources:
            lines.append(f"  {port}")
    return "\n".join([*lines, "</policy>", ""])
