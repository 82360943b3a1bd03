# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.engine.world import Engine
from ansible_collections.hydra.swarm.plugins.modules import swarm_info


def test_what_a_manager_knows(call: Any, swarm: Any) -> None:
    swarm.answers["/networks"] = [{"Name": "public", "Id": "n", "Driver": "overlay", "Scope": "swarm"}]
    result = call(swarm_info)
    assert result["changed"] is False
    assert sorted(node["name"] for node in result["swarm"]["nodes"]) == ["chimera-node", "hydra-node"]
    assert [network["name"] for network in result["swarm"]["networks"]] == ["public"]
    assert {"ipvs", "nfs_client"} <= set(result["kernel"])
    assert result["backup"] == {"taken": None, "age": None}
    assert swarm.posted == []


def test_how_old_the_last_backup_is(call: Any, swarm: Any) -> None:
    swarm.answers["/swarm"]["Spec"]["Labels"]["hydra.swarm.backup"] = "1700000000"
    backup = call(swarm_info)["backup"]
    assert backup["taken"] == 1700000000 and backup["age"] > 0


def test_a_worker_says_whom_to_ask(call: Any, swarm: Any) -> None:
    swarm.worker()
    assert call(swarm_info)["msg"] == ("this engine is a worker of its swarm; run this on a manager (10.0.0.9)")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("inactive", "is in no swarm; make or join one first"),
        ("locked", "holds a locked swarm"),
        ("error", "no reason given"),
    ],
)
def test_an_engine_without_a_swarm(call: Any, swarm: Any, state: str, words: str) -> None:
    swarm.answers["/info"]["Swarm"] = {"LocalNodeState": state}
    assert words in call(swarm_info)["msg"]


def test_a_manager_that_is_left_says_that_the_quorum_is_lost(
    call: Any, swarm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "reaches", lambda _engine, host, _port, _seconds: host == "10.0.0.3")
    view = swarm.answers["/info"]["Swarm"]
    view |= {"NodeAddr": "10.0.0.1", "RemoteManagers": [{"Addr": f"10.0.0.{number}:2377"} for number in (1, 2, 4)]}
    msg = call(swarm_info)["msg"]
    assert msg.startswith(
        "the swarm has lost its quorum: 1 of 3 managers answers, and 2 are needed; 2 are missing: 10.0.0.2"
    )
    assert msg.endswith("if their data is gone: make recover-quorum")
    # With another that answers there may be a leader soon; so it is asked.
    view["RemoteManagers"][2]["Addr"] = "10.0.0.3:2377"
    assert "swarm" in call(swarm_info)


def test_an_engine_that_does_not_answer(call: Any, swarm: Any) -> None:
    swarm.refuses["/info"] = EngineError("docker GET /info: no answer")
    assert call(swarm_info)["msg"] == "docker GET /info: no answer"
