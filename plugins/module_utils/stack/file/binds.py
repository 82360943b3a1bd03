# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What services mount of the nodes' own files: Swarm makes no folder for a bind, and tries every node in turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...swarm.placement import takes_tasks
from ..demand import service_of

# Every node has its engine's socket, and whatever the storage of the cluster is mounted at.
ALWAYS = ("/var/run/docker.sock", "/run/docker.sock")


def wanted(document: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]], storage: str = "") -> list[dict[str, Any]]:
    """Each path that is to be there, which services mount it, and the nodes that they may run on."""
    found: dict[str, dict[str, Any]] = {}
    for name, service in document["services"].items():
        able = [str(node["name"]) for node in service_of(name, service).eligible(nodes) if takes_tasks(node)]
        for path in _sources(service):
            if path not in ALWAYS and not (storage and f"{path}/".startswith(f"{storage}/")):
                entry = found.setdefault(path, {"path": path, "services": [], "nodes": []})
                entry["services"].append(name)
                entry["nodes"] = sorted({*entry["nodes"], *able})
    return [found[path] for path in sorted(found)]


def _sources(service: Mapping[str, Any]) -> list[str]:
    sources = {mount["source"] for mount in service.get("volumes") or [] if mount["type"] == "bind"}
    # What Swarm makes of a template differs from task to task.
    return sorted(path for path in sources if path.startswith("/") and "{{" not in path)


def problems(binds: Iterable[Mapping[str, Any]], lacking: Mapping[str, Iterable[str]]) -> list[str]:
    """A sentence for each path that is nowhere; C(lacking) has what each node that answered does not have."""
    found = []
    for bind in binds:
        if bind["nodes"] and all(bind["path"] in lacking.get(node, ()) for node in bind["nodes"]):
            found.append(
                f"{', '.join(bind['services'])}: {bind['path']} is to be mounted, and is on no node that may run it "
                f"({', '.join(bind['nodes'])}); Swarm makes no folder for a bind: make it there, or use a volume"
            )
    return found


def answered(results: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> dict[str, list[str]]:
    """What each node lacks, by its name; C(results) are those of a loop over hosts, C(names) their nodes' names."""
    return {names[one["item"]]: one["stdout"].splitlines() for one in results if one.get("rc") == 0}
