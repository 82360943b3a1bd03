# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError, Refusal, WaitError
from ansible_collections.hydra.swarm.plugins.module_utils.swarm import world as swarm_world
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.membership import View
from ansible_collections.hydra.swarm.plugins.modules import swarm_join

MANAGER = View("active", "id1", manager=True)
NO_LEADER = EngineError("docker GET /nodes: The swarm does not have a leader.", 500)
NODE = {"ID": "id1", "Version": {"Index": 6}, "Spec": {"Role": "manager"}, "Description": {"Hostname": "hydra"}}
INFO = {"Swarm": {"Cluster": {"Spec": {"Dispatcher": {"HeartbeatPeriod": 5 * 10**9}}}}}
NETWORKS = [
    {"Name": name, "Id": name, "Driver": driver, "Scope": "swarm", "Attachable": True, "Internal": False}
    for name, driver in (("public", "overlay"), ("bridge", "bridge"))
]


class Script(swarm_world.Engine):
    """Answers for its nodes in this order, the last one again and again; errors are raised."""

    def __init__(self, *nodes: Any):
        super().__init__()
        self.nodes = list(nodes)

    def _request(self, method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        if path != "/nodes":
            return {"/networks": NETWORKS, "/info": INFO}.get(path)
        answer = self.nodes.pop(0) if len(self.nodes) > 1 else self.nodes[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_managers_that_are_electing_a_leader_are_waited_for() -> None:
    returned = swarm_join._returned(MANAGER, swarm_world.Swarm(Script(NO_LEADER, [NODE])), 5)
    assert [node["id"] for node in returned["nodes"]] == ["id1"]
    assert [network["name"] for network in returned["networks"]] == ["public"]
    assert returned["settings"] == {"heartbeat": "5s"}


def test_but_not_for_ever() -> None:
    with pytest.raises(WaitError) as error:
        swarm_join._returned(MANAGER, swarm_world.Swarm(Script(NO_LEADER)), 0)
    assert str(error.value) == f"waited 0 s for the managers to have a leader; last seen: {NO_LEADER}"


def test_a_worker_is_not_asked_for_the_swarm() -> None:
    assert swarm_join._returned(View("active", "id2"), swarm_world.Swarm(Script(NO_LEADER)), 0) == {
        "state": "active",
        "node_id": "id2",
        "manager": False,
    }


class Empty(swarm_world.Engine):
    """An engine in no swarm, until it is told to make one; others remember the one it had."""

    def __init__(self, *files: str):
        super().__init__()
        self.files, self.posted = list(files), []

    def names(self, folder: str) -> list[str]:
        return {"/data/swarm": self.files}[folder]

    def reaches(self, host: str, port: int, seconds: float) -> bool:
        return False

    def _request(self, method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        if method == "POST":
            self.posted.append(path)
            self.told = body
        state = {"LocalNodeState": "active", "NodeID": "id1", "ControlAvailable": True} if self.posted else {}
        containers = [{"Labels": {"com.docker.swarm.service.name": "web"}}]
        answers = {"/info": {"Swarm": state, "DockerRootDir": "/data"}, "/containers/json": containers}
        return {**answers, "/nodes": [NODE], "/networks": NETWORKS}.get(path)


def params(**more: Any) -> SimpleNamespace:
    given = {name: option.get("default") for name, option in swarm_join.ARGUMENTS.items()}
    return SimpleNamespace(
        params={**given, "init": True, **more}, check_mode=more.pop("check_mode", False), _diff=False
    )


def test_a_swarm_is_made_in_the_place_of_a_lost_one_only_when_told_to() -> None:
    engine = Empty()
    for check in (True, False):
        with pytest.raises(Refusal, match=r"Left of it: containers of its services web; nodes .*: chimera \("):
            swarm_join.run(params(in_swarm=["chimera"], check_mode=check), engine)
    assert engine.posted == []
    assert swarm_join.run(params(in_swarm=["chimera"], new_swarm=True), engine)["needs"] == "init"
    assert engine.posted == ["/swarm/init"]


def test_a_new_swarm_has_its_settings_from_the_first_moment() -> None:
    engine = Empty()
    swarm_join.run(params(settings={"heartbeat": "1s"}, new_swarm=True), engine)
    assert engine.told["Spec"] == {"Dispatcher": {"HeartbeatPeriod": 10**9}}


def test_data_of_a_lost_swarm_is_not_given_up() -> None:
    engine = Empty("certificates", "raft")
    with pytest.raises(Refusal, match=r"its data \(raft\) in /data/swarm"):
        swarm_join.run(params(new_swarm=True), engine)
    assert engine.posted == []
