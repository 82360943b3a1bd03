# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.outage import drain

WHY = "no suitable node (insufficient resources on 2 nodes)"


def view(chimera: str, *services: dict[str, Any]) -> dict[str, Any]:
    """A swarm of two nodes; the first has a status and an availability as in "ready drain"."""
    status, availability = chimera.split()
    node = {"status": "ready", "availability": "active", "role": "worker", "platform": ""}
    return {
        "nodes": [
            {**node, "id": "n1", "name": "chimera", "status": status, "availability": availability},
            {**node, "id": "n2", "name": "cerberus"},
        ],
        "services": list(services),
    }


def service(name: str, *tasks: tuple[Any, ...]) -> dict[str, Any]:
    """Tasks are (id, slot, node's ID, state, desired state, error, since), the last three at will."""
    names = {"n1": "chimera", "n2": "cerberus", "": ""}
    shown = []
    for identity, slot, node, state, *more in tasks:
        desired, error, since = (*more, *("running", "", "then")[len(more) :])
        task = {"id": identity, "slot": slot, "node_id": node, "node": names[node], "state": state, "desired": desired}
        shown.append({**task, "name": f"{name}.{slot or names[node]}", "error": error, "since": since})
    reserved = {"cpus": 4.0, "memory": 0, "generic_resources": {}}
    # A task without a slot is one of a global service.
    mode = "replicated" if all(task["slot"] for task in shown) else "global"
    rest = {"mode": mode, "constraints": [], "reserved": reserved, "ports": []}
    return {"id": f"s-{name}", "name": name, "tasks": shown, **rest}


WEB = ("web", ("t1", 1, "n1", "running"), ("t2", 2, "n2", "running"))
AGENT = ("agent", ("t3", 0, "n1", "running"), ("t4", 0, "n2", "running"))
BEFORE = view("ready active", service(*WEB), service(*AGENT))

MOVED = service("web", ("t1", 1, "n1", "shutdown", "shutdown"), ("t5", 1, "n2", "running"), ("t2", 2, "n2", "running"))
STOPPED = service("agent", ("t4", 0, "n2", "running"))


def test_affected() -> None:
    assert drain.affected(BEFORE, "n1") == [
        {"service": "web", "slot": 1, "task": "web.1"},
        {"service": "agent", "slot": 0, "task": "agent.chimera"},
    ]


def test_what_a_node_that_is_down_had_is_not_affected_once_it_is_replaced() -> None:
    lost = view("down active", service("web", ("t1", 1, "n1", "running", "shutdown"), ("t5", 1, "n2", "running")))
    assert drain.affected(lost, "n1") == []


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ((MOVED, STOPPED), []),
        (
            (service("web", ("t1", 1, "n1", "running", "shutdown"), ("t5", 1, "n2", "ready", "ready")), STOPPED),
            ["web.1 is running on chimera", "web.1 is ready on cerberus"],
        ),
        (
            (service("web", ("t5", 1, "n2", "preparing", "running", "No such image")), STOPPED),
            ["web.1 is preparing on cerberus (No such image)"],
        ),
        ((service("web", ("t5", 1, "", "pending")), STOPPED), ["web.1 is pending"]),
        ((service("web", ("t5", 1, "", "pending", "running", WHY)), STOPPED), []),
        ((service("web"), STOPPED), []),  # scaled down meanwhile
        ((service("web", ("t5", 1, "n2", "running"), ("t6", 2, "n2", "starting")), STOPPED), []),  # not our doing
        ((MOVED, service("agent", ("t3", 0, "n1", "running", "shutdown"))), ["agent.chimera is running on chimera"]),
    ],
)
def test_what_a_drain_waits_for(now: tuple[dict[str, Any], ...], expected: list[str]) -> None:
    assert drain.awaited("drain", BEFORE, view("ready drain", *now), "n1") == expected


def test_the_tasks_of_a_node_that_is_down_are_not_waited_for() -> None:
    now = view("down drain", service("web", ("t1", 1, "n1", "running", "shutdown"), ("t5", 1, "n2", "running")))
    assert drain.awaited("drain", BEFORE, now, "n1") == []


