# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The engine's settings (daemon.json) that make it offer its GPUs to the swarm, and give a task those it reserves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .declared import KIND, SETTING, listed

MARK = "hydra.swarm.gpus"  # an engine's label: what its GPUs are, if they are not real
SIMULATED = f"{MARK}=simulated"
RUNTIME = "nvidia"
PATH = "nvidia-container-runtime"
# In this variable the engine tells a container which GPUs are its own, and NVIDIA's runtime reads it there.
VARIABLE = f"DOCKER_RESOURCE_{KIND}"


def settings(existing: Mapping[str, Any], uuids: Sequence[str], simulated: bool) -> dict[str, Any]:
    """What is to be merged into the settings there are; a value of None takes a key away.

    Lists are given whole, since merging replaces them: with resources of other kinds and others' labels, as they are.
    """
    wanted: dict[str, Any] = {}
    entries = listed(existing)
    ours = [f"{KIND}={uuid}" for uuid in uuids]
    there = [entry for entry in entries if entry.startswith(f"{KIND}=")]
    if ours or there:
        # Another order is no difference, and would cost a restart.
        kept = entries if sorted(there) == sorted(ours) else [one for one in entries if one not in there] + ours
        wanted[SETTING] = kept or None
    labels = [str(label) for label in _list(existing.get("labels"))]
    marked = [label for label in labels if label.partition("=")[0] == MARK]
    if simulated and uuids:
        others = [label for label in labels if label not in marked]
        wanted["labels"] = labels if marked == [SIMULATED] else [*others, SIMULATED]
    elif marked:
        wanted["labels"] = [label for label in labels if label not in marked] or None
    if uuids and not simulated:
        wanted["default-runtime"] = RUNTIME
        wanted["runtimes"] = {RUNTIME: {"path": _path(existing)}}
    return wanted


def _path(existing: Mapping[str, Any]) -> str:
    """The runtime's path; one that is set already stays, since another spelling would cost a restart."""
    runtimes = existing.get("runtimes")
    runtime = runtimes.get(RUNTIME) if isinstance(runtimes, Mapping) else None
    path = runtime.get("path") if isinstance(runtime, Mapping) else None
    return str(path) if path else PATH


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []
