# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.engine.world import Engine
from ansible_collections.hydra.swarm.plugins.modules import swarm_settings


class Manager(Engine):
    """A manager whose swarm others changed C(busy) times in between."""

    def __init__(self, busy: int = 0):
        super().__init__()
        self.spec: dict[str, Any] = {"Name": "default", "Dispatcher": {"HeartbeatPeriod": 5 * 10**9}}
        self.version, self.busy, self.posted = 11, busy, []

    def _request(self, method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        if method == "POST":
            self.posted.append((path, query))
            if self.busy:
                self.busy, self.version = self.busy - 1, self.version + 1
                self.spec = {**self.spec, "Labels": {"of": "others"}}
                raise EngineError("rpc error: code = Unknown desc = update out of sequence", 500)
            self.spec = body
        cluster = {"ID": "c1", "Version": {"Index": self.version}, "Spec": self.spec}
        view = {"LocalNodeState": "active", "NodeID": "id1", "ControlAvailable": True, "Cluster": cluster}
        return {"/info": {"Swarm": view}, "/swarm": cluster}.get(path)


class Module:
    def __init__(self, settings: dict[str, Any], check_mode: bool = False):
        self.params, self.check_mode = {"settings": settings}, check_mode


def test_the_second_run_changes_nothing() -> None:
    engine = Manager()
    first = swarm_settings.run(Module({"heartbeat": "1s"}), engine)
    assert (first["changed"], first["settings"]) == (True, {"heartbeat": "1s"})
    assert first["diff"] == {"before": {"heartbeat": "5s"}, "after": {"heartbeat": "1s"}}
    assert not swarm_settings.run(Module({"heartbeat": "1s"}), engine)["changed"]
    assert engine.posted == [("/swarm/update", {"version": 11})]


def test_a_rehearsal_changes_nothing() -> None:
    engine = Manager()
    result = swarm_settings.run(Module({"heartbeat": "1s"}, check_mode=True), engine)
    assert (result["changed"], result["settings"], engine.posted) == (True, {"heartbeat": "5s"}, [])


def test_what_others_changed_in_between_stays() -> None:
    engine = Manager(busy=1)
    swarm_settings.run(Module({"heartbeat": "1s"}), engine)
    assert engine.spec == {"Name": "default", "Labels": {"of": "others"}, "Dispatcher": {"HeartbeatPeriod": 10**9}}
    assert [query for _path, query in engine.posted] == [{"version": 11}, {"version": 12}]


def test_a_setting_that_is_none_is_refused(call: Any, swarm: Any) -> None:
    answer = call(swarm_settings, settings={"heartbeat": "5"})
    assert answer["failed"]
    assert answer["msg"].startswith("swarm_node_swarm_settings: heartbeat '5' is not a duration of at least 1s")
    assert swarm.posted == []
