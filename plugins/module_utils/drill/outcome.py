# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a swarm makes of a fault, told from what a manager showed again and again: when it noticed, what moved.

Times are seconds since the fault was made, or since it was undone. A look is what engine.view makes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..engine.view import ENDED
from ..swarm.placement import reason

View = Mapping[str, Any]
Place = tuple[str, Any]  # of a task: its service, and its number there or, of a global one, its node
REPLICATED = "replicated"


class Fall:
    """From the last look before the fault until the swarm has made the best of it, or the fault is over."""

    def __init__(self, before: View, node: str, at: float):
        self.at, self.before = at, before
        self.node = next(one for one in before["nodes"] if one["name"] == node)
        self.held = {
            place(service, task): task["id"]
            for service, task in tasks(before)
            if task["node_id"] == self.node["id"] and task["state"] == "running"
        }
        self.noticed: float | None = None
        self.seen_as = ""
        self.moved: dict[Place, dict[str, Any]] = {}
        self.silent, self._last = 0.0, at
        self.disturbed = False  # whether anything was not as before,
        self.order: float | None = None  # and when all was again, by itself
        self.now = before

    def look(self, when: float, view: View | None) -> None:
        """C(view) is None where nobody answered."""
        if when < self.at:
            return
        if view is None:
            self.silent += when - self._last
        self._last = when
        if view is None:
            return
        self.now, after = view, when - self.at
        (node,) = [one for one in view["nodes"] if one["id"] == self.node["id"]] or [{**self.node, "status": "removed"}]
        changes = [f"{node[key]}" for key in ("status", "availability", "reachability") if node[key] != self.node[key]]
        if changes and self.noticed is None:
            self.noticed, self.seen_as = after, ", ".join(filter(None, changes))
        amiss = any(lacking(self.before, view, self.node["id"]))
        self.disturbed |= amiss
        self.order = None if amiss or not self.disturbed else self.order or after
        for service, task in tasks(view):
            at_place = place(service, task)
            if (
                at_place in self.held
                and at_place not in self.moved
                and runs(task)
                and task["id"] != self.held[at_place]
            ):
                where = {"task": task["name"], "from": self.node["name"], "to": task["node"], "after": after}
                self.moved[at_place] = where

    @property
    def waiting(self) -> list[dict[str, str]]:
        """The tasks that find no node, and what they wait for; they were on this one."""
        found = []
        for service, task in tasks(self.now):
            if place(service, task) in self.held and task["state"] == "pending" and task["error"]:
                found.append({"task": task["name"], "reason": reason(task["error"], service, self.now["nodes"])})
        return found

    @property
    def settled(self) -> bool:
        """Whether the swarm has noticed, and each replicated task of the node runs elsewhere or finds no node.

        Or all is as before, by itself.
        """
        if self.order is not None:
            return True
        pending = {one["task"] for one in self.waiting}
        names = {place(service, task): task["name"] for service, task in tasks(self.before)}
        replicated = [one for one in self.held if self._mode(one) == REPLICATED]
        return self.noticed is not None and all(one in self.moved or names[one] in pending for one in replicated)

    def told(self) -> dict[str, Any]:
        names = {place(service, task): task["name"] for service, task in tasks(self.before)}
        pending = self.waiting
        away = {*self.moved, *(one for one in self.held if names[one] in {each["task"] for each in pending})}
        listed = {place(service, task) for service, task in tasks(self.now)}
        moved = sorted(self.moved.values(), key=lambda one: (one["after"], one["task"]))
        return {
            "noticed": _rounded(self.noticed),
            "seen_as": self.seen_as,
            "moved": [{**one, "after": _rounded(one["after"])} for one in moved],
            "all_ran_after": _rounded(max((one["after"] for one in moved), default=None)),
            "pending": pending,
            "stayed": sorted(names[one] for one in self.held if one not in away and one in listed),
            "stopped": sorted(names[one] for one in self.held if one not in away and one not in listed),
            "silent": round(self.silent, 1),
            "order_after": _rounded(self.order),
        }

    def _mode(self, one: Place) -> str:
        return next(service["mode"] for service in self.before["services"] if service["id"] == one[0])


class Return:
    """From the end of the fault until all is in order: the node as it was before, each service with as many tasks."""

    def __init__(self, before: View, node: str, at: float, restarted: bool = False):
        self.at, self.before = at, before
        self.node = next(one for one in before["nodes"] if one["name"] == node)
        # What has to be replaced first, where all that ran on the node is started anew.
        here = (task["id"] for _service, task in tasks(before) if task["node_id"] == self.node["id"])
        self.old = set(here) if restarted else set()
        self.order: float | None = None
        self.lacking: list[str] = ["nobody answered"]

    def look(self, when: float, view: View | None) -> None:
        if view is not None and self.order is None:
            self.lacking = list(lacking(self.before, view, self.node["id"]))
            left = sorted(task["name"] for _service, task in tasks(view) if task["id"] in self.old)
            self.lacking += [f"{name} is not yet started anew" for name in left]
            if not self.lacking:
                self.order = max(0.0, when - self.at)

    @property
    def settled(self) -> bool:
        return self.order is not None

    def told(self) -> dict[str, Any]:
        return {"order_after": _rounded(self.order), "lacking": self.lacking}


def lacking(before: View, now: View, node_id: str) -> Iterator[str]:
    """What is not yet as it was, a few words each."""
    was = {one["id"]: one for one in before["nodes"]}[node_id]
    node = next((one for one in now["nodes"] if one["id"] == node_id), {**was, "status": "removed"})
    for key in ("status", "availability", "reachability"):
        if node[key] != was[key]:
            yield f"{node['name']} is {node[key] or 'unknown'}, and was {was[key]}"
    ready = {one["id"] for one in now["nodes"] if one["status"] == "ready"}
    had = {service["id"]: _running(service, None) for service in before["services"]}
    for service in now["services"]:
        count = _running(service, ready)
        if count < had.get(service["id"], 0):
            yield f"{service['name']} runs {count} of {had[service['id']]} tasks"


def _running(service: Mapping[str, Any], nodes: set[str] | None) -> int:
    return sum(runs(task) and (nodes is None or task["node_id"] in nodes) for task in service["tasks"])


def place(service: Mapping[str, Any], task: Mapping[str, Any]) -> Place:
    return (service["id"], task["slot"] or task["node_id"])


def runs(task: Mapping[str, Any]) -> bool:
    return bool(task["state"] == "running" and task["desired"] not in ("shutdown", "remove"))


def tasks(view: View) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Those that are to run; what only waits to be forgotten is left out."""
    for service in view["services"]:
        for task in service["tasks"]:
            if task["desired"] not in ("shutdown", "remove") and task["state"] not in ENDED:
                yield service, task


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
