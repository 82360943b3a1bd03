# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A maintenance, told to a scripted manager: what it is asked, and what is waited for."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError, Refusal, WaitError
from ansible_collections.hydra.swarm.plugins.module_utils.swarm import world as swarm_world
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.outage import world
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.outage.maintenance import LABEL
from ansible_collections.hydra.swarm.plugins.modules import node_maintenance

ELECTION = EngineError("docker GET /nodes: The swarm does not have a leader.", 500)


def entry(name: str, availability: str = "active", state: str = "ready", **labels: str) -> dict[str, Any]:
    return {
        "ID": name,
        "Version": {"Index": 1},
        "Spec": {"Role": "worker", "Availability": availability, "Labels": labels},
        "Description": {"Hostname": name, "Engine": {"EngineVersion": "28.5.2"}},
        "Status": {"State": state},
    }


class Manager(swarm_world.Engine):
    """Runs one service with one task, which follows the availability of node chimera at once."""

    def __init__(self, *nodes: dict[str, Any]):
        super().__init__()
        self.nodes, self.updates = list(nodes), list[Any]()
        self.troubles: list[Exception] = []
        self.running = True

    def _request(self, method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        if method == "POST":
            self.updates.append((body["Availability"], body["Labels"]))
            next(one for one in self.nodes if path == f"/nodes/{one['ID']}/update")["Spec"] = body
            return None
        if path == "/nodes" and self.troubles:
            raise self.troubles.pop(0)
        return {
            "/nodes": self.nodes,
            "/services": [
                {"ID": "s", "Spec": {"Name": "web", "Mode": {"Replicated": {"Replicas": 1}}, "TaskTemplate": {}}}
            ],
            "/tasks": self.tasks(),
            "/info": {"Swarm": {"ControlAvailable": True, "LocalNodeState": "active"}},
        }[path]

    def tasks(self) -> list[dict[str, Any]]:
        away = next(one for one in self.nodes if one["ID"] == "chimera")["Spec"]["Availability"] == "drain"
        place = "cerberus" if away else "chimera"
        state = "running" if self.running else "starting"
        return [
            {"ID": f"t-{place}", "ServiceID": "s", "Slot": 1, "NodeID": place, "DesiredState": "running", "Spec": {}}
            | {"Status": {"State": state}, "CreatedAt": ""}
        ]


class Module:
    def __init__(self, check_mode: bool = False, **params: Any):
        self.check_mode = check_mode
        self.params = {"node": "chimera", "engine": "", "lacking": None, "wait": 0, **params}


def begin(manager: Manager, **params: Any) -> dict[str, Any]:
    return node_maintenance.begin(Module(**params), manager, swarm_world.Swarm(manager))


def end(manager: Manager, **params: Any) -> dict[str, Any]:
    return node_maintenance.end(Module(**params), manager, swarm_world.Swarm(manager))


def test_there_and_back() -> None:
    engine = Manager(entry("chimera", gpu="true"), entry("cerberus"))
    begun = begin(engine)
    assert (begun["changed"], begun["lacking"]) == (True, {"web": 0})
    assert begun["moved"] == [{"service": "web", "slot": 1, "task": "web.1", "from": "chimera", "to": "cerberus"}]
    assert begin(engine)["changed"] is False
    assert end(engine, lacking=begun["lacking"], engine="28.5.2-1")["changed"] is True
    assert end(engine)["changed"] is False
    assert engine.updates == [("drain", {"gpu": "true", LABEL: "active"}), ("active", {"gpu": "true"})]


def test_a_node_that_somebody_drained_stays_drained() -> None:
    engine = Manager(entry("chimera", "drain"), entry("cerberus"))
    begin(engine)
    end(engine)
    assert engine.updates == [("drain", {LABEL: "drain"}), ("drain", {})]


def test_every_maintenance_that_was_interrupted_is_finished() -> None:
    engine = Manager(entry("chimera", "drain", **{LABEL: "pause"}), entry("cerberus"))
    assert [node["name"] for node in end(engine, node="")["nodes"]] == ["chimera"]
    assert engine.updates == [("pause", {})]
    assert end(engine, node="") == {"changed": False, "diff": {"before": {}, "after": {}}, "nodes": []}


@pytest.mark.parametrize("step", [begin, end])
def test_check_mode_asks_for_nothing(step: Any) -> None:
    engine = Manager(entry("chimera", "drain", "down", **{LABEL: "active"}), entry("cerberus"))
    step(engine, check_mode=True, lacking={})
    assert engine.updates == []


def test_a_refusal_comes_before_the_drain() -> None:
    nodes = [entry("chimera"), entry("cerberus", state="down"), entry("hydra")]
    for one, reachability in zip(nodes, ("reachable", "unreachable", "reachable"), strict=True):
        one["Spec"]["Role"], one["ManagerStatus"] = "manager", {"Reachability": reachability}
    engine = Manager(*nodes)
    with pytest.raises(Refusal) as caught:
        begin(engine)
    assert str(caught.value).startswith("while the engine of chimera is stopped, 1 of the swarm's 3 managers")
    assert engine.updates == []


def test_an_election_is_waited_for() -> None:
    engine = Manager(entry("chimera", "drain", **{LABEL: "active"}), entry("cerberus"))
    engine.troubles = [ELECTION, ELECTION]
    assert end(engine, wait=5)["changed"] is True


@pytest.mark.parametrize(
    ("state", "version", "seen"),
    [
        ("down", "", "chimera is down"),
        ("ready", "29.0.0-1", "chimera is listed with engine 28.5.2, not 29.0.0-1"),
    ],
)
def test_a_node_that_does_not_come_back_stays_under_maintenance(state: str, version: str, seen: str) -> None:
    engine = Manager(entry("chimera", "drain", state, **{LABEL: "active"}), entry("cerberus"))
    with pytest.raises(WaitError) as caught:
        end(engine, engine=version)
    assert str(caught.value) == f"waited 0 s for node chimera to be back; last seen: {seen}"
    assert engine.updates == []


def test_services_that_do_not_come_back_are_an_error() -> None:
    engine = Manager(entry("chimera"), entry("cerberus"))
    engine.running = False
    with pytest.raises(WaitError) as caught:
        world.served(engine, {"web": 0}, 0)
    assert str(caught.value) == (
        "waited 0 s for the services to run as they did before; last seen: web runs 0 of 1 tasks"
    )
    world.served(engine, {"web": 1}, 0)
