# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.service.health import Seen, judge
from ansible_collections.hydra.swarm.plugins.module_utils.stack.service.version import is_current

CHECK = {"Healthcheck": {"Test": ["CMD", "true"]}}
NO_NODE = "no suitable node (scheduling constraints not satisfied on 3 nodes)"
MISSING = "No such image: web:1"


def node(name: str, status: str = "ready", availability: str = "active", **labels: str) -> dict[str, Any]:
    return {
        "id": f"id-{name}",
        "name": name,
        "status": status,
        "availability": availability,
        "role": "worker",
        "platform": "linux/x86_64",
        "labels": labels,
        "engine_labels": {},
    }


NODES = [node("hydra"), node("chimera", gpu="true"), node("cerberus", gpu="true")]
RESTED = Seen(NODES, ages={}, idle=60)


def template(image: str = "web:1", **more: Any) -> dict[str, Any]:
    container = {"Image": image, **more.pop("container", {})}
    return {"ContainerSpec": container, "ForceUpdate": 0, **more}


def service(mode: Mapping[str, Any] | None = None, update: str = "", message: str = "", **more: Any) -> dict[str, Any]:
    return {
        "ID": "s1",
        "UpdatedAt": "2026-01-01T10:00:00.5Z",
        "Spec": {
            "Name": "core_web",
            "TaskTemplate": {**template(**more), "Runtime": "container"},
            "Mode": mode or {"Replicated": {"Replicas": 1}},
        },
        "UpdateStatus": {"State": update, "Message": message},
    }


def task(
    number: int,
    state: str = "running",
    desired: str = "running",
    slot: int = 1,
    on: str = "hydra",
    error: str = "",
    **more: Any,
) -> dict[str, Any]:
    return {
        "ID": f"t{number}",
        "CreatedAt": f"2026-01-01T10:00:{number:02}Z",
        "Spec": template(**more),
        "ServiceID": "s1",
        "Slot": slot,
        "NodeID": f"id-{on}" if on else "",
        "Status": {"State": state, "Err": error},
        "DesiredState": desired,
    }


def fallen(number: int, error: str = "task: non-zero exit (1)", state: str = "failed", **more: Any) -> dict[str, Any]:
    return task(number, state, "shutdown", error=error, **more)


def verdict(one: Mapping[str, Any], tasks: list[dict[str, Any]], seen: Seen = RESTED) -> tuple[str, str]:
    found = judge(one, tasks, seen)
    return found.state, found.words


def aged(seconds: float, *ids: str) -> Seen:
    return replace(RESTED, ages=dict.fromkeys(ids, seconds))


JOB = {"ReplicatedJob": {"TotalCompletions": 2, "MaxConcurrent": 1}}


