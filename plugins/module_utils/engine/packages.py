# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which packages bring a Docker Engine to a server, whether they may be installed there, and when it is restarted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# The engine's package of each source, and those that have to be of its version.
ENGINE = {"distribution": "docker.io", "docker": "docker-ce"}
CLIENT = {"distribution": "docker-cli", "docker": "docker-ce-cli"}
REMOVE = {"distribution": "docker.io docker-cli containerd runc", "docker": "docker-ce docker-ce-cli containerd.io"}
OWNER = {"distribution": "the distribution's", "docker": "Docker's own"}


@dataclass(frozen=True)
class Seen:
    """What a look at the server found."""

    os: Mapping[str, Any]  # see os_release
    program: str = ""  # where dockerd is
    running: str = ""  # version of the engine that answers
    replaced: bool = False  # whether the program it runs is no longer the one on the disk
    installed: Mapping[str, str] = field(default_factory=dict)  # package -> version
    held: frozenset[str] = frozenset()
    candidate: Mapping[str, str] = field(default_factory=dict)  # package -> the version that would be installed
    offered: Mapping[str, Sequence[str]] = field(default_factory=dict)  # package -> every version, newest first


def _title(os: Mapping[str, Any]) -> str:
    return os["name"] or "an unknown system"


def upstream(version: str) -> str:
    """Docker's own version in a package's or an engine's: 28.5.2 of 5:28.5.2-1~debian.13~trixie and 28.5.2+dfsg4-5."""
    match = re.match(r"(?:\d+:)?(\d+(?:\.\d+)*)", version)
    return match[1] if match else ""


def matches(version: str, wanted: str) -> bool:
    """Whether a package's version is the wanted one: in full, or by the first parts of Docker's own (28, 28.5)."""
    return version == wanted or f"{upstream(version)}.".startswith(f"{wanted}.")


def names(os: Mapping[str, Any], source: str) -> list[str]:
    """The packages of an engine and its command-line client."""
    if source == "docker":
        return ["docker-ce", "docker-ce-cli", "containerd.io"]
    # Debian split the client from the engine's package in release 13; testing and unstable have no number.
    split = os["id"] == "debian" and int(os["major"] or 99) >= 13
    return ["docker.io", *(["docker-cli"] if split else []), "iptables"]


def source_of(seen: Seen) -> str:
    """Where the engine that is there came from: distribution, docker, other (not from a package we know), or none."""
    for source, package in ENGINE.items():
        if package in seen.installed:
            return source
    return "other" if seen.program else ""


def conflict(seen: Seen, source: str) -> str:
    """Why engines of that source cannot be installed (or kept) here; empty: they can."""
    there = source_of(seen)
    if there in ENGINE and there != source:
        package = ENGINE[there]
        return (
            f"{OWNER[there]} engine is installed here ({package} {seen.installed[package]}), and docker_engine_source "
            f"is '{source}', whose {ENGINE[source]} conflicts with it: set docker_engine_source to '{there}', or take "
            f"the node out of the swarm, remove the old engine (apt-get remove {REMOVE[there]}) and run this again"
        )
    if there:
        return ""
    if seen.running:
        return (
            f"an engine {seen.running} answers here that is of no package (a snap?), and a second one beside it would "
            "not work: remove it (snap remove docker), and run this again"
        )
    if seen.os["family"] == "redhat" and source == "distribution":
        return f"{_title(seen.os)} has no Docker Engine of its own: set docker_engine_source to 'docker'"
    if not seen.os["family"]:
        return (
            f"No Docker Engine answers, and none can be installed on {_title(seen.os)}. Install one and start it (on "
            "macOS or Windows: Docker Desktop, Colima or Rancher Desktop; elsewhere: the distribution's docker "
            "package), check it with 'docker version', then run this again"
        )
    return ""


def plan(
    seen: Seen, source: str, version: str = "", latest: bool = False, packages: Sequence[str] = ()
) -> dict[str, Any]:
    """What to install so that an engine is there, or (C(latest)) the newest of the wanted version is.

    C(packages) names what to install instead of what is usual; nothing of these is pinned but the engine's own.
    """
    there, engine = source_of(seen), ENGINE[source]
    now = seen.installed.get(engine, "")
    target, problem = "", ""
    if latest or (version and not there):
        target, problem = _target(seen, source, version, there)
    wanted = not there or (latest and bool(target) and target != now)
    return {
        "conflict": conflict(seen, source),
        "problem": problem,
        "packages": _specs(seen, source, target if version or there else "", packages)
        if wanted and not problem
        else [],
        "from": now or seen.running,
        "to": (target or now) if not problem else "",
        # What runs is still the old program: an upgrade was interrupted before the restart.
        "stale": bool(now and seen.running) and (seen.replaced or upstream(now) != upstream(seen.running)),
        "off_version": bool(version and now) and not matches(now, version),
        "unheld": sorted(set(seen.installed) & {ENGINE[source], CLIENT[source]} - seen.held),
    }