DRAINED = view("ready drain", service("web", ("t5", 1, "", "pending", "running", WHY, "then")))


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (DRAINED, view("down active"), ["chimera is down and active"]),
        (DRAINED, view("ready active", *DRAINED["services"]), [f"web.1 is pending ({WHY})"]),
        (DRAINED, view("ready active", service("web", ("t5", 1, "", "pending", "running", WHY, "later"))), []),
        (DRAINED, view("ready active", service("web", ("t5", 1, "n1", "starting"))), ["web.1 is starting on chimera"]),
        (DRAINED, view("ready active", service("web", ("t5", 1, "n1", "running"))), []),
        (DRAINED, view("ready active", service("web", ("t5", 1, "n1", "failed"))), []),
        (view("ready active", *DRAINED["services"]), view("ready active", *DRAINED["services"]), []),
    ],
)
def test_what_an_activation_waits_for(before: dict[str, Any], now: dict[str, Any], expected: list[str]) -> None:
    assert drain.awaited("active", before, now, "n1") == expected


@pytest.mark.parametrize(
    ("constraint", "tasks", "expected"),
    [
        ("node.hostname==chimera", [], ["agent has no task on chimera"]),
        ("node.hostname==chimera", [("t9", 0, "n1", "preparing")], ["agent.chimera is preparing on chimera"]),
        ("node.hostname==chimera", [("t9", 0, "n1", "running")], []),
        ("node.hostname==chimera", [("t9", 0, "n1", "ready", "ready", "exit 1")], []),
        ("node.hostname==cerberus", [], []),
        ("node.ip==10.0.0.0/8", [], []),
    ],
)
def test_an_activation_waits_for_global_services(constraint: str, tasks: list[Any], expected: list[str]) -> None:
    agent = {**service("agent", ("t4", 0, "n2", "running"), *tasks), "constraints": [constraint]}
    assert drain.awaited("active", DRAINED, view("ready active", agent), "n1") == expected


def test_a_pause_waits_for_nothing() -> None:
    assert drain.awaited("pause", BEFORE, view("ready pause", *BEFORE["services"]), "n1") == []


def test_report_of_a_drain() -> None:
    other = service("big", ("t7", 1, "", "pending", "running", WHY))
    before = view("ready active", service(*WEB), service(*AGENT), service("gpu", ("t8", 1, "n1", "running")), other)
    gpu = service("gpu", ("t9", 1, "", "pending", "running", WHY))
    reason = f"{WHY}; needs 4 CPUs"
    assert drain.report(before, view("ready drain", MOVED, STOPPED, gpu, other), "n1") == {
        "moved": [{"service": "web", "slot": 1, "task": "web.1", "from": "chimera", "to": "cerberus"}],
        "pending": [
            {"service": "gpu", "slot": 1, "task": "gpu.1", "from": "chimera", "reason": reason},
            {"service": "big", "slot": 1, "task": "big.1", "from": "", "reason": reason},
        ],
        "stopped": [{"service": "agent", "task": "agent.chimera"}],
        "started": [],
    }


def test_report_of_an_activation() -> None:
    now = view("ready active", service("web", ("t5", 1, "n1", "running")), service("agent", ("t9", 0, "n1", "running")))
    assert drain.report(DRAINED, now, "n1") == {
        "moved": [],
        "pending": [],
        "stopped": [],
        "started": [
            {"service": "web", "slot": 1, "task": "web.1", "to": "chimera"},
            {"service": "agent", "slot": 0, "task": "agent.chimera", "to": "chimera"},
        ],
    }


def test_what_a_node_ends_on_its_return_is_not_reported() -> None:
    replaced = service("web", ("t1", 1, "n1", "running", "shutdown"), ("t5", 1, "n2", "running"))
    before = view("ready drain", replaced, service("agent", ("t3", 0, "n1", "running", "shutdown")))
    now = view("ready active", service("web", ("t5", 1, "n2", "running")), service("agent", ("t9", 0, "n1", "running")))
    assert drain.report(before, now, "n1") == {
        "moved": [],
        "pending": [],
        "stopped": [],
        "started": [{"service": "agent", "slot": 0, "task": "agent.chimera", "to": "chimera"}],
    }


def test_nothing_changed_reports_nothing() -> None:
    nothing: dict[str, list[Any]] = {"moved": [], "pending": [], "stopped": [], "started": []}
    assert drain.report(BEFORE, BEFORE, "n1") == nothing
