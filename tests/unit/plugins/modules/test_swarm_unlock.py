# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A locked engine, unlocked by swarm_unlock and by swarm_join; the key is in nothing they return or raise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError, Refusal, WaitError
from ansible_collections.hydra.swarm.plugins.module_utils.swarm import world as swarm_world
from ansible_collections.hydra.swarm.plugins.modules import swarm_join, swarm_unlock

KEY = "SWMKEY-1-fits"
NODE = {"ID": "id1", "Version": {"Index": 6}, "Spec": {"Role": "manager"}, "Description": {"Hostname": "hydra"}}
LATE = EngineError("docker POST /swarm/unlock: no answer on /var/run/docker.sock (timed out)")


class Locked(swarm_world.Engine):
    """A manager's engine that C(key) unlocks, and that fails with C(troubles) first."""

    def __init__(self, state: str = "locked", key: str = KEY, node: str = "id1"):
        super().__init__()
        self.state, self.key, self.node = state, key, node
        self.posted: list[str] = []
        self.troubles: dict[str, list[EngineError]] = {}

    def _request(self, method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        if method == "POST":
            self.posted.append(path)
            if body["UnlockKey"] != self.key:
                raise EngineError(f"docker POST {path}: invalid key {body['UnlockKey']} provided", 400)
            self.state = "active"
        if self.troubles.get(path):
            raise self.troubles[path].pop(0)
        active = self.state == "active"
        view = {
            "LocalNodeState": self.state,
            "ControlAvailable": active,
            "NodeID": self.node if active else "",
            "RemoteManagers": None,
        }
        return {"/info": {"Swarm": view}, "/nodes": [NODE], "/networks": []}.get(path)


class Module:
    def __init__(self, key: str, check_mode: bool = False, **params: Any):
        self.check_mode = check_mode
        defaults = {name: option.get("default") for name, option in swarm_join.ARGUMENTS.items()}
        self.params = {**defaults, "timeout": 0, "unlock_key": key, **params}


def join(engine: Locked, key: str, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    return swarm_join.run(Module(key, check_mode, **params), engine)


def unlock(engine: Locked, key: str, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    return swarm_unlock.run(Module(key, check_mode, **params), swarm_world.Swarm(engine))


both = pytest.mark.parametrize("run", [join, unlock])
Run = Callable[..., dict[str, Any]]


@both
def test_a_locked_manager_is_unlocked_once(run: Run) -> None:
    engine = Locked()
    first = run(engine, f"{KEY}\n")
    assert (first["changed"], first["state"]) == (True, "active")
    assert (first["diff"]["before"]["state"], first["diff"]["after"]["state"]) == ("locked", "active")
    second = run(engine, KEY)
    assert (second["changed"], second["state"]) == (False, "active")
    assert engine.posted == ["/swarm/unlock"]
    assert KEY not in f"{first}{second}"


def test_a_manager_that_was_unlocked_is_asked_for_the_swarm() -> None:
    ran = join(Locked(), KEY, init=True)
    assert (ran["needs"], ran["reason"], ran["manager"]) == ("unlock", "this node's swarm is locked", True)
    assert [node["name"] for node in ran["nodes"]] == ["hydra"]


@both
def test_a_rehearsal_unlocks_nothing(run: Run) -> None:
    engine = Locked()
    ran = run(engine, KEY, check_mode=True)
    assert (ran["changed"], ran["state"], engine.posted) == (True, "locked", [])


@both
def test_without_a_key_it_is_refused(run: Run) -> None:
    engine = Locked()
    with pytest.raises(Refusal) as caught:
        run(engine, " ")
    assert str(caught.value) == (
        "this node's swarm is locked: give its unlock key (swarm_node_unlock_key), or run 'docker swarm unlock' on it with "
        "that key, then run again"
    )
    assert engine.posted == []


@both
def test_a_wrong_key_is_an_error_that_does_not_show_it(run: Run) -> None:
    engine = Locked()
    with pytest.raises(Refusal) as caught:
        run(engine, "SWMKEY-1-other")
    assert str(caught.value).startswith(
        "this node's swarm is locked, and the key that was given does not unlock it (docker POST /swarm/unlock: invalid key "
        "(key) provided): give its unlock key"
    )
    assert engine.state == "locked"


@both
@pytest.mark.parametrize("trouble", [LATE, EngineError("docker POST /swarm/unlock: swarm is not locked", 409)])
def test_what_counts_is_that_the_engine_becomes_active(run: Run, trouble: EngineError) -> None:
    engine = Locked()
    engine.troubles["/swarm/unlock"] = [trouble]
    assert run(engine, KEY)["state"] == "active"


def test_a_swarm_that_turns_out_to_be_another_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        join(Locked(node="id9"), KEY, members=["id1"], join_token="t", rejoin=True)
    assert str(caught.value).startswith("this node is in another swarm (as id9), and is a manager of it")


def test_an_engine_that_is_still_starting_is_waited_for() -> None:
    engine = Locked()
    engine.troubles["/info"] = [LATE, LATE]
    assert unlock(engine, KEY, timeout=5)["changed"] is True
    engine.troubles["/info"] = [LATE]
    with pytest.raises(WaitError) as late:
        unlock(engine, KEY)
    assert str(late.value) == f"waited 0 s for the engine to answer; last seen: {LATE}"


@pytest.mark.parametrize("state", ["inactive", "active", "error"])
def test_an_engine_that_is_not_locked_is_left_as_it_is(state: str) -> None:
    engine = Locked(state)
    assert unlock(engine, "") == {
        "changed": False,
        "diff": {"before": {"state": state}, "after": {"state": state}},
        "state": state,
    }
    assert engine.posted == []


@pytest.mark.parametrize("module", [swarm_join, swarm_unlock])
def test_the_key_is_never_logged(module: Any) -> None:
    assert module.ARGUMENTS["unlock_key"]["no_log"] is True
