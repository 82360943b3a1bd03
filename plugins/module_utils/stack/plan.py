# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a deploy has to do: the stack file on one side, what the swarm runs of the stack on the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..common.change import Change
from ..common.owner import OWNER
from ..engine.view import STACK
from .diff import differing, masked, narrowed
from .render import digest
from .view import DIGEST, STACK_IMAGE, object_name, of_document, of_service

STOPPED = ("paused", "rollback_paused")
KINDS = ("configs", "secrets", "networks")
Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Live:
    """What the swarm has: entries as the engine lists them, all of the swarm."""

    services: Sequence[Entry]
    networks: Sequence[Entry]
    configs: Sequence[Entry]
    secrets: Sequence[Entry]

    def of(self, kind: str) -> Sequence[Entry]:
        return {"services": self.services, "configs": self.configs, "secrets": self.secrets}[kind]

    def stack(self, name: str) -> dict[str, Entry]:
        """The services of a stack, by full name."""
        found = (entry for entry in self.services if (entry["Spec"].get("Labels") or {}).get(STACK) == name)
        return {entry["Spec"]["Name"]: entry for entry in found}

    def names(self, kind: str) -> set[str]:
        return {entry["Spec"]["Name"] for entry in self.of(kind)}


@dataclass(frozen=True)
class Plan:
    """The change as people read it, and what it takes; services by their key in the file."""

    change: Change
    actions: list[str]
    deploy: list[str]  # services that are made or changed
    relabel: list[Entry]  # live services whose image the command line would keep, unless it is made to forget it
    remove: list[Entry]  # live services that left the file
    create: list[Entry]  # configs and secrets to be made, as stack_file lists them


def plan(name: str, document: Entry, wanted: Entry, live: Live) -> Plan:
    """C(wanted) has the options of the module: images, owner, prune, sources."""
    images, owner = wanted.get("images") or {}, wanted.get("owner") or ""
    running, networks = live.stack(name), {entry["Id"]: entry["Name"] for entry in live.networks}
    sides: dict[str, tuple[Any, Any]] = {}
    added, changed = [], []
    relabel: list[Entry] = []
    for key, service in document["services"].items():
        full = f"{name}_{key}"
        after = of_document(name, key, document, images.get(service["image"], ""))
        entry = running.get(full)
        if entry is None:
            added.append(key)
            sides[full] = ({}, masked({}, after)[1])
            continue
        difference = _difference(entry, after, digest(document, key, owner), networks)
        if difference:
            changed.append(key)
            sides[full] = difference
            if _would_be_kept(entry, images.get(service["image"]) or service["image"]):
                relabel.append(entry)
    gone = sorted(full for full in running if full.removeprefix(f"{name}_") not in document["services"])
    remove = [running[full] for full in gone] if wanted.get("prune", True) else []
    for entry in remove:
        view = of_service(entry["Spec"], networks)
        sides[entry["Spec"]["Name"]] = (masked(view, {})[0], {})
    create = [
        source for source in wanted.get("sources") or [] if source["name"] not in live.names(f"{source['kind']}s")
    ]
    made = _networks_to_make(name, document, networks.values())
    actions = [
        *_said("create", "network", made),
        *(f"create {source['kind']} {source['name']}" for source in create),
        *_said("create", "service", (f"{name}_{key}" for key in added)),
        *(f"change service {name}_{key}: {', '.join(_keys(sides[f'{name}_{key}']))}" for key in changed),
        *_said("remove", "service", (entry["Spec"]["Name"] for entry in remove)),
    ]
    after_names = {
        "networks": list(made),
        **{f"{kind}s": sorted(one["name"] for one in create if one["kind"] == kind) for kind in ("config", "secret")},
    }
    change = Change(
        _without_empty({"services": {full: one for full, (one, _other) in sorted(sides.items()) if one}}),
        _without_empty(
            {"services": {full: other for full, (_one, other) in sorted(sides.items()) if other}, **after_names}
        ),
    )
    return Plan(change, actions, [*added, *changed], relabel, remove, create)


