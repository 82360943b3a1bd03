# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.change import Change
from ansible_collections.hydra.swarm.plugins.module_utils.machine import dind
from ansible_collections.hydra.swarm.plugins.module_utils.machine.dind import Machine

FIXED = {"image": "node:1", "address": "172.30.0.10"}
NEW_IMAGE = {**FIXED, "image": "node:2"}
SETTINGS = {"debug": True}
RUNNING = Machine("hydra", FIXED, SETTINGS, 2, 1024, "running")
STOPPED = replace(RUNNING, state="stopped")
CREATED = replace(RUNNING, state="created")
ABSENT = Machine("hydra")


@pytest.mark.parametrize(
    ("actual", "wanted", "actions", "why", "state"),
    [
        (ABSENT, RUNNING, ["create", "settings", "start"], [], "running"),
        (ABSENT, CREATED, ["create", "settings"], [], "created"),
        (ABSENT, replace(RUNNING, settings=None), ["create", "start"], [], "running"),
        (RUNNING, RUNNING, [], [], "running"),
        (RUNNING, CREATED, [], [], "running"),
        (STOPPED, CREATED, [], [], "stopped"),
        (STOPPED, RUNNING, ["start"], [], "running"),
        (CREATED, RUNNING, ["start"], [], "running"),
        (RUNNING, replace(RUNNING, settings={}), ["settings", "restart"], ["engine settings differ"], "running"),
        (STOPPED, replace(RUNNING, settings={}), ["settings", "start"], ["engine settings differ"], "running"),
        (STOPPED, replace(CREATED, settings={}), ["settings"], ["engine settings differ"], "stopped"),
        (RUNNING, replace(RUNNING, settings=None), [], [], "running"),
        (
            RUNNING,
            replace(RUNNING, cpus=0.5, memory=0),
            ["resize"],
            ["cpus 2 -> 0.5, memory 1024 -> 0 bytes"],
            "running",
        ),
        (
            RUNNING,
            replace(RUNNING, fixed=NEW_IMAGE),
            ["remove", "create", "settings", "start"],
            ["image: 'node:1' -> 'node:2'"],
            "running",
        ),
        (
            RUNNING,
            replace(CREATED, fixed={"image": "node:2"}),
            ["remove", "create", "settings", "start"],
            ["address: '172.30.0.10' -> None", "image: 'node:1' -> 'node:2'"],
            "running",
        ),
        (
            STOPPED,
            replace(CREATED, fixed=NEW_IMAGE),
            ["remove", "create", "settings"],
            ["image: 'node:1' -> 'node:2'"],
            "created",
        ),
        (RUNNING, Machine("hydra", state="stopped"), ["stop"], [], "stopped"),
        (STOPPED, Machine("hydra", state="stopped"), [], [], "stopped"),
        (CREATED, Machine("hydra", state="stopped"), [], [], "created"),
        (ABSENT, Machine("hydra", state="stopped"), [], [], "absent"),
        (RUNNING, ABSENT, ["remove"], [], "absent"),
        (ABSENT, ABSENT, [], [], "absent"),
    ],
)
def test_plan(actual: Machine, wanted: Machine, actions: list[str], why: list[str], state: str) -> None:
    plan = dind.plan(actual, wanted)
    assert (list(plan.actions), list(plan.why), plan.after.state) == (actions, why, state)
    assert Change(actual.shown(), plan.after.shown()).changed == bool(actions)
    assert dind.plan(plan.after, wanted).actions == (), "a second run has nothing to do"


@pytest.mark.parametrize(
    ("attached", "differs"),
    [
        ({"NetworkID": "n", "IPAMConfig": {"IPv4Address": "172.30.0.10"}, "IPAddress": "172.30.0.10"}, {}),
        # It does not run, and never did.
        ({"NetworkID": "", "IPAMConfig": {"IPv4Address": "172.30.0.10"}, "IPAddress": ""}, {}),
        ({"NetworkID": "n", "IPAMConfig": None, "IPAddress": "172.30.0.10"}, {}),
        ({"NetworkID": "n", "IPAMConfig": {}, "IPAddress": "172.30.0.2"}, {"address": "172.30.0.2"}),
        ({"NetworkID": "n", "IPAMConfig": {}, "IPAddress": ""}, {"address": "none of its own"}),
        ({"NetworkID": "o", "IPAMConfig": {"IPv4Address": "172.30.0.10"}}, {"network": "hydra (one that is gone)"}),
        (None, {"network": "hydra (not connected)"}),
    ],
)
def test_the_real_address_counts(attached: dict[str, Any] | None, differs: dict[str, str]) -> None:
    fixed = {**FIXED, "network": "hydra"}
    assert {**fixed, **dind.connected(fixed, attached, "n")} == {**fixed, **differs}
    assert dind.connected({}, None, None) == {}


def test_a_diff_shows_no_settings_that_are_left_alone() -> None:
    assert replace(RUNNING, settings=None).shown() == {**FIXED, "state": "running", "cpus": 2, "memory": 1024}
    assert RUNNING.shown() == {**FIXED, "state": "running", "cpus": 2, "memory": 1024, "settings": SETTINGS}
    assert ABSENT.shown() == {"state": "absent"}


