# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a service does what its spec says, is on its way there, or will not get there, and why.

Judged from what GET /services, /tasks and /nodes answer, and from what only somebody who keeps looking knows: how long
each task has been running, and how long nothing has moved. Nothing here compares the clocks of two nodes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...engine.view import MODES, view
from ...swarm.placement import reason, satisfies
from .version import created, is_current

ATTEMPTS = 3  # so many times one place of a service may fail before it is taken for a crash loop
MISSES = 2  # so many times a node may not find the image: a second look is for one that was being loaded
UNPLACED = 10  # seconds without any movement after which a task that finds no node will not find one
OUTLAST = 30  # seconds after which a task is well although those before it fell again and again
PATIENT = 30e9  # nanoseconds of restart delay from which a task that ends well is meant to run now and then
FAILED = ("failed", "rejected")
Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Seen:
    """What a look at the swarm found, besides the service itself."""

    nodes: Sequence[Mapping[str, Any]]  # as engine.view shows them
    ages: Mapping[str, float]  # task's ID -> seconds it has been running
    idle: float  # seconds since anything of what is being watched moved
    stable: float = 5  # seconds a task without health check must have run
    old: Collection[str] = frozenset()  # tasks that had ended before anybody looked: history
    fresh: bool = True  # whether this run changed the service, so that a rollback means it did not work
    lasted: Mapping[str, float] = field(default_factory=dict)  # task's ID -> seconds until the next one in its place


@dataclass(frozen=True)
class Verdict:
    """The state of one service: converged, waiting or failed; C(words) say why it is not converged."""

    state: str
    words: str
    running: int
    desired: int
    task: Entry | None = None  # the task whose log tells more


def judge(service: Entry, tasks: Iterable[Entry], seen: Seen) -> Verdict:
    """The state of a service; C(tasks) are its own."""
    look = _Look(service, list(tasks), seen)
    state, words, task = look.state()
    return Verdict(state, words, look.running, look.desired, task)


