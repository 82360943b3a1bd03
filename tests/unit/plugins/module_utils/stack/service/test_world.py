# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError, WaitError
from ansible_collections.hydra.swarm.plugins.module_utils.engine.world import Engine
from ansible_collections.hydra.swarm.plugins.module_utils.stack.service import world as service_world
from ansible_collections.hydra.swarm.plugins.module_utils.stack.service.world import Watch

LONG_AGO = "2020-01-01T10:00:00Z"
CHECK = {"Image": "web:1", "Healthcheck": {"Test": ["CMD", "true"]}}


def node(leader: bool = True) -> dict[str, Any]:
    return {
        "ID": "n1",
        "Version": {"Index": 1},
        "Spec": {"Role": "manager", "Availability": "active"},
        "Description": {"Hostname": "hydra"},
        "Status": {"State": "ready", "Addr": "10.0.0.1"},
        "ManagerStatus": {"Leader": leader, "Reachability": "reachable", "Addr": "10.0.0.1:2377"},
    }


def service(number: int = 1, **container: Any) -> dict[str, Any]:
    return {
        "ID": f"s{number}",
        "UpdatedAt": LONG_AGO,
        "Spec": {
            "Name": f"core_{number}",
            "TaskTemplate": {"ContainerSpec": container or CHECK},
            "Mode": {"Replicated": {"Replicas": 1}},
        },
    }


def task(
    number: int, state: str, of: int = 1, desired: str = "running", updated: str = "", **container: Any
) -> dict[str, Any]:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {
        "ID": f"t{number}",
        "CreatedAt": LONG_AGO,
        "UpdatedAt": updated or now,
        "ServiceID": f"s{of}",
        "Slot": 1,
        "NodeID": "n1",
        "Spec": {"ContainerSpec": container or CHECK},
        "Status": {"State": state, "Err": "task: non-zero exit (1)" if state == "failed" else ""},
        "DesiredState": desired,
    }


class Script(Engine):
    """Answers each path with the next of its answers, the last one again and again; errors are raised."""

    def __init__(self, tasks: list[Any], services: list[Any] | None = None, leader: bool = True):
        super().__init__()
        self.answers: dict[str, list[Any]] = {
            "/info": [{"Swarm": {"NodeID": "n1"}}],
            "/services": services or [[service()]],
            "/tasks": tasks,
            "/nodes": [[node(leader)]],
        }
        self.asked: list[tuple[str, Any]] = []

    def _request(self, method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        self.asked.append((path, query))
        turn = self.answers[path]
        answer = turn.pop(0) if len(turn) > 1 else turn[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def stream(self, path: str, most: int, seconds: float, **query: str) -> bytes:
        text = f"2026-01-01T10:00:00Z the log of {path}\n".encode()
        return bytes([1, 0, 0, 0]) + len(text).to_bytes(4, "big") + text


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_world, "INTERVAL", 0.001)


def watch(engine: Engine, *ids: str, stable: float = 5) -> Watch:
    made = Watch(engine, ids or ["s1"], stable)
    made.begin(ids or ["s1"], ids or ["s1"])
    return made


def test_a_service_is_watched_until_it_has_converged() -> None:
    engine = Script([[], [task(1, "starting")], EngineError("the swarm does not have a leader"), [task(1, "running")]])
    (verdict,) = watch(engine).settle(5).values()
    assert (verdict.state, verdict.running, verdict.desired) == ("converged", 1, 1)
    assert engine.asked.count(("/tasks", {"filters": {"service": ["s1"]}})) == 4


def test_one_that_does_not_in_time_says_what_was_seen_last() -> None:
    found = watch(Script([[task(1, "starting")]])).settle(0)
    assert {name: (verdict.state, verdict.words) for name, verdict in found.items()} == {
        "core_1": ("failed", "not converged within 0 s: 0 of 1 running; core_1.1 is starting on hydra")
    }


def test_nothing_seen_at_all() -> None:
    with pytest.raises(WaitError) as caught:
        watch(Script([EngineError("no leader")])).settle(0)
    assert str(caught.value) == "waited 0 s for the services to converge; last seen: no leader"


def test_once_one_has_failed_the_others_are_not_awaited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_world, "GRACE", 0.01)
    fallen = [task(number, "failed", desired="shutdown") for number in (1, 2, 3)]
    engine = Script([[*fallen, task(4, "starting", of=2)]], [[service(1), service(2)]])
    seen = watch(engine, "s1", "s2")
    found = seen.settle(60)
    assert {name: verdict.state for name, verdict in found.items()} == {"core_1": "failed", "core_2": "waiting"}
    assert seen.explained(found) == [
        "core_1: 0 of 1 running; core_1.1 failed on hydra: task: non-zero exit (1), 3 times",
        "  the end of its log:",
        "    the log of /tasks/t3/logs",
        '  all of it: make exec NODE=hydra CMD="docker service logs core_1"',
    ]