def _target(seen: Seen, source: str, version: str, there: str) -> tuple[str, str]:
    """The version to install, or what is in the way of knowing it."""
    engine, os = ENGINE[source], seen.os
    if there == "other":
        return (
            "",
            f"the engine here ({seen.program}) came from no package of docker.io or docker-ce: upgrade it by hand",
        )
    if os["family"] != "debian":  # dnf is not asked: not tested, so nothing is claimed about upgrades there
        return "", f"an engine on {_title(os)} is upgraded by hand" if there else ""
    offered = list(seen.offered.get(engine, []))
    usual = seen.candidate.get(engine, "")
    found = [one for one in [usual, *offered] if one and (not version or matches(one, version))]
    if not found and not offered and not usual:
        return "", f"the package sources offer no {engine}: check them (apt-cache policy {engine})"
    if not found:
        return (
            "",
            f"no {engine} of version '{version}' is offered; there is {', '.join(dict.fromkeys(offered or [usual]))}",
        )
    now = seen.installed.get(engine, "")
    if now and _numbers(found[0]) < _numbers(now):
        return "", (
            f"{engine} {found[0]} is older than {now}, which is installed, and no engine is downgraded in place: name "
            "a version that is not older"
        )
    return found[0], ""


def _specs(seen: Seen, source: str, target: str, packages: Sequence[str]) -> list[str]:
    """What to hand to the package manager: the engine and its client in the target's version, the rest as it comes."""
    of_target = {ENGINE[source], CLIENT[source]}
    specs = []
    for name in packages or names(seen.os, source):
        # A client that the distribution does not have in that version is left to the engine's own dependency.
        pinned = target and name in of_target and (name == ENGINE[source] or target in seen.offered.get(name, []))
        specs.append(f"{name}={target}" if pinned else name)
    return specs


def _numbers(version: str) -> list[int]:
    return [int(part) for part in upstream(version).split(".") if part]


def restart(look: Mapping[str, Any], installed: bool, effect: str, latest: bool) -> dict[str, bool]:
    """Of what engine_host_info saw last (C(look)).

    C(installed) says whether packages were installed since, C(effect) what engine_settings says that its change takes,
    C(latest) whether an upgrade is wanted.
    """
    engine = look["engine"]
    # After an upgrade, also one that was interrupted before the restart, another version runs than the one installed.
    upgraded = latest and (installed or look["plan"]["stale"])
    # Rules that somebody threw away it writes anew when it starts.
    outdated = effect == "restart" or any(fault["mends"] for fault in look.get("faults") or ())
    member = engine["swarm"]["state"] != "inactive"
    runs = engine["version"] != ""
    now = look["systemd"] and runs and (upgraded or (outdated and not member))
    at_boot = look["enabled"] or not look["systemd"]
    return {
        "upgraded": upgraded,
        "now": now,
        "later": outdated and not now,
        # What was not installed, or only in a rehearsal, cannot be started.
        "start": engine["program"] != "" and (not runs or now or not at_boot),
    }


def installed(text: str) -> tuple[dict[str, str], frozenset[str]]:
    """What C(dpkg-query) lists as 'PACKAGE VERSION WANTED STATUS': versions of what is installed, and what is held."""
    rows = [line.split() for line in text.splitlines()]
    there = [row for row in rows if len(row) == 4 and row[3] == "installed"]
    return {row[0]: row[1] for row in there}, frozenset(row[0] for row in there if row[2] == "hold")


def candidates(text: str) -> dict[str, str]:
    """Of C(apt-cache policy): the version of each package that would be installed."""
    found = re.findall(r"^(\S+):\n(?:[ ]+.*\n)*?[ ]+Candidate: (\S+)", text, re.MULTILINE)
    return {name: version for name, version in found if version != "(none)"}


def offers(lines: Iterable[str]) -> dict[str, list[str]]:
    """Of C(apt-cache madison): every version of each package, in its order, the newest first."""
    found: dict[str, list[str]] = {}
    for line in lines:
        words = [word.strip() for word in line.split("|")]
        if len(words) == 3 and words[1] not in found.setdefault(words[0], []):
            found[words[0]].append(words[1])
    return found