@pytest.mark.parametrize(
    ("one", "tasks", "seen", "state", "words"),
    [
        pytest.param(service(), [task(1)], aged(5, "t1"), "converged", "", id="stable"),
        pytest.param(
            service(), [task(1)], aged(2, "t1"), "waiting", "1 of 1 running, for 2 s of the 5 s that count", id="young"
        ),
        pytest.param(
            service(container=CHECK), [task(1, container=CHECK)], aged(0, "t1"), "converged", "", id="checked"
        ),
        pytest.param(
            service(container={"Healthcheck": {"Test": ["NONE"]}}),
            [task(1, container={"Healthcheck": {"Test": ["NONE"]}})],
            aged(0, "t1"),
            "waiting",
            "1 of 1 running, for 0 s of the 5 s that count",
            id="check switched off",
        ),
        pytest.param(service({"Replicated": {"Replicas": 0}}), [], RESTED, "converged", "", id="none wanted"),
        pytest.param(service({"Replicated": {}}), [], RESTED, "waiting", "0 of 1 running", id="no task yet"),
        pytest.param(
            service(),
            [task(1), task(2, slot=2)],
            aged(9, "t1", "t2"),
            "waiting",
            "2 of 1 running",
            id="one too many",
        ),
        pytest.param(
            service(),
            [task(1, "starting", on="chimera")],
            RESTED,
            "waiting",
            "0 of 1 running; core_web.1 is starting on chimera",
            id="starting",
        ),
        pytest.param(
            service(image="web:2"),
            [task(1)],
            aged(9, "t1"),
            "waiting",
            "0 of 1 running, 1 of the version before",
            id="the old version does not count",
        ),
        pytest.param(
            service(update="updating"),
            [task(1)],
            aged(9, "t1"),
            "waiting",
            "1 of 1 running; being updated",
            id="updating",
        ),
        pytest.param(
            service(update="paused", message="update paused due to failure"),
            [task(1)],
            aged(9, "t1"),
            "failed",
            "1 of 1 running; the update stopped: update paused due to failure",
            id="paused, task gone",
        ),
        pytest.param(
            service({"Replicated": {"Replicas": 2}}, update="paused", image="web:2"),
            [task(1, image="web:1"), fallen(3, slot=2, image="web:2", on="chimera")],
            aged(9, "t1"),
            "failed",
            "0 of 2 running, 1 of the version before; the update stopped: core_web.2 failed on chimera: "
            "task: non-zero exit (1)",
            id="paused",
        ),
        pytest.param(
            service(update="rollback_completed"),
            [task(1), fallen(3, image="web:2")],
            aged(9, "t1"),
            "failed",
            "1 of 1 running; the update was rolled back by Swarm: core_web.1 failed on hydra: task: non-zero exit (1)",
            id="rolled back",
        ),
        pytest.param(
            service(update="rollback_completed"),
            [task(1)],
            replace(aged(9, "t1"), fresh=False),
            "converged",
            "",
            id="rolled back some time ago",
        ),
        pytest.param(
            service(update="rollback_paused"),
            [task(1)],
            replace(aged(9, "t1"), fresh=False),
            "failed",
            "1 of 1 running; the rollback stopped: ",
            id="rollback stopped",
        ),
        pytest.param(
            service(),
            [fallen(1), fallen(2), fallen(3), task(4, "ready", "ready")],
            RESTED,
            "failed",
            "0 of 1 running; core_web.1 failed on hydra: task: non-zero exit (1), 3 times",
            id="crash loop",
        ),
        pytest.param(
            service(),
            [fallen(1), fallen(2), fallen(3), task(4)],
            replace(aged(9, "t4"), old=frozenset({"t1"})),
            "converged",
            "",
            id="failures of long ago",
        ),
        pytest.param(
            service(),
            [fallen(1), fallen(2), task(4, "starting")],
            RESTED,
            "waiting",
            "0 of 1 running; core_web.1 is starting on hydra; last: core_web.1 failed on hydra: task: non-zero exit (1)",
            id="two failures",
        ),
        pytest.param(
            service({"Replicated": {"Replicas": 3}}),
            [fallen(1), fallen(2, slot=2), fallen(3, slot=3)],
            replace(RESTED, idle=0),
            "waiting",
            "0 of 3 running",
            id="one failure at each place",
        ),
        pytest.param(
            service(),
            [task(1, "complete", "shutdown"), task(2, "complete", "shutdown"), task(3, "complete", "shutdown")],
            RESTED,
            "failed",
            "0 of 1 running; core_web.1 failed on hydra: ended with exit code 0, 3 times",
            id="ends again and again",
        ),
        pytest.param(
            service(container=CHECK, update="paused"),
            [task(1, "complete", "shutdown", container=CHECK)],
            RESTED,
            "failed",
            "0 of 1 running; the update stopped: core_web.1 failed on hydra: ended with exit code 0 (Swarm stops a "
            "task whose health check fails)",
            id="unhealthy, and ends well when told to",
        ),
        pytest.param(
            service(),
            [fallen(1, MISSING, "rejected"), fallen(2, MISSING, "rejected"), task(3, "ready", "ready")],
            RESTED,
            "failed",
            f"0 of 1 running; core_web.1 was rejected on hydra: {MISSING}",
            id="image missing",
        ),
        pytest.param(
            service({"Replicated": {"Replicas": 2}}),
            [task(1), task(2, "pending", slot=2, on="", error="no suitable node (insufficient resources on 3 nodes)")],
            aged(9, "t1"),
            "failed",
            "1 of 2 running; core_web.2 finds no node: no suitable node (insufficient resources on 3 nodes)",
            id="no resources",
        ),
        pytest.param(
            service(Placement={"Constraints": ["node.labels.disk == ssd"]}),
            [task(1, "pending", on="", error=NO_NODE)],
            RESTED,
            "failed",
            f"0 of 1 running; core_web.1 finds no node: {NO_NODE}; needs node.labels.disk == ssd (no node has it)",
            id="no node meets the constraint",
        ),
        pytest.param(
            service(),
            [task(1, "pending", on="", error="no suitable node (host-mode port already in use on 3 nodes)")],
            replace(RESTED, idle=3),
            "waiting",
            "0 of 1 running; core_web.1 is pending (no suitable node (host-mode port already in use on 3 nodes))",
            id="a port may get free",
        ),
        pytest.param(
            service(RestartPolicy={"Condition": "none"}),
            [fallen(1, RestartPolicy={"Condition": "none"})],
            RESTED,
            "failed",
            "0 of 1 running; core_web.1 failed on hydra: task: non-zero exit (1), and its restart policy does not "
            "start it again",
            id="never restarted",
        ),
        pytest.param(
            service(RestartPolicy={"Condition": "on-failure"}),
            [task(1, "complete", "shutdown", RestartPolicy={"Condition": "on-failure"})],
            RESTED,
            "converged",
            "",
            id="done and not to be started again",
        ),
        pytest.param(
            service(RestartPolicy={"Delay": 3600 * 10**9}),
            [
                task(1, "complete", "shutdown", RestartPolicy={"Delay": 3600 * 10**9}),
                task(2, "ready", "ready", RestartPolicy={"Delay": 3600 * 10**9}),
            ],
            RESTED,
            "converged",
            "",
            id="runs once an hour",
        ),
        pytest.param(
            service(),
            [task(1, on="gone")],
            replace(aged(9, "t1"), nodes=[*NODES, node("gone", "down")]),
            "waiting",
            "0 of 1 running; core_web.1 is on gone, which is down",
            id="node down",
        ),
        pytest.param(
            service({"Global": {}}, Placement={"Constraints": ["node.labels.gpu == true"]}),
            [task(1, slot=0, on="chimera"), task(2, slot=0, on="cerberus")],
            aged(9, "t1", "t2"),
            "converged",
            "",
            id="global, on the nodes that are meant",
        ),
        pytest.param(
            service({"Global": {}}),
            [task(1, slot=0, on="hydra"), task(2, slot=0, on="chimera")],
            replace(aged(9, "t1", "t2"), nodes=[*NODES[:2], node("cerberus", availability="drain")]),
            "converged",
            "",
            id="global, one drained",
        ),
        pytest.param(
            service({"Global": {}}),
            [task(1, slot=0, on="hydra")],
            aged(9, "t1"),
            "waiting",
            "1 of 3 running",
            id="global, two lacking",
        ),
        pytest.param(
            service({"Global": {}}),
            [fallen(number, slot=0, on="chimera") for number in (1, 2, 3)],
            RESTED,
            "failed",
            "0 of 3 running; core_web.chimera failed on chimera: task: non-zero exit (1), 3 times",
            id="global, crash loop on one",
        ),
        pytest.param(
            service(JOB),
            [task(1, "complete", "complete", slot=0), task(2, "running", "complete")],
            RESTED,
            "waiting",
            "1 of 2 complete; core_web.1 is running on hydra",
            id="job under way",
        ),
        pytest.param(
            service(JOB),
            [task(1, "complete", "complete", slot=0), task(2, "complete", "complete")],
            RESTED,
            "converged",
            "",
            id="job done",
        ),
        pytest.param(
            service({"GlobalJob": {}}),
            [task(number, "complete", "complete", slot=0, on=NODES[number]["name"]) for number in range(3)],
            RESTED,
            "converged",
            "",
            id="global job done",
        ),
    ],
)
def test_judge(one: dict[str, Any], tasks: list[dict[str, Any]], seen: Seen, state: str, words: str) -> None:
    assert verdict(one, tasks, seen) == (state, words)


