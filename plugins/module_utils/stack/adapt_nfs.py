# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Volumes of type NFS: as binds where all nodes have the server's storage mounted, and where root is nobody there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any

TYPES = ("nfs", "nfs4")
# What a mount option says about the way to the server, or about caching, means nothing without the way.
MEANINGLESS = re.compile(
    r"""
    rw | defaults | vers | nfsvers | minorversion | proto | port | tcp | udp | rdma | mountport | mountproto |
    mountvers | mounthost | mountaddr | clientaddr | namlen | soft | softerr | softreval | nosoftreval | hard | intr
    | nointr | timeo | retrans | retry | rsize | wsize | bsize | bg | fg | ac | noac | actimeo | acregmin | acregmax
    | acdirmin | acdirmax | cto | nocto | lock | nolock | local_lock | lookupcache | fsc | nofsc | sharecache |
    nosharecache | resvport | noresvport | rdirplus | nordirplus | nconnect | max_connect | migration | nomigration
    | async | sync | atime | noatime | diratime | nodiratime | relatime | norelatime | acl | noacl | posix | noposix
    | _netdev | nofail | auto | noauto | write
    """,
    re.VERBOSE,
)
REFUSAL = "cannot be a bind on shared storage"
Document = dict[str, Any]


def binds_for_nfs(document: Document, storage: Mapping[str, Any], why: str) -> tuple[list[str], list[str]]:
    """Make binds of the document's NFS volumes, in place; the lines that say so, and what cannot be done.

    C(storage) has the names and addresses of the NFS server (servers) and where its storage is mounted (path), which is
    the same path that the server has it at; empty: nothing is shared.
    """
    lines: list[str] = []
    problems: list[str] = []
    volumes = document.get("volumes") or {}
    for key in _nfs_volumes(document):
        uses = _uses(document, key)
        if not uses:
            continue
        try:
            source, read_only, ignored = _meant(volumes[key]["driver_opts"], storage, why)
        except ValueError as error:
            problems.append(f"volume {key}: {error}")
            source, read_only, ignored = "", False, []
        if ignored:
            lines.append(f"volume {key}: {why}, so the mount options {', '.join(ignored)} are left out")
        for name, mount in uses:
            try:
                path = _bind(mount, source, read_only)
            except ValueError as error:
                problems.append(f"{name}: volume {key}, {error}")
                continue
            if source:
                what = f"{path} at {mount['target']}{', read-only' if mount.get('read_only') else ''}"
                lines.append(f"{name}: {why}, so volume {key} is a bind of {what}")
        del volumes[key]
    return lines, problems


def nothing_copied(document: Document, storage: Mapping[str, Any]) -> list[str]:
    """Say nocopy of the document's NFS volumes where root of a node is nobody, in place; the lines that say so.

    Into a volume that is empty the engine copies what the image has at the mount point, and gives it away, as root.
    Where the server takes root for nobody, that fails, and with it every task whose image has the directory, if an
    empty one. C(storage) has the names and addresses of the NFS server (servers), and its exports that are so
    (squashed).
    """
    lines: list[str] = []
    for key in _nfs_volumes(document):
        export = _squashed(document["volumes"][key]["driver_opts"], storage)
        for name, mount in _uses(document, key) if export else []:
            said, target = (mount.get("volume") or {}).get("nocopy"), mount["target"]
            if said is None:
                mount["volume"] = {**(mount.get("volume") or {}), "nocopy": True}
                lines.append(
                    f"{name}: root is nobody on export {export}, so volume {key} at {target} gets nocopy (the engine "
                    "could not copy what the image has there)"
                )
            elif not said:
                lines.append(
                    f"{name}: volume {key} at {target} is to be filled from the image (nocopy: false), but root is "
                    f"nobody on export {export}: if the image has {target}, no task starts ('lchown ...: operation "
                    "not permitted'). Leave nocopy out, or give the export squash: none"
                )
    return lines


def _nfs_volumes(document: Document) -> list[str]:
    return sorted(key for key, volume in (document.get("volumes") or {}).items() if _is_nfs(volume))


