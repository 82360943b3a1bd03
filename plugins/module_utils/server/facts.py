# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads what a Linux server's files say of it: sockets, name servers, and where its packages come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address

LISTENING = "0A"
ANYWHERE = ("00000000", "0" * 32)


def listeners(table: str, protocol: str, address: str) -> dict[int, list[str]]:
    """Ports on which something listens that C(address) would have to share, with the inodes of those sockets.

    C(table) is the text of /proc/net/tcp, tcp6, udp or udp6.
    """
    own = _hex(address)
    found: dict[int, list[str]] = {}
    for line in table.splitlines()[1:]:
        fields = line.split()
        where, _sign, port = fields[1].partition(":")
        if protocol == "tcp" and fields[3] != LISTENING:
            continue
        # An IPv4 address stands in the last eight digits of a mapped IPv6 one.
        if (
            where in ANYWHERE
            or where == own
            or (len(where) == 32 and where.endswith(own) and where[16:24] == "FFFF0000")
        ):
            found.setdefault(int(port, 16), []).append(fields[9])
    return found


def _hex(address: str) -> str:
    try:
        return IPv4Address(address).packed[::-1].hex().upper()
    except ValueError:
        return "none"


def nameservers(text: str) -> list[str]:
    lines = (line.split() for line in text.splitlines())
    return [words[1] for words in lines if len(words) > 1 and words[0] == "nameserver"]


def time_service(commands: Iterable[str]) -> str:
    """The program that keeps the clock right, of the names of all that run; empty: none does."""
    # The kernel shows fifteen letters of a name.
    names = {
        "chronyd": "chrony",
        "systemd-timesyn": "systemd-timesyncd",
        "ntpd": "ntpd",
        "openntpd": "openntpd",
        "ptp4l": "ptp4l",
        "phc2sys": "phc2sys",
    }
    return next((names[command] for command in commands if command in names), "")


def apt_sources(files: Mapping[str, str]) -> list[dict[str, str]]:
    """Where apt finds its packages: C(uri) and C(suite) of every source that is on, from its files by name."""
    found: list[dict[str, str]] = []
    for name, text in files.items():
        pairs = _deb822(text) if name.endswith(".sources") else _lines(text)
        found += [{"uri": uri.rstrip("/"), "suite": suite} for uri, suite in pairs]
    return [source for at, source in enumerate(found) if source not in found[:at]]


def _lines(text: str) -> list[tuple[str, str]]:
    """Of a file with a source in each line: deb [option=value] URI SUITE COMPONENT..."""
    pattern = re.compile(r"deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)")
    return [(match[1], match[2]) for match in map(pattern.match, (line.strip() for line in text.splitlines())) if match]


def _deb822(text: str) -> list[tuple[str, str]]:
    """Of a file with paragraphs of fields."""
    found = []
    for paragraph in re.split(r"\n\s*\n", "\n".join(line for line in text.splitlines() if not line.startswith("#"))):
        fields: dict[str, str] = {}
        last = ""
        for line in paragraph.splitlines():
            if line[:1].isspace():
                fields[last] = f"{fields.get(last, '')} {line.strip()}"
            elif ":" in line:
                last, _sign, value = line.partition(":")
                last = last.strip().lower()
                fields[last] = value.strip()
        on = fields.get("enabled", "yes").lower() not in ("no", "false", "off", "0")
        if on and "deb" in fields.get("types", "").split():
            found += [
                (uri, suite) for uri in fields.get("uris", "").split() for suite in fields.get("suites", "").split()
            ]
    return found


def index_of(source: Mapping[str, str]) -> str:
    """The address of the file that says what a source has; a suite that ends in a slash is a folder of its own."""
    suite = source["suite"]
    return f"{source['uri']}/{suite}InRelease" if suite.endswith("/") else f"{source['uri']}/dists/{suite}/InRelease"


def apt_settings(dump: str) -> dict[str, str]:
    """The settings that C(apt-config dump) prints, by their names in small letters."""
    return {match[1].lower(): match[2] for match in re.finditer(r'^(\S+) "(.*)";$', dump, re.MULTILINE)}


def proxy_of(settings: Mapping[str, str], scheme: str, host: str) -> str:
    """The proxy that apt is told to use for a host: an address, C(DIRECT), or empty where nothing is said."""
    base = f"acquire::{scheme}::proxy"
    return settings.get(f"{base}::{host}".lower()) or settings.get(base) or ""
