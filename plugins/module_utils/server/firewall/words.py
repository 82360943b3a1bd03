# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Addresses and ports as people write them; every mistake is added to a list of problems."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Any

PORT = re.compile(r"([1-9][0-9]{0,4})(?:-([1-9][0-9]{0,4}))?/(tcp|udp)")
ADDRESS_RULE = "write an address or a network like 192.0.2.10 or 192.0.2.0/24"


def collapse(texts: Iterable[str]) -> tuple[str, ...]:
    """Without what is inside another: some firewalls refuse a set that overlaps itself."""
    networks = [ipaddress.ip_network(text) for text in texts]
    four = ipaddress.collapse_addresses(one for one in networks if isinstance(one, ipaddress.IPv4Network))
    six = ipaddress.collapse_addresses(one for one in networks if isinstance(one, ipaddress.IPv6Network))
    written = [*map(str, sorted(four)), *map(str, sorted(six))]
    return tuple(text.removesuffix("/128" if ":" in text else "/32") for text in written)


def addresses(where: str, texts: Iterable[Any], problems: list[str]) -> tuple[str, ...]:
    good = []
    for text in texts:
        try:
            if not isinstance(text, str):  # a number would be taken for an address
                raise ValueError("it is no text")
            network = ipaddress.ip_network(text)
        except ValueError as error:
            problems.append(f"{where}: '{text}' is no address ({error}): {ADDRESS_RULE}")
            continue
        if network.prefixlen == 0:
            problems.append(f"{where}: '{text}' is everybody: list the addresses that are meant")
            continue
        good.append(text)
    return collapse(good)


def port(text: Any) -> tuple[str, int, int] | None:
    """(protocol, first, last); None where it is written otherwise, and no range from 1 to 65535."""
    match = PORT.fullmatch(str(text))
    if not match:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    return (match[3], first, last) if first <= last < 65536 else None


def versioned(texts: Iterable[str], version: int) -> tuple[str, ...]:
    """Those of one version of IP."""
    return tuple(text for text in texts if ipaddress.ip_network(text).version == version)