def _squashed(options: Mapping[str, Any], storage: Mapping[str, Any]) -> str:
    """The export that an NFS volume lies in, if it is one on which root is nobody."""
    host, _colon, path = str(options.get("device", "")).rpartition(":")
    address = _address(options)
    servers = {str(server).lower() for server in storage.get("servers") or []}
    if address.lower() not in servers or (host and host.strip("[]").lower() not in servers):
        return ""
    path = posixpath.normpath(path or "/")
    exports = [str(export) for export in storage.get("squashed") or []]
    return next((export for export in exports if f"{path}/".startswith(f"{export}/")), "")


def _pairs(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The mount options, as keys and values."""
    words = [word.strip().partition("=") for word in str(options.get("o", "")).split(",")]
    return [(key, value) for key, _equals, value in words if key]


def _address(options: Mapping[str, Any]) -> str:
    return next((value for key, value in reversed(_pairs(options)) if key == "addr"), "")


def _is_nfs(volume: Mapping[str, Any] | None) -> bool:
    volume = volume or {}
    options = volume.get("driver_opts") or {}
    local = (volume.get("driver") or "local") == "local" and not volume.get("external")
    return local and str(options.get("type", "")).lower() in TYPES


def _uses(document: Document, key: str) -> list[tuple[str, Document]]:
    """Every mount of the volume, with its service's name."""
    return [
        (name, mount)
        for name, service in sorted(document["services"].items())
        for mount in service.get("volumes") or []
        if mount.get("type", "volume") == "volume" and mount.get("source") == key
    ]


def _meant(options: Mapping[str, Any], storage: Mapping[str, Any], why: str) -> tuple[str, bool, list[str]]:
    """The directory that an NFS volume stands for, whether it is read-only, and the options that a bind has not."""
    device, pairs, address = str(options.get("device", "")), _pairs(options), _address(options)
    servers = [str(server) for server in storage.get("servers") or []]
    if not servers or not storage.get("path"):
        raise ValueError(
            f"{why}, and no storage that the nodes share with an NFS server is known, so it {REFUSAL}: give the "
            "nodes an NFS client (modprobe nfsv4; for servers that are containers, on their host), or use another "
            "volume"
        )
    host, colon, path = device.rpartition(":")
    host = host.strip("[]")
    if not address:
        raise ValueError(f"its options name no server: write o: addr={servers[0]},... as a real mount needs it")
    for given in (address, host or address):
        if given.lower() not in [server.lower() for server in servers]:
            raise ValueError(
                f"{why}, and its NFS server '{given}' is not the one whose storage the nodes share "
                f"({', '.join(servers)}), so it {REFUSAL}: name that one, or give the nodes an NFS client"
            )
    root = posixpath.normpath(str(storage["path"]))
    if not colon or not path.startswith("/") or posixpath.normpath(path) != (path.rstrip("/") or "/") or "//" in path:
        raise ValueError(
            f"device '{device}' is no plain path of an NFS server: write it like :{root}/data, without '..'"
        )
    path = posixpath.normpath(path)
    if path != root and not path.startswith(f"{root.rstrip('/')}/"):
        raise ValueError(f"device '{device}' is outside {root}, which is all that the nodes share with the NFS server")
    access = [key for key, _value in pairs if key in ("ro", "rw")]
    ignored = [key for key, _value in pairs if key not in ("ro", "addr") and not MEANINGLESS.fullmatch(key)]
    return path, access[-1:] == ["ro"], ignored


def _bind(mount: Document, source: str, read_only: bool) -> str:
    """Make the mount a bind, in place, and return its source."""
    # What an empty volume gets from the image (unless nocopy says no), a bind never does.
    subpath = str((mount.pop("volume", None) or {}).get("subpath") or "")
    mount.update(type="bind", source=source)
    if read_only:
        mount["read_only"] = True
    if subpath:
        if posixpath.normpath(subpath) != subpath.rstrip("/") or subpath.startswith(("/", "..")) or subpath == ".":
            raise ValueError(f"subpath '{subpath}' is no plain path below it: write it like models/small, without '..'")
        mount["source"] = posixpath.join(source, subpath.rstrip("/"))
    return str(mount["source"])