def test_the_task_whose_log_is_worth_reading() -> None:
    found = judge(service(), [fallen(1), fallen(3), fallen(2)], RESTED)
    assert (found.state, found.task and found.task["ID"], found.running, found.desired) == ("failed", "t3", 0, 1)


@pytest.mark.parametrize(
    ("wanted", "made", "current"),
    [
        ({}, {}, True),
        ({"image": "web:2"}, {}, False),
        ({"container": {"DNSConfig": {}, "StopGracePeriod": 0}}, {}, True),  # an engine fills in what is empty
        ({"Placement": {"Constraints": ["a == b"]}}, {}, True),  # a task that may stay stays
        ({"ForceUpdate": 1}, {}, False),
    ],
)
def test_a_task_is_current(wanted: dict[str, Any], made: dict[str, Any], current: bool) -> None:
    one = service()
    one["Spec"]["TaskTemplate"] = {**template(**{k: v for k, v in wanted.items() if k != "ForceUpdate"}), **wanted}
    one["Spec"]["TaskTemplate"].pop("container", None)
    one["Spec"]["TaskTemplate"].pop("image", None)
    assert is_current(one, task(1, **made)) is current


@pytest.mark.parametrize(("created", "update", "current"), [(0, "", False), (1, "", True), (0, "completed", True)])
def test_other_ports_make_a_task_old_until_the_update_says_more(created: int, update: str, current: bool) -> None:
    one = service(update=update)
    one["Spec"]["EndpointSpec"] = {"Ports": [{"TargetPort": 80}]}
    one["PreviousSpec"] = {"EndpointSpec": {"Mode": "vip"}}
    assert is_current(one, task(created)) is current


