# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A service given another image, and nothing else: what its spec becomes, and whether it is that already."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...common.errors import Refusal
from ...engine.view import IMAGE
from ...image.names import reference
from ..view import PACED, STACK_IMAGE

IMAGE_ID = re.compile(r"sha256:[0-9a-f]{64}")
# Seconds between one task and the next, where the service names none. Swarm hands out the next task before it has
# noticed that the last one failed, so without a pause a version that crashes may take down two.
PACE = 2
STOPPED = ("paused", "rollback_paused")
Entry = Mapping[str, Any]


def find(services: Iterable[Entry], word: str) -> Entry:
    """The service with that name or ID."""
    services = list(services)
    for entry in services:
        if word in (entry["Spec"]["Name"], entry["ID"]):
            return entry
    names = sorted(entry["Spec"]["Name"] for entry in services)
    close = [name for name in names if _like(word, name)]
    known = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(names) or 'none'}"
    raise Refusal(f"there is no service {word} in this swarm; {known}")


def _like(word: str, name: str) -> bool:
    """Whether one is part of the other, as with the stack's name left off, or they differ by a slip or two."""
    word, name = word.lower(), name.lower()
    return bool(word) and (word in name or name in word or name.endswith(f"_{word}") or _distance(word, name) <= 2)


def _distance(one: str, other: str) -> int:
    """The number of letters to change, add or leave out to make one of the other."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


def check(image: str, image_id: str) -> None:
    try:
        reference(image)
    except ValueError as error:
        raise Refusal(str(error)) from error
    if image_id and not IMAGE_ID.fullmatch(image_id):
        raise Refusal(
            f"image_id {image_id} is no image ID: sha256: and 64 hexadecimal digits, as docker inspect shows it"
        )


def image_of(spec: Entry) -> str:
    return str((spec["TaskTemplate"].get("ContainerSpec") or {}).get("Image", ""))


def title(spec: Entry) -> dict[str, str]:
    """The image as people see it: its name, and the ID where it is pinned to one."""
    live, name = image_of(spec), (spec.get("Labels") or {}).get(IMAGE, "")
    return {"image": name or live, "image_id": live} if IMAGE_ID.fullmatch(live) else {"image": live}


def respec(spec: Entry, image: str, reference: str, force: bool = False) -> dict[str, Any]:
    """The spec with another image: C(image) is what people call it, C(reference) what the nodes run."""
    template = dict(spec["TaskTemplate"])
    template["ContainerSpec"] = {**(template.get("ContainerSpec") or {}), "Image": reference}
    if force:
        template["ForceUpdate"] = template.get("ForceUpdate", 0) + 1
    labels = {key: value for key, value in (spec.get("Labels") or {}).items() if key != IMAGE}
    if IMAGE_ID.fullmatch(reference):
        labels[IMAGE] = image
    if STACK_IMAGE in labels:  # or docker stack deploy would take the image for the one it was given before
        labels[STACK_IMAGE] = reference if IMAGE_ID.fullmatch(reference) else image
    return _paced({**spec, "TaskTemplate": template, "Labels": labels})


def _paced(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec with a pause between tasks; a label says that it is not the service's own."""
    config = spec.get("UpdateConfig") or {}
    if config.get("Delay"):
        return spec
    config = {"Parallelism": 1, **config, "Delay": PACE * 10**9}
    return {**spec, "UpdateConfig": config, "Labels": {**spec["Labels"], PACED: f"{PACE}s"}}


def resolved(image: str, digest: str) -> str:
    """The image as a registry resolved it: NAME:TAG@DIGEST."""
    return image if "@" in image else f"{image}@{digest}"
