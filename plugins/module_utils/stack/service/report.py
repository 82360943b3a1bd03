# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What modules return of a service: its tasks, where they run, which image, and where it answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.view import IMAGE
from .health import Verdict

Entry = Mapping[str, Any]


def report(shown: Entry, service: Entry, names: Mapping[str, str], verdict: Verdict | None) -> dict[str, Any]:
    """C(shown) is the service as engine.view shows it, C(service) as the engine does, C(names) of nodes by their ID."""
    spec = service["Spec"]
    live: str = (spec["TaskTemplate"].get("ContainerSpec") or {}).get("Image", "")
    pinned = live if live.startswith("sha256:") else ""
    running = [task for task in shown["tasks"] if task["state"] == "running" and task["desired"] == "running"]
    nodes = sorted(names.get(task["node_id"], task["node_id"]) for task in running)
    distinct = sorted(set(nodes))
    return {
        "name": shown["name"],
        "mode": shown["mode"],
        "desired": verdict.desired if verdict else shown["desired"],
        "running": verdict.running if verdict else shown["running"],
        "nodes": nodes,
        "image": (spec.get("Labels") or {}).get(IMAGE) or live.partition("@")[0] if pinned else live.partition("@")[0],
        "image_id": pinned,
        "ports": [{**port, "nodes": _answering(port, distinct, names)} for port in shown["ports"]],
        "state": {"waiting": "pending"}.get(verdict.state, verdict.state) if verdict else "pending",
        "reason": verdict.words if verdict else "",
    }


def _answering(port: Entry, running: list[str], names: Mapping[str, str]) -> list[str]:
    """The nodes on which a port answers: those with a task in host mode, all of them in ingress mode."""
    return running if port["mode"] == "host" else sorted(names.values())


def failure(stack: str, verdicts: Mapping[str, Verdict]) -> str:
    """How many services of a stack failed, and how it is with the others."""
    names = {
        state: sorted(name for name, verdict in verdicts.items() if verdict.state == state)
        for state in ("failed", "converged", "waiting")
    }
    parts = [f"{len(names['failed'])} of {len(verdicts)} services did not converge"]
    parts += [f"converged: {', '.join(names['converged'])}"] if names["converged"] else []
    parts += [f"still under way: {', '.join(names['waiting'])}"] if names["waiting"] else []
    return f"stack {stack}: {'; '.join(parts)}"
