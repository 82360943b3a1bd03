# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A normalised stack file made into what docker stack deploy is given: pinned, labelled, escaped."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from ..common.owner import OWNER
from ..engine.view import IMAGE
from .view import DIGEST

# JSON is YAML but for these: YAML wants them written as escapes, JSON lets them stand.
UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
Entry = Mapping[str, Any]


def rendered(document: Entry, images: Mapping[str, str], owner: str, only: Collection[str]) -> dict[str, Any]:
    """The document with the services named in C(only), each pinned and labelled."""
    services = {key: _service(document, key, images, owner) for key in document["services"] if key in only}
    return {**document, "services": services}


def digest(document: Entry, key: str, owner: str = "") -> str:
    """A fingerprint of all that the file says of a service, but for its image, which is compared by itself."""
    service = {name: value for name, value in document["services"][key].items() if name != "image"}
    said = {"service": service, "owner": owner, "referred": _referred(document, service)}
    text = json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def escaped(document: Entry) -> str:
    """The document as text that docker reads back as it is: it takes a single dollar for a variable."""
    text = json.dumps(_doubled(document), ensure_ascii=False)
    return UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _service(document: Entry, key: str, images: Mapping[str, str], owner: str) -> dict[str, Any]:
    service = dict(document["services"][key])
    deploy = dict(service.get("deploy") or {})
    image_id = images.get(service["image"], "")
    ours = {
        DIGEST: digest(document, key, owner),
        **({OWNER: owner} if owner else {}),
        **({IMAGE: service["image"]} if image_id else {}),
    }
    labels = {name: value for name, value in (deploy.get("labels") or {}).items() if name not in (DIGEST, OWNER, IMAGE)}
    deploy["labels"] = labels | ours
    if deploy.get("resources"):
        deploy["resources"] = {part: _amounts(given) for part, given in deploy["resources"].items()}
    return {**service, "image": image_id or service["image"], "deploy": deploy}


def _amounts(given: Entry | None) -> dict[str, Any]:
    """Amounts as strings: older command lines take no number for them."""
    texts = {key: str(value) for key, value in (given or {}).items() if key in ("cpus", "memory") and value is not None}
    return {**(given or {}), **texts}


def _referred(document: Entry, service: Entry) -> dict[str, Any]:
    """The definitions outside the service that are part of what it becomes."""
    names = {
        "networks": list(service.get("networks") or {}),
        "volumes": [mount.get("source") for mount in service.get("volumes") or [] if mount.get("type") == "volume"],
        **{kind: [part["source"] for part in service.get(kind) or []] for kind in ("configs", "secrets")},
    }
    return {
        kind: {name: (document.get(kind) or {}).get(name) for name in sorted(filter(None, listed))}
        for kind, listed in names.items()
    }


def _doubled(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, Mapping):
        return {key: _doubled(part) for key, part in value.items()}
    return [_doubled(part) for part in value] if isinstance(value, (list, tuple)) else value
