# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an NFS server should export, to whom, and what has to change for that; the same for every kind of server."""

from __future__ import annotations

import ipaddress
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any, Protocol

from ..common.change import Change
from ..common.errors import Refusal

HEADER = "# Written by hydra.swarm.nfs_export; changes made by hand are overwritten."
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,253}}$)(?=.*[A-Za-z])({_LABEL}\.)*{_LABEL}")


@dataclass(frozen=True)
class Client:
    """One grant: who (an address, a network or C(*)) may do what."""

    host: str
    access: str = "rw"
    squash: str = "root"
    anonuid: int = 65534
    anongid: int = 65534
    privileged_port: bool = True
    security: str = "sys"

    def precedence(self) -> tuple[int, str]:
        """The most specific comes first: servers that take the first match then agree with those that rank."""
        return (0 if ":" in self.host or "." in self.host else 2) + ("/" in self.host), self.host


Exports = Mapping[str, tuple[Client, ...]]


class Format(Protocol):
    """The exports file of one kind of server; C(previous) is the text that is replaced."""

    def parse(self, text: str) -> Exports: ...

    def render(self, exports: Exports, previous: str) -> str: ...

    def unserved(self, clients: Iterable[Client], below: Iterable[str]) -> str:
        """Why this kind of server cannot serve an export as it is meant; C(below) are file systems mounted in it."""


@dataclass(frozen=True)
class Request:
    """What the user asked for; C(directories) holds the attributes (owner, group, mode) each path should have."""

    exports: Exports
    absent: frozenset[str] = frozenset()
    exclusive: bool = False
    directories: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class State:
    """What was found; C(foreign) maps a path to the other file that exports it, C(directories) to None if missing."""

    file: str | None
    live: Exports
    foreign: Mapping[str, str] = field(default_factory=dict)
    directories: Mapping[str, Mapping[str, str] | None] = field(default_factory=dict)
    filesystems: Mapping[str, str] = field(default_factory=dict)
    below: Mapping[str, list[str]] = field(default_factory=dict)


def grants(clients: Iterable[Client]) -> tuple[Client, ...]:
    return tuple(sorted(clients, key=Client.precedence))


def plain(clients: Iterable[Client]) -> list[dict[str, Any]]:
    return [asdict(client) for client in clients]


def canonical(host: str) -> str:
    """An address or network in its one spelling; anything else as it is."""
    try:
        network = ipaddress.ip_network(host)
    except ValueError:
        return host
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def is_name(host: str) -> bool:
    return _NAME.fullmatch(host) is not None


def read_request(items: list[dict[str, Any]], exclusive: bool, addresses: Mapping[str, list[str]]) -> Request:
    """Check and normalise the module's C(exports); C(addresses) holds those of every host name among the clients."""
    exports: dict[str, tuple[Client, ...]] = {}
    absent, directories = set(), {}
    for item in items:
        path = _path(item["path"])
        if path in exports or path in absent:
            raise Refusal(f"exports: path {path!r} is listed twice; keep one")
        if item["state"] == "absent":
            absent.add(path)
        else:
            exports[path] = _clients(path, item, addresses)
            directories[path] = _attributes(path, item)
    return Request(exports, frozenset(absent), exclusive, directories)


def _path(path: str) -> str:
    if not path.startswith("/") or path == "/" or posixpath.normpath(path) != path or path.startswith("//"):
        raise Refusal(f"exports: path {path!r} must be absolute, below /, without '.', '..' or a '/' too many")
    bad = sorted({char for char in path if not char.isprintable() or char in '"\\'})
    if bad:
        raise Refusal(f"exports: path {path!r} contains {bad[0]!r}, which an exports file cannot carry; rename it")
    return path


def _clients(path: str, item: Mapping[str, Any], addresses: Mapping[str, list[str]]) -> tuple[Client, ...]:
    found: dict[str, Client] = {}
    for given in item["clients"] or []:
        for host in _hosts(path, given["host"], addresses):
            if host in found:
                raise Refusal(f"exports: {path}: client {host!r} is listed twice; keep one")
            options = {key: given[key] for key in ("access", "squash", "anonuid", "anongid", "privileged_port")}
            for key in ("anonuid", "anongid"):
                if not 0 <= options[key] < 2**32 - 1:
                    raise Refusal(f"exports: {path}: {key} {options[key]} must be between 0 and {2**32 - 2}")
            found[host] = Client(host, security=item["security"], **options)
    if not found:
        raise Refusal(f"exports: {path}: no clients; name at least one, or say state: absent")
    for one, other in combinations(sorted(host for host in found if "/" in host), 2):
        if _overlap(one, other):
            raise Refusal(
                f"exports: {path}: clients {one!r} and {other!r} overlap, and which of them wins depends on the server;"
                " make them disjoint"
            )
    return grants(found.values())


def _hosts(path: str, host: str, addresses: Mapping[str, list[str]]) -> list[str]:
    if host == "*":
        return [host]
    if is_name(host):
        return addresses[host]
    try:
        network = None if "%" in host else ipaddress.ip_network(host, strict=False)
    except ValueError:
        network = None
    if network is None:
        raise Refusal(f"exports: {path}: client {host!r} is no address, network (CIDR), host name or '*'")
    if ipaddress.ip_interface(host).ip != network.network_address:
        raise Refusal(f"exports: {path}: client {host!r} has host bits set; write '{network}'")
    return [canonical(host)]


