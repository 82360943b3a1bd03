# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an archive says of itself, and why one is not put back.

An archive is a plain tar of sealed parts and, as its last member, this manifest; so one that is cut off has none. What
the manifest tells needs no key: whose it is, of when, and the checksums of the parts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..common.errors import Refusal

FORMAT = 1
MANIFEST = "manifest.json"
SUFFIX = ".backup.tar"
SWARM = "swarm"
PART = re.compile(r"[a-z0-9-]{1,64}\.tar\.gz\.age")
KINDS = ("networks", "services", "configs", "secrets")


def file_name(cluster: str, stamp: str) -> str:
    """Of an archive; C(stamp) is the time in letters that sort: 20261130T220102Z."""
    return f"{re.sub(r'[^A-Za-z0-9_.-]', '_', cluster)}-{stamp}{SUFFIX}"


def superseded(names: Sequence[str], cluster: str, keep: int) -> list[str]:
    """Those of the cluster's archives in a folder that are older than the C(keep) newest; with 0, none."""
    pattern = re.escape(file_name(cluster, "@")).replace("@", r"\d{8}T\d{6}Z")
    ours = sorted(name for name in names if re.fullmatch(pattern, name))
    return ours[:-keep] if keep > 0 else []


def fingerprint(inventory: Any) -> str:
    """Of what the inventory says of nodes and storage: the same inventory has the same, on every computer."""
    return hashlib.sha256(_canonical(inventory)).hexdigest()[:16]


def text(manifest: Mapping[str, Any]) -> str:
    """As it is written into the archive, with a checksum of itself."""
    told = {**manifest, "format": FORMAT}
    return json.dumps({**told, "checksum": hashlib.sha256(_canonical(told)).hexdigest()}, indent=1, sort_keys=True)


def read(content: bytes | None, path: str) -> dict[str, Any]:
    """The manifest in these bytes. Raises Refusal where there is none, where it is damaged, or of a later version."""
    if content is None:
        raise Refusal(
            f"{path}: no archive of this project, or one that is cut off (it has no {MANIFEST} at its end): "
            f"nothing of it is used; take another backup"
        )
    try:
        told = json.loads(content)
        number = told["format"]
    except (ValueError, TypeError, KeyError):
        raise Refusal(f"{path}: its {MANIFEST} is damaged: nothing of it is used; take another backup") from None
    if isinstance(number, int) and number > FORMAT:
        raise Refusal(
            f"{path}: it has format {number}, made by a later version of this project, and this one reads format "
            f"{FORMAT}: restore it with the version that made it, or a later one"
        )
    checksum = told.pop("checksum", "")
    if hashlib.sha256(_canonical(told)).hexdigest() != checksum:
        raise Refusal(f"{path}: its {MANIFEST} does not have the checksum it should: it was damaged or changed")
    return {key: value for key, value in told.items() if key != "format"}


def misplaced(
    manifest: Mapping[str, Any], path: str, cluster: str, managers: Mapping[str, str], exports: Sequence[str]
) -> list[str]:
    """Why an archive does not belong to the inventory: another cluster, or places that the inventory has not.

    C(managers) are the addresses of the inventory's managers, by host.
    """
    if manifest["cluster"] != cluster:
        return [f"{path} is of cluster {manifest['cluster']}, and this inventory is of cluster {cluster}"]
    found, swarm = [], manifest.get("swarm")
    if swarm and swarm["address"] not in managers.values():
        known = ", ".join(f"{address} ({host})" for host, address in sorted(managers.items())) or "none"
        found.append(
            f"its swarm was copied from the manager {swarm['address']} and can live at that address alone, which is "
            f"none of the inventory's managers: {known}"
        )
    for part in manifest["parts"]:
        if part["kind"] == "data" and part["path"] not in exports:
            known = ", ".join(exports) or "none"
            found.append(f"it has the data of {part['path']}, which this inventory does not export ({known})")
    return found


def occupied(manifest: Mapping[str, Any], looks: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What would be overwritten: living swarms of managers, and data in exports.

    C(looks) are results of backup_info, by host.
    """
    found = []
    for host, look in sorted(looks.items()):
        if manifest.get("swarm") and look.get("state", "inactive") != "inactive":
            whose = "the same" if look.get("swarm_id") == manifest["swarm"]["id"] else look.get("swarm_id") or "unknown"
            found.append(f"{host} is in a swarm (state {look['state']}, ID: {whose})")
        elif manifest.get("swarm") and look.get("left"):
            found.append(f"{host} is in no swarm, but holds the data of one in {look['folder']}")
        wanted = {part["path"] for part in manifest["parts"] if part["kind"] == "data"}
        for path, count in sorted((look.get("exports") or {}).items()):
            if count and path in wanted:
                found.append(f"{host} has data in {path} ({count} entr{'y' if count == 1 else 'ies'} at its top)")
    return found


def copied_from(managers: Sequence[str], looks: Mapping[str, Mapping[str, Any]]) -> str:
    """The manager whose state is copied: the first of the inventory's that is one. Raises Refusal where none is."""
    for host in managers:
        if looks.get(host, {}).get("manager"):
            return host
    answers = {host: looks.get(host) or {} for host in managers}
    said = [f"{host}: {look.get('msg') or look.get('state') or 'no answer'}" for host, look in answers.items()]
    raise Refusal(
        f"no manager has a swarm that could be copied ({'; '.join(said) or 'the inventory has none'}): nothing was "
        "copied; make swarm-up first"
    )


def described(view: Mapping[str, Any]) -> dict[str, Any]:
    """What a swarm has, by name, of what swarm_info shows; not what is in it."""
    nodes = [{key: node[key] for key in ("name", "role", "labels", "availability")} for node in view["nodes"]]
    return {"nodes": nodes, **{kind: sorted(one["name"] for one in view[kind]) for kind in KINDS}}


def lacking(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """What the swarm had and the restored one has not."""
    return [
        f"{kind}: {', '.join(missing)}"
        for kind in KINDS
        if (missing := sorted({*wanted.get(kind, ())} - {*found.get(kind, ())}))
    ]


def _canonical(data: Any) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
