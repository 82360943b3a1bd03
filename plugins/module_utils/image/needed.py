# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which images the swarm's services need that no registry has, and which services lack theirs on some node.

A service that names its image by its ID runs only where that was loaded: a node that lost its data has none of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..common.owner import OWNER
from ..engine.view import IMAGE, view
from .names import ID, short

MISSING = "No such image"  # how an engine rejects a task
Entry = Mapping[str, Any]


def ours(entry: Entry) -> bool:
    """Whether this project deployed a service, or gave it its image."""
    labels = entry["Spec"].get("Labels") or {}
    return OWNER in labels or IMAGE in labels


def needed(services: Iterable[Entry], tasks: Iterable[Entry], nodes: Iterable[Entry]) -> list[dict[str, Any]]:
    """A line for each of these services, by what GET /services, /tasks and /nodes answered.

    Its C(service), C(stack), C(image) as people call it and C(id) where it is named by that; C(lacking) are the nodes
    that rejected the task that is tried just now.
    """
    services = list(services)
    given = {entry["ID"]: _image(entry) for entry in services}
    found = []
    for service in view(nodes, services, tasks)["services"]:
        one = given[service["id"]] if ID.fullmatch(given[service["id"]]) else ""
        tried = (task for task in service["tasks"] if task["state"] not in ("running", "complete"))
        lacking = sorted({task["node"] for task in tried if MISSING in task["error"] and task["node"]})
        if (one and service["desired"]) or lacking:
            what = {"service": service["name"], "stack": service["stack"], "image": service["image"]}
            found.append({**what, "id": one, "lacking": lacking})
    return found


def to_bring(images: Iterable[Mapping[str, Any]], joined: bool) -> list[str]:
    """The IDs that nodes may lack: all where a node joins, else those of services that lack theirs."""
    return sorted({image["id"] for image in images if image["id"] and (joined or image["lacking"])})


def unkept(images: Iterable[Mapping[str, Any]], wanted: Iterable[str], brought: Iterable[str]) -> list[str]:
    """A sentence for each service that lacks its image.

    Of the IDs that were C(wanted), C(brought) are those that all nodes have now.
    """
    tried, there = set(wanted), set(brought)
    return [
        _sentence(image) for image in images if image["id"] not in there and (image["lacking"] or image["id"] in tried)
    ]


def _image(entry: Entry) -> str:
    return str((entry["Spec"]["TaskTemplate"].get("ContainerSpec") or {}).get("Image", ""))


def _sentence(image: Mapping[str, Any]) -> str:
    what = f"service {image['service']} lacks its image {image['image']}"
    what += f" ({short(image['id'])})" if image["id"] else ""
    where = f" on {', '.join(image['lacking'])}" if image["lacking"] else ""
    stack = image["stack"] or "NAME"
    if image["id"]:
        remedy = (
            "neither a node nor this computer's engine has it any more: build it again "
            f"(docker build -t {image['image']} FOLDER), and make deploy-stack STACK={stack} FILE=..."
        )
    else:
        remedy = (
            f"no registry gave it: docker pull {image['image']} there says why; then make deploy-stack STACK={stack} "
            "FILE=..."
        )
    return f"{what}{where}; {remedy}"