def test_a_job_that_is_run_again_forgets_what_was_done() -> None:
    one = {**service(JOB), "JobStatus": {"JobIteration": {"Index": 7}}}
    assert is_current(one, {**task(1), "JobIteration": {"Index": 7}})
    assert not is_current(one, {**task(1), "JobIteration": {"Index": 3}})


REJECTED = [fallen(number, MISSING, "rejected", on="chimera") for number in (1, 6, 11, 16)]
LASTED = {"t1": 5.0, "t6": 5.0, "t11": 5.0, "t16": 5.0}
RUNS = task(21, on="chimera")


@pytest.mark.parametrize(
    ("age", "fresh", "old", "expected"),
    [
        # It runs for longer than each before it lasted: that is what counts, and not how it came to this.
        (6, False, LASTED, ("converged", "")),
        (4, False, LASTED, ("waiting", "1 of 1 running, for 4 s of the 5 s that count")),
        # What has ended while this run was watching is no history.
        (6, False, {}, ("failed", f"1 of 1 running; core_web.1 was rejected on chimera: {MISSING}, 4 times")),
        (6, True, {}, ("failed", f"1 of 1 running; core_web.1 was rejected on chimera: {MISSING}, 4 times")),
    ],
)
def test_the_present_is_judged_before_history(age: float, fresh: bool, old: Any, expected: tuple[str, str]) -> None:
    seen = replace(RESTED, ages={"t21": age}, fresh=fresh, old=frozenset(old), lasted=LASTED, stable=2)
    assert verdict(service(), [*REJECTED, RUNS], seen) == expected


def test_one_that_falls_again_and_again_is_not_taken_for_well_while_it_runs() -> None:
    """Each lasts longer than what counts as stable, so it has to outlast them; one that lasts for long is given that."""
    crashes = [fallen(number) for number in (1, 2, 3)]
    seen = replace(RESTED, fresh=False, old=frozenset({"t1", "t2", "t3"}), stable=5)
    for lasted, age, expected in (
        (12, 7, ("waiting", "1 of 1 running, for 7 s of the 12 s that count")),
        (12, 13, ("converged", "")),
        (3600, 29, ("waiting", "1 of 1 running, for 29 s of the 30 s that count")),
        (3600, 31, ("converged", "")),
    ):
        now = replace(seen, ages={"t4": age}, lasted=dict.fromkeys(("t1", "t2", "t3"), float(lasted)))
        assert verdict(service(), [*crashes, task(4)], now) == expected
        healthy = service(container=CHECK), [*(fallen(n, container=CHECK) for n in (1, 2, 3)), task(4, container=CHECK)]
        assert verdict(*healthy, now) == expected
    # Twice is no habit.
    assert verdict(service(), [*crashes[:2], task(4)], replace(now, ages={"t4": 6})) == ("converged", "")


def test_of_a_global_service_each_node_has_its_own_history() -> None:
    crashes = [fallen(number, on="chimera", slot=0) for number in (1, 2, 3)]
    runs = [task(4, on="hydra", slot=0), task(5, on="chimera", slot=0), task(6, on="cerberus", slot=0)]
    old, lasted = frozenset({"t1", "t2", "t3"}), dict.fromkeys(("t1", "t2", "t3"), 20.0)
    seen = replace(RESTED, fresh=False, old=old, lasted=lasted, ages={"t4": 9, "t5": 9, "t6": 9})
    state, words = verdict(service({"Global": {}}), [*crashes, *runs], seen)
    assert (state, words) == ("waiting", "3 of 3 running, for 9 s of the 20 s that count")
    assert (
        verdict(service({"Global": {}}), [*crashes, *runs], replace(seen, ages={**seen.ages, "t5": 21}))[0]
        == "converged"
    )