def _difference(entry: Entry, after: dict[str, Any], wanted: str, networks: Mapping[str, str]) -> Any:
    """What is to change of a service, before and after; None for nothing."""
    spec = entry["Spec"]
    before, labels = of_service(spec, networks), spec.get("Labels") or {}
    keys = differing(before, after)
    shown = masked(narrowed(before, after, keys), narrowed(after, before, keys))
    status = (entry.get("UpdateStatus") or {}).get("State") or ""
    if status in STOPPED:
        shown = ({**shown[0], "last_update": status}, {**shown[1], "last_update": "to be made anew"})
    elif labels.get(DIGEST) != wanted:
        if not keys:
            # The file says something that the view does not show, or this was not deployed by this module.
            shown = ({**shown[0], "settings": labels.get(DIGEST) or "not known"}, {**shown[1], "settings": wanted})
    elif set(keys) - {"image_id"}:  # an image that was built anew is nobody's change by hand
        shown = ({**shown[0], "note": "changed since it was deployed"}, {**shown[1], "note": "as in the file"})
    elif not keys:
        return None
    # What is hidden must not hide that there is something to do.
    return shown if shown[0] != shown[1] else (shown[0], {**shown[1], "settings": wanted})


def _would_be_kept(entry: Entry, image: str) -> bool:
    """Whether docker stack deploy would keep a live image that is not the one it is given.

    It compares with the one it was given last, and takes an image that somebody set by hand for what that resolved to.
    """
    live: str = (entry["Spec"]["TaskTemplate"].get("ContainerSpec") or {}).get("Image", "")
    labels = entry["Spec"].get("Labels") or {}
    return labels.get(STACK_IMAGE) == image and live.partition("@")[0] not in (image, f"{image}:latest")


def _keys(sides: tuple[Entry, Entry]) -> list[str]:
    keys = sorted({*sides[0], *sides[1]} - {"note"})
    return [*keys, "changed by hand"] if "note" in sides[0] else keys


def _networks_to_make(name: str, document: Entry, existing: Iterable[str]) -> list[str]:
    definitions = document.get("networks") or {}
    used = {key for service in document["services"].values() for key in service.get("networks") or {}}
    own = {object_name(name, key, definitions) for key in used if not (definitions.get(key) or {}).get("external")}
    return sorted(own - set(existing))


def _said(verb: str, kind: str, names: Iterable[str]) -> list[str]:
    return [f"{verb} {kind} {name}" for name in names]


def _without_empty(side: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in side.items() if value}


def unused(name: str, document: Entry, live: Live, kept: Iterable[str] = ()) -> dict[str, list[Entry]]:
    """What of the stack nothing uses any more: configs and secrets that this collection made, and networks.

    What the spec before the last update used is kept, or a rollback would find it gone.
    """
    needed = {"configs": set(kept), "secrets": set(kept), "networks": set(kept)}
    for entry in live.services:
        for spec in (entry["Spec"], entry.get("PreviousSpec") or {}):
            template = spec.get("TaskTemplate") or {}
            container = template.get("ContainerSpec") or {}
            for words in ("Config", "Secret"):
                needed[f"{words.lower()}s"] |= {part[f"{words}Name"] for part in container.get(f"{words}s") or []}
            needed["networks"] |= {part["Target"] for part in template.get("Networks") or spec.get("Networks") or []}
    found: dict[str, list[Entry]] = {
        kind: [
            entry
            for entry in live.of(kind)
            if (entry["Spec"].get("Labels") or {}).get(STACK) == name
            and OWNER in (entry["Spec"].get("Labels") or {})
            and entry["Spec"]["Name"] not in needed[kind]
        ]
        for kind in ("configs", "secrets")
    }
    definitions = document.get("networks") or {}
    named = {object_name(name, key, definitions) for key in definitions}
    found["networks"] = [
        entry
        for entry in live.networks
        if (entry.get("Labels") or {}).get(STACK) == name
        and entry["Id"] not in needed["networks"]
        and entry["Name"] not in named
    ]
    return found


def everything(name: str, live: Live) -> dict[str, list[Entry]]:
    """All that is labelled as of a stack, volumes excepted: what docker stack rm would remove."""
    return {
        "services": [entry for _name, entry in sorted(live.stack(name).items())],
        **{
            kind: [entry for entry in live.of(kind) if (entry["Spec"].get("Labels") or {}).get(STACK) == name]
            for kind in ("secrets", "configs")
        },
        "networks": [entry for entry in live.networks if (entry.get("Labels") or {}).get(STACK) == name],
    }


def removal(name: str, live: Live) -> Change:
    """Before and after of removing a stack."""
    names = {
        kind: sorted(str(entry["Name"] if "Name" in entry else entry["Spec"]["Name"]) for entry in entries)
        for kind, entries in everything(name, live).items()
    }
    return Change(_without_empty(dict(names)), {})
