# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looks at the engine of the server a module runs on: its packages, whether it answers, its place in the swarm."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Any

from ..common import linux
from ..common.errors import EngineError
from ..common.world_files import read
from . import packages as engine_packages
from . import world_settings
from .nodes import node_of
from .packages import Seen
from .world import Engine

ALL = [*engine_packages.ENGINE.values(), *engine_packages.CLIENT.values()]
MEMBERSHIP = "/var/lib/docker/swarm/docker-state.json"  # there for as long as this machine is in a swarm
SYSTEMD = "/run/systemd/system"


def packages(running: str, version: str, latest: bool) -> Seen:
    """The packages, and the package manager's offers where they matter: asking for them takes it a moment."""
    text = _said(["dpkg-query", "-W", "-f", "${Package} ${Version} ${db:Status-Want} ${db:Status-Status}\\n", *ALL])
    there, held = engine_packages.installed(text)
    apt = (latest or (version and not there)) and shutil.which("apt-cache")
    return Seen(
        os=linux.os_release(next(filter(None, map(read, linux.OS_RELEASE)), "")),
        program=world_settings.program(),
        running=running,
        replaced=_replaced(),
        installed=there,
        held=held,
        candidate=engine_packages.candidates(_said(["apt-cache", "policy", *ALL])) if apt else {},
        offered=engine_packages.offers(_said(["apt-cache", "madison", *ALL]).splitlines()) if apt else {},
    )


def engine(socket: str) -> dict[str, Any]:
    """The engine's version, or why it does not answer; and what this machine is in a swarm."""
    client = Engine(socket, timeout=20)
    try:
        info = client.get("/info")
    except EngineError as error:
        # An engine that is down cannot be asked; its files tell whether it will be in a swarm once it runs.
        state = "unknown" if os.path.exists(MEMBERSHIP) else "inactive"
        return {"version": "", "error": str(error), "swarm": _swarm({"LocalNodeState": state}, False)}
    swarm, leader = info["Swarm"], False
    if swarm.get("ControlAvailable"):
        try:
            leader = node_of(client.get(f"/nodes/{swarm['NodeID']}")).leader
        except EngineError:  # managers without a majority, or electing: then nobody leads
            leader = False
    return {"version": info["ServerVersion"], "error": "", "swarm": _swarm(swarm, leader)}


def systemd() -> dict[str, bool]:
    here = os.path.isdir(SYSTEMD)
    enabled = here and _said(["systemctl", "is-enabled", "docker"]).strip() == "enabled"
    return {"systemd": here, "enabled": enabled}


def architecture() -> str:
    return _said(["dpkg", "--print-architecture"]).strip()


def _swarm(view: dict[str, Any], leader: bool) -> dict[str, Any]:
    return {
        "state": view.get("LocalNodeState", "inactive"),
        "node_id": view.get("NodeID", ""),
        "manager": bool(view.get("ControlAvailable")),
        "leader": leader,
    }


def _replaced() -> bool:
    """Whether the package manager has put another program in the place of the one that runs."""
    running = world_settings.daemon()
    try:
        return running is not None and os.readlink(f"/proc/{running.pid}/exe").endswith(" (deleted)")
    except OSError:
        return False


def _said(command: list[str]) -> str:
    """What a program prints; a machine that lacks it has nothing to say. Some answer in part and fail for the rest."""
    try:
        environment = {**os.environ, "LC_ALL": "C"}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment).stdout
    except FileNotFoundError:
        return ""
