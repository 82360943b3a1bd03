# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The kernel NFS server's tables: exports(5) files, and etab, which exportfs writes in the same shape."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .exports import HEADER, Client, Exports, canonical, grants, unescape

_SQUASH = {"root": "root_squash", "all": "all_squash", "none": "no_root_squash"}
_LINE = re.compile(r'\s*(?:"([^"]*)"|([^\s#"]\S*))(.*)')
_GRANT = re.compile(r"([^\s()]+)\(([^()]*)\)")


def parse(text: str) -> Exports:
    """Every path with its clients, of a file that names options in brackets after each client."""
    found: dict[str, list[Client]] = {}
    for path, rest in _lines(text):
        clients = found.setdefault(path, [])
        clients += [_client(host, options.split(",")) for host, options in _GRANT.findall(rest)]
    return {path: grants(clients) for path, clients in found.items()}


def paths(text: str) -> set[str]:
    """The paths that any exports(5) file exports."""
    return {path for path, _rest in _lines(text)}


def _lines(text: str) -> list[tuple[str, str]]:
    matches = map(_LINE.match, text.replace("\\\n", " ").splitlines())
    return [(unescape(match[1] or match[2]), match[3]) for match in matches if match]


def _client(host: str, options: list[str]) -> Client:
    values = dict(option.split("=", 1) for option in options if "=" in option)
    return Client(
        host=canonical(host),
        access="rw" if "rw" in options else "ro",
        squash="all" if "all_squash" in options else "none" if "no_root_squash" in options else "root",
        anonuid=int(values.get("anonuid", 65534)),
        anongid=int(values.get("anongid", 65534)),
        privileged_port="insecure" not in options,
        security=values.get("sec", "sys"),
    )


def render(exports: Exports, previous: str = "") -> str:
    """One line for each client of each path; every option is written out, so that no default is relied on."""
    lines = [f"{_escape(path)} {_grant(client)}" for path in sorted(exports) for client in exports[path]]
    return "\n".join([HEADER, *lines]) + "\n"


def unserved(clients: Iterable[Client], below: Iterable[str]) -> str:
    """Nothing: what is asked for is what this server can do."""
    return ""


def _grant(client: Client) -> str:
    options = [
        client.access,
        "sync",
        "no_subtree_check",
        "secure" if client.privileged_port else "insecure",
        _SQUASH[client.squash],
        f"anonuid={client.anonuid}",
        f"anongid={client.anongid}",
        f"sec={client.security}",
    ]
    return f"{client.host}({','.join(options)})"


def _escape(path: str) -> str:
    return re.sub(r"[^A-Za-z0-9/._+:@-]", lambda char: "".join(f"\\{byte:03o}" for byte in char[0].encode()), path)
