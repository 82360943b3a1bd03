# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One service a node that reserves one GPU: made, watched to its end, read, and always removed."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Mapping
from typing import Any

from ..common import world_wait
from ..common.errors import Refusal, WaitError
from ..common.owner import OWNER
from ..engine import world_logs
from ..engine.view import ENDED
from ..engine.world import Engine
from . import verify

LINES = 500  # of a log: eight GPUs with seven instances each are 64
LOG = 10.0  # seconds until a log that has been written can be read
BUSY = 15.0  # seconds a task that finds no free GPU is given
INTERVAL = 0.2
Entry = Mapping[str, Any]


class Verification:
    """The services of one run, on some nodes (as engine.view shows them)."""

    def __init__(self, engine: Engine, image: str, owner: str, timeout: float):
        self.engine, self.image, self.owner, self.timeout = engine, image, owner, timeout
        self._pending: dict[str, float] = {}

    def results(self, nodes: Iterable[Entry]) -> list[dict[str, Any]]:
        """What came out on each node; nodes that take no tasks are told, and not asked."""
        nodes = list(nodes)
        able = [node for node in nodes if node["status"] == "ready" and node["availability"] == "active"]
        self._remove(able)
        try:
            services = {node["name"]: self._create(node) for node in able}
            tasks = self._ended(services)
            return [self._result(node, tasks.get(node["name"])) for node in nodes]
        finally:
            self._remove(able)

    def _create(self, node: Entry) -> str:
        return str(self.engine.post("/services/create", verify.spec(node, self.image, self.owner))["ID"])

    def _remove(self, nodes: Iterable[Entry]) -> None:
        """Take the services away, those too that a killed run left behind; never anybody else's."""
        names = {verify.name(node) for node in nodes}
        for service in self.engine.get("/services", filters={"name": [verify.NAME]}):
            spec = service["Spec"]
            if spec["Name"] not in names:
                continue
            owner = (spec.get("Labels") or {}).get(OWNER)
            if owner != self.owner:
                raise Refusal(
                    f"service {spec['Name']} has no label {OWNER}={self.owner}, so it is somebody else's: "
                    "rename or remove it"
                )
            self.engine.delete(f"/services/{service['ID']}")

    def _ended(self, services: Mapping[str, str]) -> dict[str, Entry]:
        """The task of each node's service once it has ended, or is clearly not going to start; else as it is."""
        last: dict[str, Entry] = {}

        def observe() -> tuple[bool | None, str]:
            for node, service in services.items():
                tasks = self.engine.get("/tasks", filters={"service": [service]})
                if tasks:
                    last[node] = tasks[0]
            waiting = [node for node in services if not self._over(last.get(node))]
            states = (f"{node}: {last[node]['Status']['State'] if node in last else 'no task'}" for node in waiting)
            return (None if waiting else True), ", ".join(states)

        with contextlib.suppress(WaitError):  # each node's result says in which state its task is
            world_wait.until("the tasks to end", observe, self.timeout, INTERVAL)
        return last

    def _over(self, task: Entry | None) -> bool:
        if task is None:
            return False
        if task["Status"]["State"] == "pending" and task["Status"].get("Err"):
            return time.monotonic() - self._pending.setdefault(task["ID"], time.monotonic()) > BUSY
        return task["Status"]["State"] in ENDED

    def _result(self, node: Entry, task: Entry | None) -> dict[str, Any]:
        simulated = verify.simulated(node)
        result = {"node": node["name"], "simulated": simulated, "reserved": [], "seen": [], "problem": ""}
        if task is None:
            trouble = f"it is {node['status']}, {node['availability']}"
            return {**result, "problem": f"not verified, since {trouble}"}
        given = verify.reserved(task)
        lines = self._log(task) if task["Status"]["State"] == "complete" else world_logs.tail(self.engine, task)
        told, listed = verify.seen(lines)
        problem = verify.unfinished(task, lines) or verify.problem(given, lines, real=not simulated)
        return {**result, "reserved": given, "seen": told if simulated else listed, "problem": problem}

    def _log(self, task: Entry) -> list[str]:
        """The whole log, which reaches the managers a little after the task has ended."""
        lines: list[str] = []

        def observe() -> tuple[bool | None, str]:
            nonlocal lines
            lines = world_logs.tail(self.engine, task, LINES)
            return (True if verify.END in lines else None), f"{len(lines)} lines"

        with contextlib.suppress(WaitError):  # what is missing in it is told as such
            world_wait.until("the task's log", observe, LOG, INTERVAL)
        return lines