def test_neither_an_error_nor_a_log_reveals_what_is_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a stack that is deployed and of a service that is updated alike."""
    environment = ["DB_PASSWORD=hunter2", "LEVEL=loud"]
    fallen = [task(number, "failed", desired="shutdown", Env=environment) for number in (1, 2, 3)]
    for one in fallen:
        one["Status"]["Err"] = "starting container failed: bad hunter2 in postgres://me:pw@db"
    secretive = service(Env=environment)
    monkeypatch.setattr(service_world.world_logs, "tail", lambda *_words: ["loud: cannot log on with hunter2"])
    seen = watch(Script([fallen], [[secretive]]))
    found = seen.settle(5)
    words = "starting container failed: bad (hidden) in postgres://me:(hidden)@db"
    assert seen.explained(found)[1:3] == ["  the end of its log:", "    loud: cannot log on with (hidden)"]
    assert words in seen.explained(found)[0] and words in seen.report(found)[0]["reason"]


def test_what_had_failed_before_is_history() -> None:
    fallen = [task(number, "failed", desired="shutdown") for number in (1, 2, 3)]
    seen = Watch(Script([fallen, [*fallen, task(4, "running")]]), ["s1"], 5)
    seen.remember()
    seen.begin(["s1"], ["s1"])
    assert seen.settle(5)["core_1"].state == "converged"


def test_where_nothing_is_changed_what_has_ended_is_history_from_the_first_look_on() -> None:
    fallen = [task(number, "failed", desired="shutdown") for number in (1, 2, 3)]
    later = [task(number, "failed", desired="shutdown") for number in (4, 5, 6)]
    seen = Watch(Script([[*fallen, task(4, "running")], [*fallen, *later]]), ["s1"], 5)
    seen.begin(["s1"], (), forget=True)
    assert seen.look()["core_1"].state == "converged"
    assert "3 times" in seen.look()["core_1"].words


def test_a_service_that_is_gone() -> None:
    engine = Script([[task(1, "starting")]], [[service()], []])
    assert {name: verdict.words for name, verdict in watch(engine).settle(5).items()} == {
        "core_1": "somebody removed the service meanwhile"
    }


@pytest.mark.parametrize(
    ("leader", "updated", "state"),
    [
        (True, LONG_AGO, "converged"),
        (False, LONG_AGO, "converged"),
        (True, "", "waiting"),  # it has just begun to run
        (False, "", "waiting"),
    ],
)
def test_what_has_been_running_for_long_is_not_awaited_again(leader: bool, updated: str, state: str) -> None:
    plain = {"Image": "web:1"}
    engine = Script([[task(1, "running", updated=updated, **plain)]], [[service(**plain)]], leader)
    assert watch(engine).look()["core_1"].state == state


def test_the_clock_of_another_manager_is_not_trusted_to_the_second() -> None:
    plain = {"Image": "web:1"}
    then = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 20))

    def verdict(leader: bool) -> str:
        tasks = [[task(1, "running", updated=then, **plain)]]
        return watch(Script(tasks, [[service(**plain)]], leader)).look()["core_1"].state

    assert (verdict(True), verdict(False)) == ("converged", "waiting")


@pytest.mark.parametrize(("of", "state"), [(1, "waiting"), (9, "failed")])
def test_what_a_task_that_goes_down_holds_may_get_free(monkeypatch: pytest.MonkeyPatch, of: int, state: str) -> None:
    pending = task(1, "pending")
    pending["Status"]["Err"] = "no suitable node (host-mode port already in use on 1 node)"
    seen = watch(Script([[pending, task(2, "running", of=of, desired="shutdown")]]))
    seen.look()
    later = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert seen.look()["core_1"].state == state


def test_the_tasks_of_a_removed_service_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    pending = task(1, "pending")
    pending["Status"]["Err"] = "no suitable node (insufficient resources on 1 node)"
    engine = Script([[pending, task(2, "running", of=9, desired="remove")]])
    seen = Watch(engine, ["s1"], 5)
    seen.begin(["s1"], ["s1"], ["s9"])
    seen.look()
    later = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert seen.look()["core_1"].state == "waiting"
    assert ("/tasks", {}) in engine.asked


def test_report() -> None:
    seen = watch(Script([[task(1, "running")]]))
    (found,) = seen.report(seen.look())
    assert (found["name"], found["state"], found["nodes"]) == ("core_1", "converged", ["hydra"])
