# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The kernel of the machine a module runs on: its modules and settings, read and changed."""

from __future__ import annotations

import gzip
import os
import subprocess
from collections.abc import Iterable

from ..common.errors import HydraError
from ..common.world_files import read, write
from .kernel import Kernel, Plan, State, Wanted

# What shows a module that is built in and has no folder in /sys/module.
SIGNS = {"br_netfilter": "/proc/sys/net/bridge/bridge-nf-call-iptables", "ip_vs": "/proc/net/ip_vs"}


def kernel(names: Iterable[str]) -> Kernel:
    folder = f"/lib/modules/{os.uname().release}"
    builtin = read(f"{folder}/modules.builtin")
    present = {
        name for name in names if os.path.exists(f"/sys/module/{name}") or os.path.exists(SIGNS.get(name, "/nothing"))
    }
    return Kernel(
        loaded=read("/proc/modules"),
        filesystems=read("/proc/filesystems"),
        dependencies=read(f"{folder}/modules.dep"),
        builtin=builtin,
        config="" if builtin else _config(),
        present=frozenset(present),
    )


def state(want: Wanted, modules_file: str, sysctls_file: str) -> State:
    known = kernel(want.modules)
    return State(
        support={name: known.support(name) for name in want.modules},
        values={key: value(key) for key in [*want.sysctls, *want.minimums]},
        foreign=frozenset(key for key in [*want.sysctls, *want.minimums] if foreign(_path(key))),
        modules_file=read(modules_file),
        sysctls_file=read(sysctls_file),
    )


def apply(plan: Plan, want: Wanted, modules_file: str, sysctls_file: str) -> list[str]:
    """Bring the kernel to what is planned, and return what turned out to be impossible."""
    for name in plan.load:
        _load(name)
    lacking = []
    for key, target in plan.set.items():
        now = value(key)
        if now is None:  # of a module whose settings this kernel leaves out
            lacking.append(f"this kernel has no setting {key}")
        elif not (key in want.minimums and now.isdigit() and int(now) >= int(target)):
            _set(key, target)
    write(modules_file, plan.modules_file)
    write(sysctls_file, plan.sysctls_file)
    return lacking


def value(key: str) -> str | None:
    try:
        with open(_path(key), encoding="ascii", errors="replace") as stream:
            return stream.read().strip()
    except FileNotFoundError:
        return None
    except OSError:  # some can only be written
        return ""


def foreign(path: str) -> bool:
    """Whether a setting is the host's: what a container shares with it is mounted there, read-only."""
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def foreign_settings() -> list[str]:
    """The parts of the kernel's settings that are the host's, such as C(vm)."""
    return [part for part in ("fs", "kernel", "net", "vm") if foreign(f"/proc/sys/{part}")]


def _load(name: str) -> None:
    try:
        done = subprocess.run(["modprobe", name], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise HydraError(
            f"kernel module {name}: there is no modprobe here to load it; install the package kmod"
        ) from None
    if done.returncode:
        raise HydraError(
            f"kernel module {name} could not be loaded ({done.stderr.strip()}): 'dmesg | tail' says why; if the kernel "
            "was upgraded, reboot first"
        )


def _set(key: str, target: str) -> None:
    try:
        with open(_path(key), "w", encoding="ascii") as stream:
            stream.write(target)
    except OSError as error:
        raise HydraError(
            f"setting {key}: the kernel does not take {target!r} ({error.strerror}): correct it"
        ) from error


def _path(key: str) -> str:
    return f"/proc/sys/{key.replace('.', '/')}"


def _config() -> str:
    try:
        with gzip.open("/proc/config.gz", "rt", encoding="utf-8") as stream:
            return stream.read()
    except OSError:
        return ""
