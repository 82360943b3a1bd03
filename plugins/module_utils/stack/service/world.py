# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services watched until they have converged, and what is reported of them."""

from __future__ import annotations

import calendar
import itertools
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ...common import world_wait
from ...common.errors import EngineError, WaitError
from ...common.text import unrevealing, variables
from ...engine import world_logs
from ...engine.view import ENDED, view
from ...engine.world import Engine
from .health import Seen, Verdict, judge
from .report import report

INTERVAL = 0.2
GRACE = 10  # seconds the others still get once one service has failed
SKEW = 30  # seconds by which the clocks of two managers are taken to differ at most
Entry = Mapping[str, Any]


class Watch:
    """Looks at some services again and again, and remembers since when each task runs and when anything moved last."""

    def __init__(self, engine: Engine, ids: Iterable[str], stable: float):
        self.engine, self.ids, self.stable = engine, sorted(ids), stable
        self.fresh: Collection[str] = ()
        self.old: frozenset[str] = frozenset()
        self.leaving: Collection[str] = ()
        self._forgets = False
        self.services: list[Entry] = []
        self.tasks: list[Entry] = []
        self.nodes: list[Any] = []
        self._since: dict[str, float] = {}
        self._names: dict[str, str] = {}
        self._moved, self._marks = time.monotonic(), frozenset[Any]()
        self._own = engine.get("/info")["Swarm"].get("NodeID", "")

    def remember(self) -> None:
        """Tasks that have ended by now are history: they do not count as failures of what is done next."""
        self.read()
        self._forget()

    def begin(
        self, ids: Iterable[str], fresh: Collection[str], leaving: Collection[str] = (), forget: bool = False
    ) -> None:
        """From here on these services are watched, by ID.

        C(fresh) are those that this run changed, C(leaving) those it removed: what their tasks hold gets free yet.
        C(forget) makes history of what has ended by the next look: where nothing is changed, it is how things are now
        that counts, and not how they came to this.
        """
        self.ids, self.fresh, self.leaving, self._forgets = sorted(ids), fresh, leaving, forget
        self._moved = time.monotonic()

    def _forget(self) -> None:
        self.old = frozenset(task["ID"] for task in self.tasks if task["Status"]["State"] in ENDED)
        self._forgets = False

    def read(self) -> None:
        if not self.ids:
            self.services, self.tasks = [], []
            self.nodes = view(self.engine.get("/nodes"), [], [])["nodes"]
            return
        services = self.engine.get("/services", filters={"id": self.ids})
        # A filter takes an ID for the beginning of one.
        self.services = sorted((one for one in services if one["ID"] in self.ids), key=lambda one: one["Spec"]["Name"])
        self._names |= {one["ID"]: one["Spec"]["Name"] for one in self.services}
        # Of a service that is gone, an engine refuses to list tasks.
        filters = {} if self.leaving else {"filters": {"service": [one["ID"] for one in self.services]}}
        listed = self.engine.get("/tasks", **filters) if self.services else []
        self.tasks = [task for task in listed if task.get("ServiceID") in self.ids]
        self.nodes = view(self.engine.get("/nodes"), [], [])["nodes"]
        marks = frozenset(
            (task["ID"], task["Status"]["State"], task["DesiredState"], task["Status"].get("Err", ""))
            for task in self.tasks
        ) | {(one["ID"], (one.get("UpdateStatus") or {}).get("State")) for one in self.services}
        now = time.monotonic()
        if marks != self._marks or self._ending(listed):
            self._moved, self._marks = now, marks
        for task in self.tasks:
            if task["Status"]["State"] == "running":
                self._since.setdefault(task["ID"], now)

    def _ending(self, listed: Iterable[Entry]) -> bool:
        """Whether a task is going down and holds what another waits for: a port, a GPU, memory."""
        ready = {node["id"] for node in self.nodes if node["status"] == "ready"}
        return any(
            task.get("ServiceID") in (*self.ids, *self.leaving)
            and task["DesiredState"] in ("shutdown", "remove")
            and task["Status"]["State"] not in ENDED
            and task.get("NodeID") in ready
            for task in listed
        )

    def look(self) -> dict[str, Verdict]:
        """The verdict on each service, by its name."""
        self.read()
        if self._forgets:
            self._forget()
        found = {}
        for service in self.services:
            tasks = [task for task in self.tasks if task.get("ServiceID") == service["ID"]]
            seen = Seen(
                nodes=self.nodes,
                ages=self._ages(tasks),
                idle=time.monotonic() - self._moved,
                stable=self.stable,
                old=self.old,
                fresh=service["ID"] in self.fresh,
                lasted=_lasted(tasks),
            )
            verdict = judge(service, tasks, seen)
            found[service["Spec"]["Name"]] = replace(verdict, words=unrevealing(verdict.words, _variables(service)))
        there = {service["ID"] for service in self.services}
        gone = [self._names[one] for one in self.ids if one not in there and one in self._names]
        return found | {name: Verdict("failed", "somebody removed the service meanwhile", 0, 0) for name in gone}

    def settle(self, timeout: float) -> dict[str, Verdict]:
        """The verdicts once none is waiting any more; those that still are when the time is over have failed."""
        last: dict[str, Verdict] = {}
        failed_at = 0.0

        def observe() -> tuple[bool | None, str]:
            nonlocal last, failed_at
            try:
                last = self.look()
            except EngineError as error:  # managers that are electing a leader answer with an error
                return None, str(error)
            waiting = {name: verdict.words for name, verdict in last.items() if verdict.state == "waiting"}
            if any(verdict.state == "failed" for verdict in last.values()):
                failed_at = failed_at or time.monotonic()
                if time.monotonic() - failed_at > GRACE:
                    return True, ""
            return (None if waiting else True), "; ".join(f"{name}: {words}" for name, words in waiting.items())

        try:
            world_wait.until("the services to converge", observe, timeout, INTERVAL)
        except WaitError:
            if not last:  # nothing was seen in all that time
                raise
            return {
                name: replace(verdict, state="failed", words=f"not converged within {timeout:g} s: {verdict.words}")
                if verdict.state == "waiting"
                else verdict
                for name, verdict in last.items()
            }
        return last

    def _ages(self, tasks: Iterable[Entry]) -> dict[str, float]:
        """Seconds that each running task has been seen running; what ran before by the managers' clock.

        A task's times are set by its node and by the manager that leads; only this one's are compared with now.
        """
        leader = any(node["leader"] and node["id"] == self._own for node in self.nodes)
        now, ages = time.monotonic(), {}
        for task in tasks:
            if task["Status"]["State"] == "running":
                by_clock = time.time() - _seconds(task["UpdatedAt"]) - (0 if leader else SKEW)
                ages[task["ID"]] = max(now - self._since.get(task["ID"], now), by_clock)
        return ages

    def report(self, verdicts: Mapping[str, Verdict]) -> list[dict[str, Any]]:
        shown = view((), self.services, self.tasks)["services"]
        names = {node["id"]: node["name"] for node in self.nodes}
        raw = {service["ID"]: service for service in self.services}
        return [report(one, raw[one["id"]], names, verdicts.get(one["name"])) for one in shown]

    def _whole(self, service: str) -> str:
        """The command for all of a service's log; NODE= takes the name of this manager, too."""
        manager = next((node["name"] for node in self.nodes if node["id"] == self._own), "MANAGER")
        return f'make exec NODE={manager} CMD="docker service logs {service}"'

    def explained(self, verdicts: Mapping[str, Verdict]) -> list[str]:
        """Each service that failed: how, and the last lines of its log."""
        lines = []
        for name, verdict in sorted(verdicts.items()):
            if verdict.state == "failed":
                lines.append(f"{name}: {verdict.words}")
                log = world_logs.tail(self.engine, verdict.task) if verdict.task else []
                if log:
                    lines += ["  the end of its log:", *(f"    {line}" for line in log)]
                    lines += [f"  all of it: {self._whole(name)}"]
        known = [pair for service in self.services for pair in _variables(service)]
        return [unrevealing(line, known) for line in lines]


def _variables(service: Entry) -> list[tuple[str, str]]:
    """The environment of its tasks, which engines and the tasks themselves quote."""
    return variables((service["Spec"]["TaskTemplate"].get("ContainerSpec") or {}).get("Env"))


def _lasted(tasks: Iterable[Entry]) -> dict[str, float]:
    """Seconds from each task to the next one in its place, by the clock of the managers, who made both."""
    places: dict[Any, list[Entry]] = {}
    for task in tasks:
        places.setdefault(task.get("Slot") or task.get("NodeID", ""), []).append(task)
    found: dict[str, float] = {}
    for those in places.values():
        times = sorted((_seconds(task["CreatedAt"]), task["ID"]) for task in those)
        found |= {one: after - before for (before, one), (after, _next) in itertools.pairwise(times)}
    return found


def _seconds(text: str) -> float:
    """A time as the engine writes it, in seconds since 1970; fractions do not matter here."""
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))
