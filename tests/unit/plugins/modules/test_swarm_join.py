# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError, WaitError
from ansible_collections.hydra.swarm.plugins.module_utils.swarm import world as swarm_world
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.membership import View
from ansible_collections.hydra.swarm.plugins.modules import swarm_join

MANAGER = View("active", "id1", manager=True)
NO_LEADER = EngineError("docker GET /nodes: The swarm does not have a leader.", 500)
NODE = {"ID": "id1", "Version": {"Index": 6}, "Spec": {"Role": "manager"}, "Description": {"Hostname": "hydra"}}
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
        if path == "/networks":
            return NETWORKS
        answer = self.nodes.pop(0) if len(self.nodes) > 1 else self.nodes[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_managers_that_are_electing_a_leader_are_waited_for() -> None:
    returned = swarm_join._returned(MANAGER, swarm_world.Swarm(Script(NO_LEADER, [NODE])), 5)
    assert [node["id"] for node in returned["nodes"]] == ["id1"]
    assert [network["name"] for network in returned["networks"]] == ["public"]


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
