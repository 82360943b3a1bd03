# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The kinds of server that a lab can be made of, and which of them this computer gets."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = {"container": "containers", "qemu": "virtual machines", "uml": "user-mode Linux"}
NEEDS = {
    "container": ("ssh", "ssh-keygen"),
    "qemu": ("qemu-system-x86_64", "qemu-img", "mmdebstrap", "mkfs.ext4", "iptables", "ip", "ssh-keygen"),
    "uml": ("mmdebstrap", "mkfs.ext4", "iptables", "ip", "ssh-keygen"),
}  # programs


@dataclass(frozen=True)
class Here:
    """What this computer has to run servers with.

    C(flags) is the flags line of /proc/cpuinfo, and C(kvm) says whether /dev/kvm opens. The device alone is no proof: a
    computer that is itself a virtual machine may have it and yet run no ordinary kernel on it.
    """

    engine: bool = False  # whether one answers
    silent: str = ""  # why none answers; empty where one can be installed
    unfit: str = ""  # why that one runs no servers
    flags: str = ""
    kvm: bool = False


def choose(wanted: str, there: str, here: Here) -> str:
    """The kind of the lab that is C(there); without one the wanted kind, and for C(auto) the best that works here."""
    if there or wanted != "auto":
        return there or wanted
    return next(kind for kind in works(here))


def works(here: Here) -> list[str]:
    """The kinds that work here as far as it shows, the best first."""
    found = ["container"] if here.engine and not here.unfit else []
    found += ["qemu"] if here.kvm and {"vmx", "svm"} & set(here.flags.split()) else []
    return [*found, "uml"]


def problem(name: str, wanted: str, there: str, here: Here) -> str:
    """Why the wanted kind of server cannot be made; empty: it can."""
    if there and wanted not in ("auto", there):
        return (
            f"lab {name} is there, of {KINDS[there]} (lab_host_backend={there}), and {wanted} is asked for: remove it "
            "first (make lab-down), or leave lab_host_backend out"
        )
    if choose(wanted, there, here) != "container":
        return ""
    if here.silent:
        return f"lab_host_backend=container: {here.silent}"
    if here.engine and here.unfit:
        return (
            f"lab_host_backend=container: the engine here {here.unfit}, and a server needs root of this computer: use "
            f"an engine without that, or lab_host_backend={works(here)[0]}"
        )
    return ""