@pytest.mark.parametrize(
    ("text", "port"),
    [
        (80, "127.0.0.1:80:80/tcp"),
        ("8080:80", "127.0.0.1:8080:80/tcp"),
        ("0.0.0.0:53:53/udp", "0.0.0.0:53:53/udp"),
        ("65535/sctp", "127.0.0.1:65535:65535/sctp"),
    ],
)
def test_ports(text: Any, port: str) -> None:
    assert dind.parse_port(text, "127.0.0.1") == port


@pytest.mark.parametrize("text", ["http", "0", "65536", "80:", "x:2:3", "80/icmp", "[::1]:80:80", "70000:80", "-80"])
def test_ports_that_are_none(text: str) -> None:
    with pytest.raises(ValueError) as error:
        dind.parse_port(text, "127.0.0.1")
    assert str(error.value) == (
        f"port '{text}' is not [[ADDRESS:]HOST:]CONTAINER[/tcp|udp|sctp] with ports from 1 to 65535"
    )


@pytest.mark.parametrize(
    ("text", "bind_address", "address"),
    [("300.0.0.1:80:80", "127.0.0.1", "300.0.0.1"), ("80", "localhost", "localhost"), ("80", "::1", "::1")],
)
def test_ports_on_an_address_that_is_none(text: str, bind_address: str, address: str) -> None:
    with pytest.raises(ValueError) as error:
        dind.parse_port(text, bind_address)
    assert str(error.value) == (
        f"port '{text}' cannot be published on '{address}', which is not an IPv4 address: write one like 127.0.0.1"
    )


@pytest.mark.parametrize(
    ("published", "clashes"),
    [
        ([("a", "127.0.0.1:80:80/tcp"), ("b", "127.0.0.1:81:80/tcp")], []),
        ([("a", "127.0.0.1:53:53/tcp"), ("b", "127.0.0.1:53:53/udp")], []),
        ([("a", "127.0.0.1:80:80/tcp"), ("b", "127.0.0.2:80:80/tcp")], []),
        (
            [("a", "127.0.0.1:80:80/tcp"), ("b", "127.0.0.1:80:8080/tcp")],
            ["b: port 127.0.0.1:80 is already published by a: give each a port or an address of its own"],
        ),
        (
            [("a", "0.0.0.0:80:80/tcp"), ("a", "127.0.0.1:80:8080/tcp")],
            ["a: port 127.0.0.1:80 is already published by a: give each a port or an address of its own"],
        ),
    ],
)
def test_ports_that_clash(published: list[tuple[str, str]], clashes: list[str]) -> None:
    assert dind.port_clashes(published) == clashes


@pytest.mark.parametrize(("given", "number"), [(None, 0), (0, 0), ("0", 0), ("64m", 64 * 2**20), ("2g", 2 * 2**30)])
def test_memory(given: Any, number: int) -> None:
    assert dind.parse_memory(given) == number


@pytest.mark.parametrize("given", ["1k", "63m", 1024])
def test_memory_in_which_no_engine_runs(given: Any) -> None:
    with pytest.raises(ValueError, match=f"memory '{given}' is less than the 64 MiB that an engine takes by itself"):
        dind.parse_memory(given)


@pytest.mark.parametrize(("given", "number"), [(None, 0), ("", 0), (0, 0), ("1.5", 1.5), (0.01, 0.01), (64, 64)])
def test_cpus(given: Any, number: float) -> None:
    assert dind.parse_cpus(given) == number


@pytest.mark.parametrize("given", ["many", -1, 0.001, "inf", "nan", [2]])
def test_what_is_no_number_of_cpus(given: Any) -> None:
    with pytest.raises(ValueError, match=r"is no number of CPUs from 0\.01 on: write it like 1\.5, or leave it out"):
        dind.parse_cpus(given)


def test_of_engines_that_stop_one_stops_after_the_others() -> None:
    def stopping(name: str, service: str, state: str = "running") -> dind.Plan:
        return dind.plan(Machine(name, {"service": service}, state=state), Machine(name, state="stopped"))

    one, two, down = stopping("a", "engine"), stopping("b", "engine"), stopping("c", "engine", "stopped")
    assert dind.last_of([one, two, down, stopping("d", "nfs")]) == [two]
    assert dind.last_of([one, down, stopping("d", "nfs")]) == []
    assert dind.last_of([dind.plan(RUNNING, RUNNING)]) == []


def test_what_is_removed_goes_first() -> None:
    anew, new = dind.plan(RUNNING, replace(RUNNING, fixed=NEW_IMAGE)), dind.plan(ABSENT, RUNNING)
    first, rest = dind.removals([anew, new])
    assert [(plan.machine.fixed, plan.actions) for plan in first] == [(NEW_IMAGE, ("remove",))]
    assert [plan.actions for plan in rest] == [("create", "settings", "start")] * 2


@pytest.mark.parametrize(
    ("settings", "actual", "worth"),
    [
        (None, None, False),
        ({}, None, False),
        ({"node-generic-resources": ["NVIDIA-GPU=GPU-1"]}, None, False),
        ({"debug": True}, None, True),
        ({"debug": True}, RUNNING, False),
        ({"debug": False}, RUNNING, True),
    ],
)
def test_which_settings_are_worth_asking_the_engine(settings: Any, actual: Machine | None, worth: bool) -> None:
    assert dind.asked(replace(RUNNING, settings=settings), actual) is worth
