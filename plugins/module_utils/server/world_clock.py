# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The clock of the machine a module runs on, and what keeps it right."""

from __future__ import annotations

import ctypes
import os
from typing import Any

from .facts import time_service

SIZE, STATUS = 512, 40  # more than struct timex has on any Linux; where its status is on a 64-bit one
UNSYNCHRONISED = 0x0040  # STA_UNSYNC
SETS_TIME = 25  # CAP_SYS_TIME


def keeping() -> dict[str, Any]:
    """The C(service) that keeps the clock (empty: none runs), and whether the kernel takes it for C(synchronised).

    C(ours) says whether it can be set here at all; a container's is the host's.
    """
    return {"service": time_service(_commands()), "synchronised": _synchronised(), "ours": _ours()}


def _ours(status: str = "/proc/1/status") -> bool:
    """Whether what runs this machine may set its clock."""
    with open(status, encoding="ascii", errors="replace") as lines:
        allowed = next(line.split()[1] for line in lines if line.startswith("CapBnd:"))
    return bool(int(allowed, 16) >> SETS_TIME & 1)


def _synchronised() -> bool | None:
    """What timedatectl shows, too; None where it cannot be told."""
    if ctypes.sizeof(ctypes.c_void_p) != 8:
        return None
    state = ctypes.create_string_buffer(SIZE)
    try:
        if ctypes.CDLL(None, use_errno=True).adjtimex(state) < 0:
            return None
    except (AttributeError, OSError):
        return None
    return not int.from_bytes(state.raw[STATUS : STATUS + 4], "little") & UNSYNCHRONISED


def _commands() -> list[str]:
    found = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{number}/comm", encoding="utf-8", errors="replace") as stream:
                found.append(stream.read().strip())
        except OSError:  # it has ended meanwhile
            continue
    return found
