# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every Linux system's own files say of it: the distribution, its routes and its addresses."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from typing import Any

OS_RELEASE = ("/etc/os-release", "/usr/lib/os-release")  # the first that there is
ROUTES = "/proc/net/route"
TRIE = "/proc/net/fib_trie"
ADDRESSES6 = "/proc/net/if_inet6"


def os_release(text: str) -> dict[str, Any]:
    """Of the text of /etc/os-release, the C(family) (debian, redhat or none), C(id), the ids it is C(like), C(version),
    C(major) version, C(codename), and C(name)."""
    words = dict(re.findall(r"^(\w+)=[\"']?(.*?)[\"']?\s*$", text, re.MULTILINE))
    name, like = words.get("ID", ""), words.get("ID_LIKE", "").split()
    known = {name, *like}
    family = "debian" if known & {"debian", "ubuntu"} else "redhat" if known & {"rhel", "fedora", "centos"} else ""
    return {
        "family": family,
        "id": name,
        "like": like,
        "version": words.get("VERSION_ID", ""),
        "major": words.get("VERSION_ID", "").partition(".")[0],
        "codename": words.get("VERSION_CODENAME", ""),
        "name": words.get("PRETTY_NAME") or name,
    }


def routes(table: str) -> list[dict[str, str]]:
    """The routes of /proc/net/route but for the default one, each with its C(subnet) and C(interface)."""
    found = []
    for line in table.splitlines()[1:]:
        fields = line.split()
        address, mask = (int.from_bytes(bytes.fromhex(fields[at]), "little") for at in (1, 7))
        if mask:
            found.append({"subnet": f"{IPv4Address(address)}/{bin(mask).count('1')}", "interface": fields[0]})
    return found


def own_addresses(trie: str, addresses6: str) -> list[str]:
    """The addresses of /proc/net/fib_trie and /proc/net/if_inet6, but for loopback and link-local ones."""
    four = {IPv4Address(one) for one in re.findall(r"\|-- (\S+)\n\s+/32 host LOCAL", trie)}
    six = {IPv6Address(bytes.fromhex(line.split()[0])) for line in addresses6.splitlines() if line.strip()}
    return [str(one) for some in (four, six) for one in sorted(some) if not (one.is_loopback or one.is_link_local)]  # type: ignore[attr-defined]
