# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a machine that is a container may do and sees of this computer, by what it runs.

A node or an NFS server runs one program of ours and may do everything. A server runs whatever its administrator does,
who must not change this computer by it: the parts of /proc and /sys that are not the container's own are read-only, the
clock is out of reach, and there are no devices but those that every container has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SHARED_WITH_HOST = (
    "/proc/bus",
    "/proc/irq",
    "/proc/sysrq-trigger",
    *(f"/proc/sys/{part}" for part in ("abi", "debug", "dev", "fs", "kernel", "vm")),
)
# What an engine says of itself if root in its containers is not root here, and the words for it.
UNFIT = {"rootless": "runs without root (rootless)", "userns": "maps its containers' users (userns-remap)"}


@dataclass(frozen=True)
class Shape:
    """Where the machine's volume is mounted, and what the engine is told of what it may do."""

    data: str
    tmpfs: tuple[tuple[str, str], ...]
    dropped: tuple[str, ...] = ()  # capabilities
    read_only: tuple[str, ...] = ()
    devices: tuple[str, ...] = ("a *:* rwm",)
    loads_modules: bool = False


# A killed engine leaves its pid file behind and then refuses to start; /run must not outlive a stop.
PLAIN = (("/run", ""), ("/tmp", ""))
SHAPES = {
    "engine": Shape("/var/lib/docker", PLAIN, loads_modules=True),
    "nfs": Shape("/exports", PLAIN),
    "server": Shape(
        "/disk",
        # Programs are run from there, and systemd takes these for its own.
        (("/run", "exec"), ("/run/lock", ""), ("/tmp", "exec")),
        dropped=("SYS_TIME", "SYS_RAWIO"),
        read_only=SHARED_WITH_HOST,
        devices=(),
        loads_modules=True,
    ),
}


def dropped(service: str, privileges: str) -> list[str]:
    """Capabilities that the machine does not get; an engine that lacks SYS_RESOURCE starts nothing that has it."""
    return [*SHAPES[service].dropped, *(["SYS_RESOURCE"] if privileges == "reduced" else [])]


def unfit(security: Iterable[str]) -> str:
    """Why an engine cannot run machines, from the options it names; empty: it can."""
    names = {option.partition("name=")[2].partition(",")[0] for option in security}
    return " and ".join(words for name, words in UNFIT.items() if name in names)
