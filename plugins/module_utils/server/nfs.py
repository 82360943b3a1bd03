# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which NFS server and which NFS client a machine can have, and which it gets, from what it showed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..common.errors import Refusal
from .kernel import MISSING

KERNEL, GANESHA = "kernel", "ganesha"
IMPLEMENTATIONS = ("auto", KERNEL, GANESHA)
NAMES = {KERNEL: "the kernel's NFS server", GANESHA: "NFS-Ganesha"}
# The first releases whose NFS-Ganesha is 4.3 or later.
PACKAGED = {"debian": 12, "ubuntu": 24}
# Programs that tell what is installed: servers, and clients that are the kernel's or programs alone.
SERVERS = {KERNEL: "exportfs", GANESHA: "ganesha.nfsd"}
CLIENTS = {"kernel": "mount.nfs4", "user": "nfs-ls"}


@dataclass(frozen=True)
class Machine:
    """What a machine showed: how its kernel has nfsd, which servers run and are installed, its distribution.

    C(handles) says whether root may open files by handle, as a server in user space has to.
    """

    nfsd: str = MISSING
    runs: frozenset[str] = frozenset()
    installed: frozenset[str] = frozenset()
    os: Mapping[str, Any] = field(default_factory=dict)
    handles: bool = True


@dataclass(frozen=True)
class Choice:
    """The implementation that is to serve, and why it is that one."""

    implementation: str
    reason: str

    def __str__(self) -> str:
        return f"{NAMES[self.implementation]}, {self.reason}"


@dataclass(frozen=True)
class Service:
    """A service as systemd has it."""

    name: str
    active: bool = False
    enabled: bool = False
    reload: bool = False


def machine_of(facts: Mapping[str, Any], system: Mapping[str, Any]) -> Machine:
    """From plain data: what world_nfs.facts() says, and the distribution."""
    return Machine(
        facts["nfsd"], frozenset(facts["runs"]), frozenset(facts["installed"]), system, bool(facts["handles"])
    )


def services_of(names: Mapping[str, str], text: str) -> dict[str, Service]:
    """From what C(systemctl show) prints: a paragraph for each name, in their order."""
    found = [dict(line.split("=", 1) for line in part.splitlines() if "=" in line) for part in text.split("\n\n")]
    return {
        implementation: Service(
            name,
            said.get("ActiveState") in ("active", "activating", "reloading"),
            said.get("UnitFileState") == "enabled",
            said.get("NeedDaemonReload") == "yes",
        )
        for (implementation, name), said in zip(names.items(), found, strict=True)
    }


def standing(
    choice: Choice, services: Mapping[str, Service], differs: bool = False, stale: bool = False
) -> dict[str, Any]:
    """What of the chosen server is as it should be.

    C(differs) says whether files of its settings are to be written, C(stale) whether it runs with other settings than
    it is to have. The C(other) service is to be stopped; empty: none. C(ready): nothing is to be done.
    """
    mine = services[choice.implementation]
    others = (service for service in services.values() if service != mine and (service.active or service.enabled))
    other = next((service.name for service in others), "")
    return {
        "service": mine.name,
        "other": other,
        "restart": mine.active and stale,
        "ready": mine.active and mine.enabled and not (other or differs or stale or mine.reload),
    }


def choose(wanted: str, machine: Machine) -> Choice:
    """What serves stays, as clients can do nothing with another one's file handles; else it is the kernel's, if any."""
    if wanted not in IMPLEMENTATIONS:
        raise Refusal(f"nfs_server_implementation {wanted!r} is none of {', '.join(IMPLEMENTATIONS)}")
    if wanted == GANESHA:
        return Choice(GANESHA, "as nfs_server_implementation says")
    if wanted == KERNEL:
        if machine.nfsd == MISSING:
            raise Refusal(
                "this kernel has no NFS server (nfsd), and nfs_server_implementation is 'kernel': say 'ganesha' or "
                "'auto', or install the distribution's own kernel"
            )
        return Choice(KERNEL, "as nfs_server_implementation says")
    if machine.nfsd == MISSING:
        return Choice(GANESHA, "since this kernel has no NFS server")
    if GANESHA in machine.runs and KERNEL not in machine.runs:
        return Choice(GANESHA, "which serves here already")
    if machine.installed == {GANESHA}:
        return Choice(GANESHA, "which is installed here")
    return Choice(KERNEL, "since this kernel has one")


def check(choice: Choice, machine: Machine) -> None:
    """Refuse what could not serve on the machine."""
    if choice.implementation != GANESHA:
        return
    if not machine.handles:
        raise Refusal(
            f"{choice}, cannot serve here: root may not open files by handle (CAP_DAC_READ_SEARCH of the host), as in "
            "an unprivileged container: make it a privileged one, or serve NFS from another machine"
        )
    if GANESHA in machine.installed:
        return
    system, version = machine.os.get("id", ""), str(machine.os.get("version", "")).partition(".")[0]
    name = machine.os.get("name") or system or "this distribution"
    if {"rhel", "fedora"} & {system, *machine.os.get("like", [])}:
        raise Refusal(f"{choice}: its packages for {name} are not known here: serve NFS from Debian or Ubuntu")
    if system in PACKAGED and version.isdecimal() and int(version) < PACKAGED[system]:
        raise Refusal(
            f"{choice}: that of {name} is older than 4.3, which was tried: upgrade to Debian 12 or Ubuntu 24.04, or "
            "serve NFS from a machine whose kernel has an NFS server"
        )


def check_leaving(kernel: Service, foreign: Mapping[str, str]) -> None:
    """Refuse to stop a kernel's server that exports something for somebody else (path: its file)."""
    if foreign and (kernel.active or kernel.enabled):
        path, file = next(iter(sorted(foreign.items())))
        raise Refusal(
            f"NFS-Ganesha would take the place of the kernel's NFS server, which exports {path} by {file} too: move it "
            "to nfs_server_exports, or stay with the kernel's (nfs_server_implementation: kernel)"
        )


def client(nfsv4: str, programs: Iterable[str]) -> dict[str, Any]:
    """Which C(kind) of client a machine is to have, kernel or user, and whether it is C(ready).

    C(nfsv4) says how its kernel has that module, C(programs) which programs of clients are there.
    """
    kind = "user" if nfsv4 == MISSING else "kernel"
    return {"kind": kind, "ready": CLIENTS[kind] in set(programs)}
