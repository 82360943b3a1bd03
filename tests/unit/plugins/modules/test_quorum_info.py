# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

from ansible_collections.hydra.swarm.plugins.modules import quorum_info


def test_a_manager_with_a_leader_and_one_without(call: Any, swarm: Any, tmp_path: Any) -> None:
    info = swarm.answers["/info"]
    info["DockerRootDir"] = str(tmp_path)
    info["Swarm"] |= {"NodeAddr": "10.0.0.1", "RemoteManagers": [{"Addr": "10.0.0.2:2377"}, {"Addr": "10.0.0.1:2377"}]}
    found = call(quorum_info)["quorum"]
    assert (found["leader"], found["address"], found["peers"]) == (False, "10.0.0.1", ["10.0.0.1", "10.0.0.2"])
    assert found["position"] == {}
    info["Swarm"]["Cluster"] = {"ID": "c1"}
    assert call(quorum_info)["quorum"]["leader"] is True
    info["Swarm"] = {"LocalNodeState": "inactive"}
    found = call(quorum_info)["quorum"]
    assert (found["state"], found["manager"], found["leader"], found["peers"]) == ("inactive", False, False, [])
    assert swarm.posted == []