class _Look:
    """One service at one moment, with its tasks sorted into places: slots, or nodes for a global service."""

    def __init__(self, service: Entry, tasks: list[Entry], seen: Seen):
        self.service, self.spec, self.seen, self.tasks = service, service["Spec"], seen, tasks
        self.mode = next(MODES[kind] for kind in MODES if kind in self.spec["Mode"])
        self.job = self.mode.endswith("-job")
        self.update: str = (service.get("UpdateStatus") or {}).get("State") or ""
        self.names = {node["id"]: node["name"] for node in seen.nodes}
        self.ready = {node["id"] for node in seen.nodes if node["status"] == "ready"}
        self.shown = view((), [service], tasks)["services"][0]
        self.current = sorted((task for task in tasks if is_current(service, task)), key=created)
        self.places = self._places()
        self.desired = self._desired()
        self.good = [task for task in map(self._serving, self.places) if task]
        self.running = len(self.good)

    def _places(self) -> list[Any]:
        if self.mode.startswith("global"):
            constraints = self.shown["constraints"]
            return [
                node["id"]
                for node in self.seen.nodes
                if node["status"] == "ready"
                and node["availability"] == "active"
                and all(satisfies(node, constraint) for constraint in constraints)
            ]
        held = {task.get("Slot", 0) for task in self.current if task["DesiredState"] not in ("shutdown", "remove")}
        # A task that ended for good still holds its place: nothing takes it over.
        held |= {place for place in self._slots() if self._over(self.latest(place))}
        return sorted(held)

    def _slots(self) -> set[Any]:
        return {task.get("Slot", 0) for task in self.current}

    def _desired(self) -> int:
        kind = next(kind for kind in MODES if kind in self.spec["Mode"])
        wanted = self.spec["Mode"][kind] or {}
        if self.mode == "replicated":
            return int(wanted.get("Replicas", 1))
        if self.mode == "replicated-job":
            return int(wanted.get("TotalCompletions", 1))
        return len(self.places)

    def at(self, place: Any) -> list[Entry]:
        """The current tasks of one place, the oldest first."""
        key = "NodeID" if self.mode.startswith("global") else "Slot"
        return [task for task in self.current if task.get(key, 0) == place]

    def latest(self, place: Any) -> Entry | None:
        """The task that counts: one that is to run, or the last that did."""
        tasks = self.at(place)
        alive = [task for task in tasks if task["DesiredState"] not in ("shutdown", "remove")]
        return (alive or tasks)[-1] if tasks else None

    def _over(self, task: Entry | None) -> bool:
        """Whether a task has ended well and is not to be started again, or not soon."""
        if task is None or task["Status"]["State"] != "complete":
            return False
        policy = (self.spec["TaskTemplate"].get("RestartPolicy")) or {}
        return self.job or policy.get("Condition") in ("none", "on-failure") or policy.get("Delay", 0) >= PATIENT

    def _serving(self, place: Any) -> Entry | None:
        """The task that does what the place is for, if one does."""
        task = self.latest(place)
        if task and task["DesiredState"] == "ready":  # its turn comes after the restart delay
            task = next((before for before in reversed(self.at(place)) if self._over(before)), None)
        return task if task and self._serves(task) else None

    def _serves(self, task: Entry) -> bool:
        if self._over(task):
            return True
        running = task["Status"]["State"] == "running" and task["DesiredState"] == "running"
        return running and not self.job and task.get("NodeID") in self.ready

    def state(self) -> tuple[str, str, Entry | None]:
        for find in (self._update_failed, self._crashes, self._unplaced, self._given_up):
            words, task = find()
            if words:
                return "failed", f"{self._count()}; {words}", task
        words, task = self._lacking()
        return ("waiting", words, task) if words else ("converged", "", None)

    def _update_failed(self) -> tuple[str, Entry | None]:
        status = self.service.get("UpdateStatus") or {}
        stopped = self.update in ("paused", "rollback_paused")
        undone = self.seen.fresh and self.update in ("rollback_started", "rollback_completed")
        if not stopped and not undone:
            return "", None
        task = self.last_failed(undone)
        kind = "the update was rolled back by Swarm" if undone else f"the {self._kind()} stopped"
        why = self.failure(task) if task else status.get("Message", "")
        return f"{kind}: {why}", task

    def _kind(self) -> str:
        return "rollback" if self.update == "rollback_paused" else "update"

    def _crashes(self) -> tuple[str, Entry | None]:
        for place in sorted({*self.places, *self._slots()} if self._slotted() else set(self.places)):
            ended = [task for task in self.at(place) if self._fell(task) and task["ID"] not in self.seen.old]
            missed = [task for task in ended if "No such image" in task["Status"].get("Err", "")]
            if len(ended) >= ATTEMPTS:
                return f"{self.failure(ended[-1])}, {len(ended)} times", ended[-1]
            if len(missed) >= MISSES:
                return self.failure(missed[-1]), missed[-1]
        return "", None

    def _slotted(self) -> bool:
        return not self.mode.startswith("global")

    def _fell(self, task: Entry) -> bool:
        state = task["Status"]["State"]
        return state in FAILED or (state == "complete" and not self._over(task))

    def _unplaced(self) -> tuple[str, Entry | None]:
        if self.seen.idle < UNPLACED:
            return "", None
        for task in self._wanted():
            if task["Status"]["State"] == "pending" and task["Status"].get("Err"):
                return f"{self.name(task)} finds no node: {self._reason(task)}", None
        return "", None

    def _given_up(self) -> tuple[str, Entry | None]:
        """A task that fell and that nothing replaces: its restart policy says so."""
        moving = self.update in ("updating", "rollback_started")
        for place in self.places if not self._slotted() else sorted(self._slots()):
            task = self.latest(place)
            if task and self._fell(task) and not self._over(task) and self.seen.idle >= UNPLACED and not moving:
                return f"{self.failure(task)}, and its restart policy does not start it again", task
        return "", None

    def _lacking(self) -> tuple[str, Entry | None]:
        """What is still missing until the service has converged."""
        count = self._count()
        if self.update in ("updating", "rollback_started"):
            busy = "being updated" if self.update == "updating" else "being rolled back"
            return "; ".join([count, busy, *self._moving()]), self.last_failed()
        if self.running != self.desired:
            return "; ".join([count, *self._moving()]), self.last_failed()
        young = [(self._needed(task) - self._age(task), task) for task in self.good if not self._over(task)]
        short, task = max(young, key=lambda pair: pair[0], default=(0.0, {}))
        if short > 0:
            return f"{count}, for {self._age(task):.0f} s of the {self._needed(task):.3g} s that count", None
        return "", None

    def _needed(self, task: Entry) -> float:
        """For how many seconds a task must have run; with a health check, running is enough.

        Where those before it fell again and again, and this run did not change the service, it has to outlast them.
        """
        needed = 0 if self._checked() else self.seen.stable
        place = task.get("NodeID" if not self._slotted() else "Slot", 0)
        fallen = [self.seen.lasted.get(one["ID"], 0) for one in self.at(place) if self._fell(one)]
        if self.seen.fresh or len(fallen) < ATTEMPTS:
            return needed
        return max(needed, min(max(fallen), OUTLAST))

    def _count(self) -> str:
        """How many tasks are as they should be, and how many still are as they were before the update."""
        now = {task["ID"] for task in self.current}
        before = [
            task
            for task in self.tasks
            if task["ID"] not in now and task["Status"]["State"] == "running" and task["DesiredState"] == "running"
        ]
        count = f"{self.running} of {self.desired} {'complete' if self.job else 'running'}"
        return f"{count}, {len(before)} of the version before" if before else count

    def _age(self, task: Entry) -> float:
        return self.seen.ages.get(task["ID"], 0)

    def _checked(self) -> bool:
        """Whether running means healthy: Swarm itself waits for a health check that the spec names."""
        test = ((self.spec["TaskTemplate"].get("ContainerSpec") or {}).get("Healthcheck") or {}).get("Test") or []
        return bool(test) and test != ["NONE"]

    def _wanted(self) -> list[Entry]:
        return [task for task in self.current if task["DesiredState"] not in ("shutdown", "remove")]

    def _moving(self) -> list[str]:
        """What each task that does not serve yet is doing."""
        found = []
        for task in self._wanted():
            if self._serves(task):
                continue
            state, node = task["Status"]["State"], self.names.get(task.get("NodeID", ""), "")
            if state == "pending" and task["Status"].get("Err"):
                words = f"pending ({self._reason(task)})"
            elif state == "running" and task.get("NodeID") not in self.ready:
                words = f"on {node or 'a node'}, which is down"
            else:
                words = f"{state} on {node}" if node else str(state)
            found.append(f"{self.name(task)} is {words}")
        fallen = self.last_failed()
        if fallen and found:
            found.append(f"last: {self.failure(fallen)}")
        return found

    def last_failed(self, any_version: bool = False) -> Entry | None:
        """The task that failed last; after a rollback it is one of the version before, that is any."""
        tasks = self.tasks if any_version else self.current
        fallen = [task for task in tasks if self._fell(task) and task["ID"] not in self.seen.old]
        return max(fallen, key=created, default=None)

    def name(self, task: Entry) -> str:
        place = task.get("Slot") or self.names.get(task.get("NodeID", ""), task.get("NodeID", ""))
        return f"{self.spec['Name']}.{place}"

    def failure(self, task: Entry) -> str:
        """How a task ended, where, and with which error."""
        status, node = task["Status"], self.names.get(task.get("NodeID", ""), "")
        code = (status.get("ContainerStatus") or {}).get("ExitCode", 0)
        why = status.get("Err") or f"ended with exit code {code}"
        if not status.get("Err") and self._checked():
            why += " (Swarm stops a task whose health check fails)"
        where = f" on {node}" if node else ""
        return f"{self.name(task)} {'was rejected' if status['State'] == 'rejected' else 'failed'}{where}: {why}"

    def _reason(self, task: Entry) -> str:
        return reason(task["Status"]["Err"], self.shown, self.seen.nodes)
