# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NFS-Ganesha's tables: EXPORT blocks in a file, and what its DBus interface shows of them.

Source of the option bits: the C(options) word of DisplayExport, as NFS-Ganesha 6.5 fills it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable

from .exports import HEADER, Client, Exports, canonical, grants

_SQUASH = {"root": "Root_Squash", "all": "All_Squash", "none": "No_Root_Squash"}
_SQUASH_BITS = ((0x4, "all"), (0x1 | 0x2, "root"))
_SECURITY_BITS = ((0x1000, "none"), (0x2000, "sys"), (0x4000, "krb5"), (0x8000, "krb5i"), (0x10000, "krb5p"))
_READ, _WRITE, _PRIVILEGED_PORT = 0x20, 0x40, 0x200

_EXPORT = re.compile(
    r'^EXPORT \{\n    Export_Id = (\d+);\n    Path = "([^"\n]*)";\n(.*?)^\}$', re.DOTALL | re.MULTILINE
)
_CLIENT = re.compile(r"^    CLIENT \{ Clients = ([^;\s]+); (.*) \}$", re.MULTILINE)
_PATH = re.compile(r'^\s*Path\s*=\s*(?:"([^"\n]*)"|([^;\s]+))\s*;', re.MULTILINE | re.IGNORECASE)


def parse(text: str) -> Exports:
    """Every path with its clients, of a file that render() wrote."""
    return {path: grants(map(_client, _CLIENT.findall(rest))) for _id, path, rest in _EXPORT.findall(text)}


def _client(found: tuple[str, str]) -> Client:
    host, options = found
    values = dict(re.findall(r"(\w+) = ([^;]+);", options))
    squash = {word: name for name, word in _SQUASH.items()}
    return Client(
        host=canonical(host),
        access=values.get("Access_Type", "NONE").lower(),
        squash=squash.get(values.get("Squash", ""), "root"),
        anonuid=int(values.get("Anonymous_uid", 65534)),
        anongid=int(values.get("Anonymous_gid", 65534)),
        privileged_port=values.get("PrivilegedPort") == "true",
        security=values.get("SecType", "sys"),
    )


def paths(text: str) -> set[str]:
    """The paths that any configuration file exports."""
    return {quoted or bare for quoted, bare in _PATH.findall(text)}


def shown(host: str, anonuid: int, anongid: int, options: int) -> Client:
    """A client as DisplayExport shows it."""
    access = "rw" if options & _WRITE else "ro" if options & _READ else "none"
    squash = next((name for bits, name in _SQUASH_BITS if options & bits), "none")
    security = ":".join(name for bit, name in _SECURITY_BITS if options & bit)
    return Client(canonical(host), access, squash, anonuid, anongid, bool(options & _PRIVILEGED_PORT), security)


def render(exports: Exports, previous: str = "") -> str:
    ids = _ids(exports, {path: int(number) for number, path, _rest in _EXPORT.findall(previous)})
    return "\n".join([HEADER, *(_export(ids[path], path, exports[path]) for path in sorted(exports))]) + "\n"


def unserved(clients: Iterable[Client], below: Iterable[str]) -> str:
    """What the kernel's server would do with the same words and this one would not."""
    security = next((client.security for client in clients if client.security != "sys"), "")
    if security:
        return f"security {security}: NFS-Ganesha is set up without Kerberos; say sys, or use the kernel's NFS server"
    mounted = next(iter(below), "")
    if mounted:
        return (
            f"{mounted} is a file system of its own, and NFS-Ganesha would serve it to the same clients; mount it "
            "elsewhere, or use the kernel's NFS server, which leaves it out"
        )
    return ""


def _ids(exports: Exports, known: dict[str, int]) -> dict[str, int]:
    """A file handle carries the export's ID, so a path keeps its ID for life, even when the file is lost.

    That is why a new ID is made from the path; one that is taken (also by a path that goes now) moves to the next.
    """
    ids = dict(known)
    for path in sorted(set(exports) - set(known)):
        number = zlib.crc32(path.encode()) % 65535 + 1
        while number in ids.values():
            number = number % 65535 + 1
        ids[path] = number
    return ids


def _export(number: int, path: str, clients: tuple[Client, ...]) -> str:
    # Without these two in every block, the server warns that it corrects its own defaults.
    transport = "Protocols = 4; Transports = TCP;"
    lines = [
        f"    CLIENT {{ Clients = {client.host}; Access_Type = {client.access.upper()};"
        f" Squash = {_SQUASH[client.squash]}; Anonymous_uid = {client.anonuid}; Anonymous_gid = {client.anongid};"
        f" PrivilegedPort = {str(client.privileged_port).lower()}; SecType = {client.security}; {transport} }}\n"
        for client in clients
    ]
    return (
        f'EXPORT {{\n    Export_Id = {number};\n    Path = "{path}";\n    Pseudo = "{path}";\n'
        f"    Access_Type = NONE;\n    {transport}\n    FSAL {{ Name = VFS; }}\n{''.join(lines)}}}"
    )
