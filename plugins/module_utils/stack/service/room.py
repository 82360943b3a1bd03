# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a service that starts its new task before the old one stops finds a node with room for both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...swarm.placement import takes_tasks
from ..demand import Node, StackService
from ..placement import has, reserved, shown

ORDER = "start-first"
# What such a task can be waiting to be given; it has what it reserved until it has ended.
OVER = ("complete", "failed", "shutdown", "rejected", "remove", "orphaned")
REMEDY = "make it stop-first (deploy.update_config.order), reserve less, or free some"


def service_of_view(service: Mapping[str, Any]) -> StackService:
    """A service as swarm_info lists it."""
    amounts = service["reserved"]
    return StackService(
        str(service["name"]),
        mode=str(service["mode"]),
        replicas_given=None,
        constraints=tuple(service["constraints"]),
        max_per_node=0,
        endpoint_mode="",
        ports=(),
        cpus=amounts["cpus"],
        memory=amounts["memory"],
        generic={kind: int(has(amounts, kind)) for kind in amounts["generic_resources"]},
    )


def order(service: Mapping[str, Any]) -> str:
    """In which order a service of a stack file is updated."""
    return str(((service.get("deploy") or {}).get("update_config") or {}).get("order") or "")


def problem(service: StackService, update_order: str, swarm: Mapping[str, Any]) -> str:
    """Why an update of the service would never converge; empty: it can. C(swarm) is the view of swarm_info."""
    asked = reserved(service)
    able = [node for node in service.eligible(swarm["nodes"]) if takes_tasks(node)]
    if update_order != ORDER or not asked or not able or service.mode not in ("replicated", "global"):
        return ""
    free = {str(node["name"]): _free(node, asked, swarm["services"]) for node in able}
    full = [name for name, left in free.items() if any(left[kind] < asked[kind] for kind in asked)]
    # One task in every node's place, or one in any.
    if not full or (service.mode == "replicated" and len(full) < len(able)):
        return ""
    wanted = " and ".join(shown(kind, amount) for kind, amount in asked.items())
    left = "; ".join(_said(node, free[str(node["name"])]) for node in able if node["name"] in full)
    return (
        f"{service.name}: order {ORDER} starts a new task while the old one still has its {wanted}, and there is no "
        f"room for both ({left}), so the update would never converge: {REMEDY}"
    )


def _said(node: Node, left: Mapping[str, float]) -> str:
    kinds = (f"{shown(kind, max(amount, 0))} of {shown(kind, has(node, kind))}" for kind, amount in left.items())
    return f"free on {node['name']}: {', '.join(kinds)}"


def _free(node: Node, kinds: Iterable[str], services: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """What the tasks on a node leave of it."""
    left = {kind: has(node, kind) for kind in kinds}
    for service in services:
        for task in service["tasks"]:
            if task["node"] == node["name"] and task["state"] not in OVER:
                left = {kind: amount - has(service["reserved"], kind) for kind, amount in left.items()}
    return left