def _overlap(one: str, other: str) -> bool:
    first, second = ipaddress.ip_network(one), ipaddress.ip_network(other)
    return first.version == second.version and first.overlaps(second)


def _attributes(path: str, item: Mapping[str, Any]) -> dict[str, str]:
    wanted = {key: str(item[key]) for key in ("owner", "group") if item[key] is not None}
    mode = item["mode"]
    if mode is not None:
        # YAML turns 0755 into the number 493: as in ansible.builtin.file, a number is the mode itself.
        text = f"{mode:o}" if isinstance(mode, int) else str(mode)
        if not re.fullmatch(r"0?[0-7]{3,4}", text):
            raise Refusal(f"exports: {path}: mode {mode!r} must be an octal string such as '0755'")
        wanted["mode"] = f"{int(text, 8):04o}"
    return wanted


def plan(form: Format, file: str, state: State, request: Request) -> Change:
    """Both tables, the file and the live one, and the directories: as they are and as they should be."""
    if not (request.exports or request.absent or request.exclusive):
        return Change({}, {})
    text = state.file or ""
    if text.strip() and not text.startswith(HEADER):
        raise Refusal(f"{file} was not written by this module; list its exports in the task, then delete the file")
    filed = form.parse(text)
    kept = {} if request.exclusive else {path: filed[path] for path in filed if path not in request.absent}
    target: dict[str, tuple[Client, ...]] = {**kept, **request.exports}
    _check(form, target, state, request)

    lines = None if state.file is None else text.splitlines()
    # A missing or empty file exports nothing: there is nothing to say in it either.
    wanted_lines = form.render(target, text).splitlines() if target or filed else lines
    ours = {*filed, *target, *request.absent, *(set(state.live) - set(state.foreign) if request.exclusive else ())}
    directories = {path: state.directories.get(path) for path in request.directories}
    return Change(
        {
            "file": lines,
            "live": {path: plain(state.live[path]) for path in sorted(ours) if path in state.live},
            "directories": {path: None if now is None else dict(now) for path, now in directories.items()},
        },
        {
            "file": wanted_lines,
            "live": {path: plain(target[path]) for path in sorted(target)},
            "directories": {path: dict(wanted) for path, wanted in request.directories.items()},
        },
    )


def _check(form: Format, target: Exports, state: State, request: Request) -> None:
    for path in sorted({*request.exports, *request.absent} & set(state.foreign)):
        raise Refusal(f"{path} is exported by {state.foreign[path]} too; remove it there")
    for outer, inner in combinations(sorted(target), 2):
        if lies := inside(outer, inner):
            raise Refusal(f"exports: {inner} {lies}")
    for path in request.exports:
        if state.filesystems.get(path) == "overlay":
            raise Refusal(f"exports: {path} lies on overlayfs, which NFS cannot serve; mount a volume or disk there")
        reason = form.unserved(request.exports[path], state.below.get(path, []))
        if reason:
            raise Refusal(f"exports: {path}: {reason}")


def inside(outer: str, inner: str) -> str:
    """What is wrong if both are exported; empty: nothing."""
    if not inner.startswith(outer + "/"):
        return ""
    return f"lies in {outer}: clients of {outer} would reach it past its own rules; export one of them, or move one"


def missing(live: Exports, change: Change) -> str:
    """What the live table still lacks, in words; empty when it is as planned."""
    wanted = change.after["live"]
    words = []
    for path in sorted({*change.before["live"], *wanted}):
        now = plain(live[path]) if path in live else None
        if path not in wanted and now is not None:
            words.append(f"{path} is still exported")
        elif path in wanted and now is None:
            words.append(f"{path} is not exported")
        elif path in wanted and now != wanted[path]:
            words.append(f"{path} is exported to {now}")
    return "; ".join(words)


def foreseen(live: Exports, change: Change) -> Exports:
    """The live table as it will be."""
    kept = {path: live[path] for path in live if path not in change.before.get("live", {})}
    wanted = change.after.get("live", {})
    return {**kept, **{path: tuple(Client(**client) for client in wanted[path]) for path in wanted}}


def filesystem(path: str, mounts: str) -> str:
    """The type of the file system C(path) lies, or would lie, on; C(mounts) is the text of /proc/self/mounts."""
    best, kind = "", ""
    for line in mounts.splitlines():
        _device, quoted, fstype = line.split(" ")[:3]
        point = unescape(quoted).rstrip("/")
        # A later mount on the same point hides the earlier one.
        if (path == point or path.startswith(point + "/")) and len(point) >= len(best):
            best, kind = point, fstype
    return kind


def mounts_below(path: str, mounts: str) -> list[str]:
    """Where something is mounted below C(path)."""
    points = {unescape(line.split(" ")[1]) for line in mounts.splitlines()}
    return sorted(point for point in points if point.startswith(path + "/"))


def unescape(word: str) -> str:
    """Undo the octal escapes of mounts and exports files, whose units are bytes."""
    raw = word.encode("utf-8", "surrogateescape")
    return re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), raw).decode("utf-8", "surrogateescape")
