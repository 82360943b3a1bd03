# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every Linux system's own files say of it: the distribution, and its routes."""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from typing import Any

OS_RELEASE = ("/etc/os-release", "/usr/lib/os-release")  # the first that there is
ROUTES = "/proc/net/route"


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
