# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which images have to go from one engine to the nodes, by image ID, and which cannot.

An engine that keeps images in containerd's store names them by another digest than one with the older store. Between
two such engines an image is the same if all that decides how it runs is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..common.change import Change
from ..common.errors import Refusal
from .names import ID, short, taggable

# What of an image's configuration decides how its containers run; engines differ in the rest.
CONFIG = (
    "Cmd",
    "Entrypoint",
    "Env",
    "ExposedPorts",
    "Healthcheck",
    "Labels",
    "OnBuild",
    "Shell",
    "StopSignal",
    "User",
    "Volumes",
    "WorkingDir",
)
HERE = "this computer"


@dataclass(frozen=True)
class Image:
    """An image as one engine has it; C(content) is the same for the same image in any engine."""

    id: str
    names: frozenset[str]  # tags and digests
    layers: tuple[str, ...]  # diff IDs, the lowest first
    platform: str
    content: str
    pulled: bool  # whether it came from a registry


@dataclass(frozen=True)
class Fate:
    """What becomes of one image on each node."""

    reference: str
    id: str  # on the nodes; what it is expected to be where it is yet to come
    had: tuple[str, ...]
    tag: tuple[str, ...]
    load: tuple[str, ...]
    old: Mapping[str, str]  # what bears the name on each node before
    source: bool = True  # whether this computer's engine has it
    origin: str = ""  # else the node that others get it from


@dataclass(frozen=True)
class Plan:
    fates: tuple[Fate, ...]
    elsewhere: Mapping[str, str]  # reference -> why it is left to the nodes
    to_pull: tuple[str, ...] = ()  # in a rehearsal: what its registry has, and the ID is not known

    @property
    def change(self) -> Change:
        """Node -> name -> ID, of what is not yet there."""
        before: dict[str, dict[str, str]] = {}
        after: dict[str, dict[str, str]] = {}
        for fate in self.fates:
            for node in fate.tag + fate.load:
                before.setdefault(node, {})[fate.reference] = fate.old[node]
                after.setdefault(node, {})[fate.reference] = fate.id
        for reference in self.to_pull:
            before.setdefault(HERE, {})[reference] = ""
            after.setdefault(HERE, {})[reference] = "as its registry has it"
        return Change(before, after)


def image_of(inspected: Mapping[str, Any]) -> Image:
    """From what C(docker image inspect) says."""
    config = inspected.get("Config") or {}
    layers = tuple((inspected.get("RootFS") or {}).get("Layers") or ())
    platform = f"{inspected.get('Os', '')}/{inspected.get('Architecture', '')}"
    content = [inspected.get("Created"), layers, platform, {key: config[key] for key in CONFIG if config.get(key)}]
    digests = inspected.get("RepoDigests") or []
    return Image(
        id=inspected["Id"],
        names=frozenset([*(inspected.get("RepoTags") or []), *digests]),
        layers=layers,
        platform=platform,
        content=hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest(),
        pulled=bool(digests),
    )


def find(images: Iterable[Image], reference: str) -> Image | None:
    """The image with that name or ID."""
    return next((image for image in images if reference in image.names or reference == image.id), None)


def settled(reference: str, nodes: Mapping[str, list[Image]]) -> str:
    """The ID under which every node has an image of that name, if they agree."""
    ids = {image.id if image else "" for image in (find(images, reference) for images in nodes.values())}
    return ids.pop() if len(ids) == 1 else ""


def plan(
    outer: Mapping[str, Image | None],
    nodes: Mapping[str, list[Image]],
    required: bool,
    pulling: Mapping[str, str] | None = None,
) -> Plan:
    """What to do; a Refusal names every image that is nowhere to be found.

    C(outer) is what this computer's engine has of each reference, C(pulling) why it could not be pulled to it. What is
    asked for by its ID is the same wherever it is, so that a node can give it to others.
    """
    fates, elsewhere, problems = [], {}, []
    for reference, image in outer.items():
        if image:
            fates.append(_from_outside(reference, image, nodes))
            continue
        if ID.fullmatch(reference) and (having := [node for node in nodes if find(nodes[node], reference)]):
            fates.append(_from_node(reference, having, nodes))
            continue
        trouble = _trouble(reference, nodes, (pulling or {}).get(reference, ""))
        found = settled(reference, nodes)
        pulled = any(other.pulled for other in (find(images, reference) for images in nodes.values()) if other)
        if found and (required or not pulled):
            fates.append(Fate(reference, found, tuple(nodes), (), (), dict.fromkeys(nodes, found), source=False))
        elif required or (_differ(reference, nodes) and not pulled):
            problems.append(f"{reference}: {trouble}")
        else:
            elsewhere[reference] = trouble
    if problems:
        raise Refusal(_refusal(problems))
    return Plan(tuple(fates), elsewhere)


