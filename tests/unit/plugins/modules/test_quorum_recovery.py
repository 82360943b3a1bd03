# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.engine.world import Engine
from ansible_collections.hydra.swarm.plugins.modules import quorum_recovery

ENTRIES = {"id1": "manager", "id2": "manager", "id3": "worker"}


class Left(Engine):
    """The only manager that is left of two; once it was told to make the swarm again, it leads."""

    def __init__(self, beat: int = 5) -> None:
        super().__init__()
        self.leads, self.manager, self.asked = False, True, []
        self.spec = {"Dispatcher": {"HeartbeatPeriod": beat * 10**9}}

    def _request(self, method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        if method != "GET":
            self.asked.append((method, path, body))
            self.leads = self.leads or path == "/swarm/init"
            self.manager = self.manager and path != "/swarm/leave"
            self.spec = body if path.startswith("/swarm/update") else self.spec
        view = {
            "LocalNodeState": "active",
            "NodeID": "id1",
            "NodeAddr": "10.0.0.1",
            "ControlAvailable": self.manager,
            "Cluster": {"ID": "c1" if self.leads else "", "Spec": self.spec if self.leads else {}},
        }
        nodes = [
            {
                "ID": key,
                "Version": {"Index": 1},
                "Spec": {"Role": role},
                "Description": {"Hostname": f"node-{key}"},
                "Status": {"State": "ready"},
            }
            for key, role in ENTRIES.items()
        ]
        swarm = {"Spec": self.spec, "Version": {"Index": 1}}
        return {"/info": {"Swarm": view}, "/nodes": nodes, "/swarm": swarm}.get(path)


class Module:
    def __init__(self, check_mode: bool = False, **params: Any):
        defaults = {name: option.get("default") for name, option in quorum_recovery.ARGUMENTS.items()}
        self.params, self.check_mode = {**defaults, **params}, check_mode


def test_the_swarm_is_made_again_once_and_lost_managers_go() -> None:
    engine = Left()
    first = quorum_recovery.run(Module(data_path_addr="eth1"), engine)
    assert (first["changed"], first["removed"]) == (True, ["node-id2"])
    asked = [(method, path) for method, path, _body in engine.asked]
    assert asked == [("POST", "/swarm/init"), ("DELETE", "/nodes/id2")]
    body = engine.asked[0][2]
    assert (body["ForceNewCluster"], body["AdvertiseAddr"], body["DataPathAddr"]) == (True, "10.0.0.1", "eth1")
    assert not quorum_recovery.run(Module(), engine)["changed"]
    assert len(engine.asked) == 2


def test_workers_have_the_time_to_come_back_that_they_have_with_the_usual_heartbeat() -> None:
    engine = Left(beat=1)
    quorum_recovery.run(Module(), engine)
    assert [(path, (body or {}).get("Dispatcher")) for _method, path, body in engine.asked] == [
        ("/swarm/init", None),
        ("/swarm/update", {"HeartbeatPeriod": 5 * 10**9}),
        ("/swarm/init", None),
        ("/nodes/id2", None),
        ("/swarm/update", {"HeartbeatPeriod": 10**9}),
    ]


def test_a_rehearsal_changes_nothing() -> None:
    engine = Left()
    assert quorum_recovery.run(Module(check_mode=True), engine)["changed"]
    assert quorum_recovery.run(Module(check_mode=True, state="left"), engine)["changed"]
    assert engine.asked == []


def test_one_that_leads_does_not_leave() -> None:
    engine = Left()
    assert quorum_recovery.run(Module(state="left"), engine)["changed"]
    assert [path for _method, path, _body in engine.asked] == ["/swarm/leave"]
    leading = Left()
    leading.leads = True
    assert not quorum_recovery.run(Module(state="left"), leading)["changed"]
    assert leading.asked == []


def test_refusals(call: Any, swarm: Any) -> None:
    swarm.answers["/info"]["Swarm"]["NodeAddr"] = "10.0.0.1"
    answer = call(quorum_recovery, address="10.0.0.9")
    assert answer["msg"] == "the nodes know this manager as 10.0.0.1, and would not find it as 10.0.0.9"
    swarm.worker()
    assert call(quorum_recovery)["msg"].startswith("this engine is no manager (its swarm state is active)")
    assert swarm.posted == []
