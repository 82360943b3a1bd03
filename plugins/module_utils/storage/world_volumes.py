# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Volumes of this node's engine that show directories of the NFS server: their definitions, never their data."""

from __future__ import annotations

import os
import subprocess
from typing import Any

from ..common import world_wait
from ..common.change import Change
from ..common.errors import EngineError, HydraError, Refusal, WaitError
from ..engine.world import Engine
from . import volumes as core
from .directories import mount_of


def find(engine: Engine, name: str) -> core.Volume | None:
    try:
        return core.volume_of(engine.get(f"/volumes/{name}"))
    except EngineError as error:
        if error.status != 404:
            raise
        return None


def require_unused(engine: Engine, name: str, change: Change, timeout: float) -> None:
    """Refuse to touch the definition of a volume in use; what the swarm is just clearing away is waited for."""

    def look() -> tuple[bool | None, str]:
        containers = engine.get("/containers/json", all=True, filters={"volume": [name]})
        manager = engine.get("/info")["Swarm"].get("ControlAvailable")
        services = engine.get("/services") if manager else []
        users = core.users_of(name, containers, services)
        if not users:
            return True, ""
        if not core.passing(containers, [service for service in services if core.users_of(name, [], [service])]):
            raise Refusal(core.refusal(name, change, users))
        return None, ", ".join(users)

    try:
        world_wait.until("users of the volume to be gone", look, timeout)
    except WaitError as error:
        users = str(error).partition("last seen: ")[2].split(", ")
        raise Refusal(core.refusal(name, change, users)) from error


def remove(engine: Engine, name: str, mountpoint: str) -> None:
    """Remove a definition. The engine deletes the mount point with all it sees there, so nothing may be mounted."""
    for _layer in range(mounts_at(mountpoint)):
        # An engine that was killed leaves its mounts behind and does not know of them; each start adds one on top.
        done = subprocess.run(["umount", mountpoint], capture_output=True, text=True, check=False)
        if done.returncode:
            raise HydraError(
                f"volume '{name}' is still mounted on {mountpoint} although nothing uses it, and umount says: "
                f"{done.stderr.strip()}. Removing it now would delete data; restart this node's engine, then try again"
            )
    if mounts_at(mountpoint):
        raise HydraError(f"volume '{name}' was mounted again on {mountpoint} meanwhile; run this again")
    engine.delete(f"/volumes/{name}")


def create(engine: Engine, name: str, wanted: core.Volume) -> None:
    body: dict[str, Any] = {
        "Name": name,
        "Driver": wanted.driver,
        "DriverOpts": wanted.options,
        "Labels": wanted.labels,
    }
    engine.post("/volumes/create", body)


def mounts_at(path: str) -> int:
    """How many file systems are mounted on a path, one over the other."""
    place = os.path.realpath(path)
    targets = [line.split()[4] for line in _read("/proc/self/mountinfo").splitlines()]
    return targets.count(place.replace(" ", "\\040"))


def not_shared(path: str, rehearsal: bool = False) -> str:
    """Why a directory of this node is not the server's storage; empty: it may well be.

    A directory that is on the node's own root file system would be a different one on each node. In a rehearsal, one
    that is not there yet is taken for one that was only rehearsed, too.
    """
    while rehearsal and not os.path.lexists(path):
        path = os.path.dirname(path)
    if os.path.realpath(path) != path:
        return f"{path} is or lies below a symbolic link here"
    if not os.path.isdir(path):
        return f"{path} is not a directory on this node"
    if mount_of(path, _read("/proc/self/mounts")) == mount_of("/", _read("/proc/self/mounts")):
        return f"{path} lies on this node's own disk"
    return ""


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()
