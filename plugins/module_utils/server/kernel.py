# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a server's kernel can do for a swarm, and how its modules and settings are brought to what they should be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..common.change import Change
from ..common.errors import Refusal

LOADED, BUILT_IN, LOADABLE, MISSING = "loaded", "built in", "loadable", "missing"
HEADER = "# Managed by hydra.swarm (role host_kernel): changes made here are undone.\n"
NAME = re.compile(r"[A-Za-z0-9_-]+")
KEY = re.compile(r"[a-z0-9_]+([./][A-Za-z0-9_-]+)+")
# What a kernel without a list of its built-in modules shows of one that it has.
TRACES = {"overlay": "overlay", "nfs": "nfs", "nfsv4": "nfs4", "nfsd": "nfsd"}
OPTIONS = {
    "bridge": "BRIDGE",
    "br_netfilter": "BRIDGE_NETFILTER",
    "ip_vs": "IP_VS",
    "ip_vs_rr": "IP_VS_RR",
    "nfs": "NFS_FS",
    "nfsd": "NFSD",
    "nfsv4": "NFS_V4",
    "overlay": "OVERLAY_FS",
    "vxlan": "VXLAN",
}
# Settings that exist only while their module is loaded.
OWNERS = {"net.bridge.": "br_netfilter", "net.ipv4.vs.": "ip_vs"}


@dataclass(frozen=True)
class Kernel:
    """What a kernel tells of its modules: the texts of the files that list them, empty where it has no such file."""

    loaded: str = ""  # /proc/modules
    filesystems: str = ""  # /proc/filesystems
    dependencies: str = ""  # modules.dep, of all that can be loaded
    builtin: str = ""  # modules.builtin
    config: str = ""  # /proc/config.gz
    present: frozenset[str] = frozenset()  # names of which the kernel shows something, like a folder in /sys/module

    def support(self, name: str) -> str:
        """How the kernel has a module: LOADED, BUILT_IN, LOADABLE or MISSING."""
        name = _plain(name)
        if name in {_plain(line.split()[0]) for line in self.loaded.splitlines() if line.strip()}:
            return LOADED
        option = OPTIONS.get(name, "")
        filesystems = {line.split()[-1] for line in self.filesystems.splitlines() if line.strip()}
        if (
            name in self.present
            or TRACES.get(name) in filesystems
            or name in _files(self.builtin)
            or (option and f"CONFIG_{option}=y" in self.config.splitlines())
        ):
            return BUILT_IN
        return LOADABLE if name in _files(self.dependencies) else MISSING


def _files(text: str) -> set[str]:
    """Names of the modules in a list of their files."""
    return {_plain(line.split(":")[0].strip().rpartition("/")[2].partition(".")[0]) for line in text.splitlines()}


def _plain(name: str) -> str:
    return name.replace("-", "_")


@dataclass(frozen=True)
class Wanted:
    modules: tuple[str, ...]
    sysctls: Mapping[str, str] = field(default_factory=dict)
    minimums: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class State:
    """What there is: how the kernel has each wanted module, each setting's value (None: no such key), and our files.

    C(foreign) has the settings that are the host's, where this is a container: they can be read and not set.
    """

    support: Mapping[str, str]
    values: Mapping[str, str | None]
    foreign: frozenset[str] = frozenset()
    modules_file: str = ""
    sysctls_file: str = ""


@dataclass(frozen=True)
class Plan:
    change: Change
    load: tuple[str, ...]
    set: Mapping[str, str]
    modules_file: str
    sysctls_file: str
    lacking: tuple[str, ...]  # a line for each thing this kernel has not


def wanted(modules: Iterable[Any], sysctls: Mapping[Any, Any], minimums: Mapping[Any, Any]) -> Wanted:
    """Check and normalise what somebody asks for, all that is wrong in one message."""
    names = tuple(dict.fromkeys(str(name) for name in modules))
    exact = {str(key).replace("/", "."): _text(value) for key, value in sysctls.items()}
    least = {str(key).replace("/", "."): str(value).strip() for key, value in minimums.items()}
    problems = [f"module '{name}': write letters, digits, '_' and '-'" for name in names if not NAME.fullmatch(name)]
    problems += [
        f"setting '{key}': write it like net.ipv4.ip_forward" for key in {**exact, **least} if not KEY.fullmatch(key)
    ]
    problems += [f"setting {key}: '{value}' has a line end" for key, value in exact.items() if "\n" in value]
    problems += [
        f"setting {key}: a minimum is a whole number, not '{value}'"
        for key, value in least.items()
        if not value.isdigit()
    ]
    problems += [f"setting {key} has both a value and a minimum: leave one out" for key in exact if key in least]
    if problems:
        raise Refusal("; ".join(problems))
    return Wanted(names, exact, {key: int(value) for key, value in least.items()})


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else " ".join(str(value).split(" ")).strip()


def plan(state: State, want: Wanted) -> Plan:
    """What to load, set and write. A value above its minimum stays, and what the kernel lacks is said and left out."""
    missing = [name for name in want.modules if state.support[name] == MISSING]
    lacking = [f"this kernel has no module {name}" for name in missing]
    load = tuple(name for name in want.modules if state.support[name] == LOADABLE)
    kept = parse(state.sysctls_file)
    targets: dict[str, str] = {}
    lines: dict[str, str] = {}
    for key, value in [*want.sysctls.items(), *((key, str(least)) for key, least in want.minimums.items())]:
        now = state.values.get(key)
        if now is None and not any(key.startswith(start) and owner in load for start, owner in OWNERS.items()):
            lacking.append(f"this kernel has no setting {key}")
            continue
        enough = key in want.minimums and (now or "").isdigit() and int(now or 0) >= int(value)
        if key in state.foreign:
            if not enough and _words(now) != _words(value):
                lacking.append(f"{key} is the host's, {now} there and not {value}")
            continue
        if not enough and _words(now) != _words(value):
            targets[key] = value
        # What was higher than the minimum before is not lowered at the next boot either.
        if not enough or key in kept:
            lines[key] = value
    boot = [name for name in want.modules if state.support[name] in (LOADED, LOADABLE)]
    modules_file = HEADER + "".join(f"{name}\n" for name in boot) if boot else ""
    sysctls_file = HEADER + "".join(f"{key} = {value}\n" for key, value in lines.items()) if lines else ""
    before: dict[str, Any] = {
        "modules": {name: state.support[name] for name in want.modules if name not in missing},
        "sysctls": {key: state.values.get(key) for key in [*want.sysctls, *want.minimums] if key in targets},
        "at_boot": {"modules": state.modules_file.splitlines(), "sysctls": state.sysctls_file.splitlines()},
    }
    after = {
        "modules": {name: LOADED if name in load else how for name, how in before["modules"].items()},
        "sysctls": targets,
        "at_boot": {"modules": modules_file.splitlines(), "sysctls": sysctls_file.splitlines()},
    }
    return Plan(Change(before, after), load, targets, modules_file, sysctls_file, tuple(lacking))


def parse(text: str) -> dict[str, str]:
    """The settings in a file as sysctl reads it."""
    pairs = (
        line.partition("=") for line in text.splitlines() if "=" in line and line.strip()[:1] not in ("#", ";", "")
    )
    return {key.strip().lstrip("-").replace("/", "."): value.strip() for key, _sign, value in pairs}


def _words(value: str | None) -> list[str] | None:
    return None if value is None else value.split()