def _from_outside(reference: str, image: Image, nodes: Mapping[str, list[Image]]) -> Fate:
    places: dict[str, list[str]] = {"had": [], "tag": [], "load": []}
    old, known = {}, {image.id}
    for node, images in nodes.items():
        named, same = find(images, reference), _same(images, image, reference)
        old[node] = named.id if named else ""
        if same:
            known = {same.id}
        place = "load" if same is None else "had" if same is named or not taggable(reference) else "tag"
        places[place].append(node)
    had, tag, load = (tuple(places[place]) for place in ("had", "tag", "load"))
    return Fate(reference, known.pop(), had, tag, load, old)


def _from_node(reference: str, having: list[str], nodes: Mapping[str, list[Image]]) -> Fate:
    lacking = tuple(node for node in nodes if node not in having)
    old = {node: reference if node in having else "" for node in nodes}
    return Fate(reference, reference, tuple(having), (), lacking, old, source=False, origin=having[0])


def _same(images: list[Image], image: Image, reference: str) -> Image | None:
    """This image among a node's: by its ID, else by its content, and of several the one that has the name."""
    equal = [other for other in images if other.id == image.id] or [
        other for other in images if other.content == image.content
    ]
    return find(equal, reference) or next(iter(sorted(equal, key=lambda other: other.id)), None)


def _differ(reference: str, nodes: Mapping[str, list[Image]]) -> bool:
    return len({image.id for image in (find(images, reference) for images in nodes.values()) if image}) > 1


def _trouble(reference: str, nodes: Mapping[str, list[Image]], pulling: str) -> str:
    """Why this image cannot come from here."""
    having = {node: image.id for node, image in ((n, find(i, reference)) for n, i in nodes.items()) if image}
    words = "not on this computer's engine"
    if len(set(having.values())) > 1:
        words += f", and the nodes' differ ({', '.join(f'{node} has {short(one)}' for node, one in having.items())})"
    elif len(having) < len(nodes):
        words += f", and of the nodes only on {', '.join(having)}" if having else ", and on no node"
    return f"{words}; pulling it: {pulling}" if pulling else words


def _refusal(problems: list[str]) -> str:
    name = problems[0].partition(": ")[0]
    return (
        f"nothing was loaded: there is no source for {len(problems)} image(s):\n- " + "\n- ".join(problems) + "\n"
        f"Build what is yours (docker build -t {name} FOLDER), pull what a registry has (docker pull {name}) where one "
        "answers, and run this again."
    )


def platform_notes(images: Iterable[tuple[str, Image]], platform: str) -> list[str]:
    """A line for each image that is made for other machines than the nodes."""
    return [
        f"{reference} is for {image.platform}, the nodes are {platform}: its tasks end with 'exec format error' unless "
        "the kernel emulates that"
        for reference, image in images
        if image.platform != platform
    ]


def report(made: Plan, rehearsal: bool = False) -> list[str]:
    """One line for each image: what was done on which nodes."""
    would = "would be " if rehearsal else ""
    lines = []
    for fate in made.fates:
        parts = [f"{would}loaded into {', '.join(fate.load)}"] if fate.load else []
        parts += [f"{would}tagged on {', '.join(fate.tag)}, which had it under another name"] if fate.tag else []
        if fate.had:
            parts.append(f"{', '.join(fate.had)} had it")
        if not fate.source:
            parts.append("this computer's engine does not")
        if fate.load and fate.origin:
            parts.append(f"{fate.origin} gave it")
        lines.append(f"{fate.reference} ({short(fate.id)}): {'; '.join(parts)}")
    lines += [f"{one}: would be pulled to this computer, and loaded where it lacks" for one in made.to_pull]
    return lines + [f"{one}: left to the nodes and their registry ({why})" for one, why in made.elsewhere.items()]


def containers_problems(wanted: Iterable[str], there: Mapping[str, str]) -> list[str]:
    """A line for each wanted node that is no node container, or does not run; C(there): name -> state."""
    found = []
    for name in dict.fromkeys(wanted):
        if name not in there:
            found.append(f"{name}: no node of that name is a container here; there are {', '.join(there) or 'none'}")
        elif there[name] == "paused":
            found.append(f"{name}: its container is paused; let it go on (docker unpause {name})")
        elif there[name] != "running":
            found.append(f"{name}: its container is {there[name]}; start it (make nodes-up, or docker start {name})")
    return found


def there(seen: Mapping[str, Any]) -> dict[str, str]:
    """The IDs of images, by what image_load said of them in check mode; none if a node lacks one, or one's name."""
    return {} if any(seen.get(key) for key in ("loaded", "tagged", "elsewhere")) else dict(seen.get("images") or {})
