# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a machine has that a backup would copy, or a restore overwrite."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from typing import Any

from ..engine.world import Engine
from ..swarm.membership import view_of

STATE = ("raft", "certificates")  # an engine that has left its swarm keeps another, empty file


def look(engine: Engine | None, exports: Sequence[str]) -> dict[str, Any]:
    """Of a machine whose engine is asked, or without one of its exports alone."""
    found: dict[str, Any] = {
        "exports": {path: len(os.listdir(path)) if os.path.isdir(path) else 0 for path in exports},
        "seals": bool(shutil.which("age")),
    }
    if engine:
        info = engine.get("/info")
        view, folder = view_of(info["Swarm"]), os.path.join(info["DockerRootDir"], "swarm")
        found |= {"state": view.state, "manager": view.manager, "swarm_id": view.swarm_id, "folder": folder}
        found["left"] = [name for name in engine.names(folder) if name in STATE]
    return found
