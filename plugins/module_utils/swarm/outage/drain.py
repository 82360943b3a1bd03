# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What draining or restoring a node does to the swarm's tasks, told from the swarm before and the swarm now.

Both are what engine.view makes. A task's slot is its place in a replicated service: when a task moves, its successor
has the same slot. A global service has no slots: its task on a drained node just stops.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...engine.view import ENDED
from ..placement import reason, satisfies

# A pending task is not among them: it waits for a node, and says why.
STARTING = frozenset({"new", "assigned", "accepted", "ready", "preparing", "starting"})
View = Mapping[str, Any]
Task = Mapping[str, Any]


def affected(view: View, node_id: str) -> list[dict[str, Any]]:
    """The tasks a drain of the node ends."""
    return [_named(service, task) for service, task in _running(view, node_id)]


def report(before: View, now: View, node_id: str) -> dict[str, Any]:
    """What became of the tasks: moved, stopped (global services), started on the node, and all that are pending."""
    node = _node(now, node_id)
    name, drained = node["name"], node["availability"] == "drain"
    # A node that was down ends on its return what has long been replaced: that is no doing of an activation.
    held = _slots(before, node_id) if drained else set()
    there = {task["id"] for _service, task in _tasks(before) if task["node_id"] == node_id}
    moved, pending, started = [], [], []
    for service, task in _tasks(now):
        place, here = (service["id"], task["slot"]), task["node_id"] == node_id
        if task["desired"] == "shutdown":
            continue
        if task["state"] == "pending" and task["error"]:
            why = reason(task["error"], service, now["nodes"])
            pending.append({**_named(service, task), "from": name if place in held else "", "reason": why})
        elif task["state"] == "running" and here and task["id"] not in there:
            started.append({**_named(service, task), "to": name})
        elif task["state"] == "running" and not here and place in held:
            moved.append({**_named(service, task), "from": name, "to": task["node"]})
    left = {task["id"] for _service, task in _tasks(now) if task["node_id"] == node_id}
    stopped = [
        {"service": service["name"], "task": task["name"]}
        for service, task in _running(before, node_id)
        if drained and not task["slot"] and task["id"] not in left
    ]
    return {"moved": moved, "pending": pending, "stopped": stopped, "started": started}


def awaited(availability: str, before: View, now: View, node_id: str) -> list[str]:
    """What has yet to happen until the swarm has done all that the availability asks of it, a few words each."""
    if availability == "drain":
        return list(_draining(before, now, node_id))
    if availability == "active":
        return list(_returning(before, now, node_id))
    return []


def _draining(before: View, now: View, node_id: str) -> Iterator[str]:
    # Of a node that is down nothing more will be heard; its tasks count as ended.
    heard = _node(now, node_id)["status"] == "ready"
    held = _slots(before, node_id)
    for service, task in _tasks(now):
        here = task["node_id"] == node_id
        if here and (heard or task["desired"] != "shutdown"):
            settled = task["state"] in ENDED
        elif (service["id"], task["slot"]) in held and task["desired"] != "shutdown":
            unplaced = task["state"] == "pending" and bool(task["error"])
            settled = unplaced or task["state"] == "running" or task["state"] in ENDED
        else:
            settled = True
        if not settled:
            yield _seen(task)


def _returning(before: View, now: View, node_id: str) -> Iterator[str]:
    node = _node(now, node_id)
    if node["status"] != "ready" or node["availability"] != "active":
        yield f"{node['name']} is {node['status']} and {node['availability']}"
        return
    if _node(before, node_id)["availability"] == "active":
        return
    # A pending task keeps the words of the last look for a node, so an unchanged time means: not looked again yet.
    asked = {task["id"]: task["since"] for _service, task in _tasks(before) if task["state"] == "pending"}
    for _service, task in _tasks(now):
        if task["id"] in asked and task["state"] not in ENDED | {"running"}:
            looked_again = task["state"] == "pending" and task["since"] != asked[task["id"]]
            if not looked_again:
                yield _seen(task)
    yield from _global(now, node)


def _global(now: View, node: Mapping[str, Any]) -> Iterator[str]:
    """The global services that the node will get a task of, and does not have running yet."""
    for service in now["services"]:
        meant = all(satisfies(node, constraint, unknown=False) for constraint in service["constraints"])
        if service["mode"] != "global" or not meant:
            continue
        here = [task for task in service["tasks"] if task["node_id"] == node["id"] and task["desired"] != "shutdown"]
        if not here:
            yield f"{service['name']} has no task on {node['name']}"
        # One that is to be retried after it failed (desired: ready) may go on so for ever.
        yield from (_seen(task) for task in here if task["desired"] == "running" and task["state"] in STARTING)


def _seen(task: Task) -> str:
    where = f" on {task['node']}" if task["node"] else ""
    return f"{task['name']} is {task['state']}{where}" + (f" ({task['error']})" if task["error"] else "")


def _tasks(view: View) -> Iterator[tuple[Mapping[str, Any], Task]]:
    for service in view["services"]:
        for task in service["tasks"]:
            yield service, task


def _running(view: View, node_id: str) -> Iterator[tuple[Mapping[str, Any], Task]]:
    """What runs on the node. A node that is down keeps on its list what has long been replaced: that is left out."""
    down = _node(view, node_id)["status"] != "ready"
    for service, task in _tasks(view):
        replaced = down and task["desired"] == "shutdown"
        if task["node_id"] == node_id and task["state"] not in ENDED and not replaced:
            yield service, task


def _slots(view: View, node_id: str) -> set[tuple[str, int]]:
    """The places in replicated services that the node holds."""
    return {(service["id"], task["slot"]) for service, task in _running(view, node_id) if task["slot"]}


def _node(view: View, node_id: str) -> Mapping[str, Any]:
    return next(node for node in view["nodes"] if node["id"] == node_id)


def _named(service: Mapping[str, Any], task: Task) -> dict[str, Any]:
    return {"service": service["name"], "slot": task["slot"], "task": task["name"]}
