# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A stack file, from its parsed data to the document that is deployed, and everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...common.errors import Refusal
from ...common.suggestion import meant
from .. import adapt, checks
from ..names import service_problem, stack_problem
from ..start_interval import file_format
from . import templates
from .content import content, network, volume
from .interpolate import expand
from .report import Report, shown
from .service import Around, service, without_ignored

SECTIONS = ("services", "networks", "volumes", "configs", "secrets")
KEY = re.compile(r"[A-Za-z0-9._-]+")


def parse(
    name: str, data: Any, report: Report, around: Around, attached: Mapping[str, Iterable[str]] | None = None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The document and its sources (configs and secrets to be made). What is wrong is in the report.

    C(attached) has networks that services are put on besides those of the file.
    """
    if problem := stack_problem(name):
        report.trouble(problem)
    sections = _sections(name, data, report, around.variables)
    document: dict[str, Any] = {"version": "", **{section: {} for section in SECTIONS}}
    sources: list[dict[str, Any]] = []
    for section, entries in sections.items():
        for key, entry in entries.items():
            path = (section, key)
            try:
                if not KEY.fullmatch(str(key)):
                    raise ValueError("a key here has letters, digits, '.', '-' and '_' alone")
                if section == "services":
                    if not stack_problem(name) and (problem := service_problem(name, key)):
                        report.problem(path, problem)
                    made = service(entry, path, report, around)
                elif section in ("configs", "secrets"):
                    made, source = content(section[:-1], name, entry, path, report, around)
                    sources += [source] if source else []
                else:
                    made = (network if section == "networks" else volume)(entry, path, report)
                document[section][key] = made
            except ValueError as error:
                report.problem(path, str(error))
    _references(document, sections, report)
    templates.check(document, report)
    _attach(document, attached or {}, sections.get("services", {}), report)
    document["version"] = file_format(document["services"])
    return document, sorted(sources, key=lambda source: (source["kind"], source["key"]))


def finish(
    name: str,
    document: dict[str, Any],
    sources: list[dict[str, Any]],
    report: Report,
    swarm: Mapping[str, Any],
    kernel: Mapping[str, bool],
    storage: Mapping[str, Any],
    mode: str,
) -> dict[str, Any]:
    """The document as this swarm and its kernels can run it. Raises Refusal with all that speaks against it."""
    if report.problems:
        raise Refusal(refusal(name, report))
    found: list[str] = []
    if kernel or mode == "always":
        adapted = adapt.adapt(document, kernel, swarm.get("nodes") or [], storage, mode)
        document, found = adapted.document, list(adapted.problems)
        report.notes += adapted.lines
    if swarm:
        found += checks.problems(name, document, swarm)
    if found:
        raise Refusal(listed(f"stack {name} ({report.file}) cannot be deployed", found))
    images = sorted({one["image"] for one in document["services"].values()})
    return {"name": name, "document": document, "images": images, "sources": sources, "notes": report.notes}


def refusal(name: str, report: Report) -> str:
    return listed(f"stack {name} cannot be deployed", report.problems)


def listed(what: str, problems: Iterable[str]) -> str:
    return "\n  ".join([f"{what}:", *problems])


def _attach(
    document: dict[str, Any], attached: Mapping[str, Iterable[str]], known: Mapping[str, Any], report: Report
) -> None:
    """Put services on networks that the file does not know, as external ones."""
    for name, networks in attached.items():
        if name not in known:
            report.trouble(
                f"networks are to be attached to service {name}, which is not in the file{meant(name, known)}"
            )
        for network_name in networks if name in document["services"] else ():
            own = document["services"][name]["networks"]
            own.setdefault(_key_of(document["networks"], network_name), {})


def _key_of(networks: dict[str, Any], real: str) -> str:
    """The key of the external network with that real name; made, if there is none."""
    wanted = {"external": True, "name": real}
    for key, entry in networks.items():
        if entry == wanted:
            return str(key)
    key = real
    while key in networks or key == "default":
        key = f"attached-{key}"
    networks[key] = wanted
    return key


def _sections(name: str, data: Any, report: Report, variables: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The sections that matter, less what Swarm ignores, and with variables replaced."""
    if not isinstance(data, Mapping):
        report.problem((), f"the file is {shown(data)}, not a mapping with services")
        return {}
    _head(name, data, report, variables)
    sections: dict[str, dict[str, Any]] = {}
    for section in SECTIONS:
        entries = data.get(section)
        if entries is not None and not isinstance(entries, Mapping):
            report.problem((section,), f"this is {shown(entries)}, not a mapping of names")
        elif not entries and section == "services":
            report.problem((section,) if section in data else (), "there are no services; a stack needs at least one")
        else:
            made = {key: entry for key, entry in (entries or {}).items() if not str(key).startswith("x-")}
            if section == "services":
                made = _services(made, report)
            sections[section] = expand(made, variables, report, (section,))
    return sections


def _services(entries: Mapping[str, Any], report: Report) -> dict[str, Any]:
    found = {}
    for key, entry in entries.items():
        if not isinstance(entry, Mapping):
            report.problem(("services", key), f"this is {shown(entry)}, not a mapping with an image")
            continue
        found[key] = without_ignored(key, entry, report)
        if "image" not in entry and "build" in entry:
            found[key]["build"] = entry["build"]  # what is said of its absence names it
    return found


def _head(name: str, data: Mapping[str, Any], report: Report, variables: Mapping[str, str]) -> None:
    """C(version), C(name), and keys that nobody knows."""
    version = data.get("version")
    if version is not None and not (isinstance(version, str) and re.fullmatch(r"3(\.\d+)?", version)):
        report.problem(
            ("version",),
            f'version {shown(version)} is not for Swarm; write version: "3.9", or leave it out, and '
            "move limits and restart rules below deploy",
        )
    own = expand(data.get("name"), variables, report, ("name",))
    if isinstance(own, str) and own != name:
        report.note(f"the stack is called {name}; the name {own} in the file is not used")
    for key in data:
        if key == "include":
            report.problem((key,), "is not for Swarm; deploy each file as a stack of its own, or make them one")
        elif key not in ("version", "name", *SECTIONS) and not str(key).startswith("x-"):
            report.problem((key,), f"unknown key{meant(str(key), SECTIONS)}")


def _references(document: Mapping[str, Any], sections: Mapping[str, Mapping[str, Any]], report: Report) -> None:
    """What services name has to be defined at the top level."""
    for name, one in document["services"].items():
        used: list[tuple[str, str, Any]] = [("networks", key, key) for key in one["networks"] if key != "default"]
        used += [
            ("volumes", mount["source"], index)
            for index, mount in enumerate(one.get("volumes", []))
            if mount["type"] in ("volume", "cluster") and mount.get("source") and "group:" not in mount["source"]
        ]
        for section in ("configs", "secrets"):
            used += [(section, ref["source"], i) for i, ref in enumerate(one.get(section, [])) if "source" in ref]
        for section, key, at in used:
            known = sections.get(section, {})
            if key not in known:
                remedy = meant(key, known) or f"; add it below {section}:"
                report.problem(("services", name, section, at), f"{section[:-1]} '{key}' is not defined{remedy}")
