# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ports of a service: short and long syntax, ranges, and what Swarm makes of them."""

from __future__ import annotations

import re
from typing import Any

from .kinds import choice, read, record, text
from .report import UNKNOWN, Path, Report, shown

FORM = "write it like 8080:80, 80 or 53:53/udp"
RANGE = re.compile(r"[\d-]*")
PROTOCOLS = ("tcp", "udp", "sctp")
LONG = record(
    {
        "target": text,
        "published": text,
        "protocol": choice(*PROTOCOLS),
        "mode": choice("ingress", "host"),
        "host_ip": text,
        "name": text,
        "app_protocol": text,
    }
)
Port = dict[str, Any]


def ports(value: Any, path: Path, report: Report) -> list[Port]:
    """Every port on its own: its target, where it is published (nowhere: the swarm chooses), protocol and mode."""
    if not isinstance(value, list):
        raise ValueError(f"this is {shown(value)}, not a list; {FORM}")
    found: list[Port] = []
    for index, item in enumerate(value):
        for port in read(_port, item, (*path, index), report) or []:
            if port not in found:
                found.append(port)
    return found


def _port(value: Any, path: Path, report: Report) -> list[Port]:
    if not isinstance(value, dict):
        return _short(text(value, path, report), path, report)
    entry = {"protocol": "tcp", "mode": "ingress", **LONG(value, path, report)}
    if "target" not in entry:
        if value.get("target") is not UNKNOWN:
            raise ValueError("target is missing: the port inside the container")
        return []
    _ignored_address(entry.get("host_ip", ""), f"{entry.get('published', '')}:{entry['target']}", path, report)
    spread = _spread(_range(entry["target"]), _range(entry.get("published", "")), entry["protocol"])
    return [{**port, "mode": entry["mode"]} for port in spread]


def _short(value: str, path: Path, report: Report) -> list[Port]:
    *before, inside = value.strip().rsplit(":", 2)
    address, published = before if len(before) == 2 else ("", *before) if before else ("", "")
    target, _slash, protocol = inside.partition("/")
    protocol = protocol.lower() or "tcp"
    if not all(RANGE.fullmatch(word) for word in (published, target)) or not target or protocol not in PROTOCOLS:
        raise ValueError(f"{shown(value)} is no port; {FORM}")
    _ignored_address(address, value, path, report)
    return [{**port, "mode": "ingress"} for port in _spread(_range(target), _range(published), protocol)]


def _ignored_address(address: str, port: str, path: Path, report: Report) -> None:
    if address:
        report.note(
            f"{path[1]}: port {port}: a swarm publishes on every address of its nodes, so {address.strip('[]')} is "
            "ignored"
        )


def _range(words: str) -> range:
    """Ports from the first to the last; no words, no ports."""
    if words in ("", "0"):
        return range(0)
    match = re.fullmatch(r"(\d+)(?:-(\d+))?", words)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not match or not 0 < first <= last < 65536:
        raise ValueError(f"port {shown(words)} is not between 1 and 65535; {FORM}")
    return range(first, last + 1)


def _spread(targets: range, published: range, protocol: str) -> list[Port]:
    if not targets:
        raise ValueError(f"the port inside the container is missing; {FORM}")
    if not published:
        return [{"target": target, "protocol": protocol} for target in targets]
    if len(targets) == 1:
        return [{"target": targets[0], "published": port, "protocol": protocol} for port in published]
    if len(targets) != len(published):
        raise ValueError(f"{len(published)} ports are published for {len(targets)} ports inside: make it as many")
    return [
        {"target": target, "published": port, "protocol": protocol}
        for target, port in zip(targets, published, strict=True)
    ]
