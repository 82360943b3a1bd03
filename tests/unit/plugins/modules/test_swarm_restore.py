# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.backup import world_archive, world_raft, world_seal
from ansible_collections.hydra.swarm.plugins.modules import swarm_restore

SWARM = {"id": "r2al", "node": "hydra-node", "address": "172.30.0.10", "engine": "26.1.5"}
KEY = "AGE-SECRET-KEY-1EXAMPLE"


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Not sealed: what age does is tried on a cluster."""
    monkeypatch.setattr(world_seal, "require", lambda: None)
    monkeypatch.setattr(world_seal, "open_part", lambda pieces, identity: b"".join(pieces))
    packed = world_raft.pack({"raft/0.wal": (0o600, b"w")}, {"services": ["web"], "secrets": []})
    path = str(tmp_path / "a.tar")
    with world_archive.Writer(path) as writer:
        writer.add({"kind": "swarm", "file": "swarm.tar.gz.age"}, [packed])
        writer.finish({"cluster": "hydra", "taken": 7, "inventory": "", "swarm": SWARM})
    return path


@pytest.fixture
def empty(swarm: Any, tmp_path: Path) -> Any:
    """An engine in no swarm, which becomes the manager of one when it is told to make it."""
    swarm.answers["/info"].update(DockerRootDir=str(tmp_path), Swarm={"LocalNodeState": "inactive"})
    request = swarm.request

    def asked(method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        if path == "/swarm/init":
            state = {"LocalNodeState": "active", "ControlAvailable": True, "Cluster": {"ID": swarm.makes}}
            swarm.answers["/info"]["Swarm"] = state
        return request(method, path, query, body)

    swarm.request, swarm.makes = asked, "r2al"
    swarm.answers["/services"] = [
        {"ID": "w", "Spec": {"Name": "web", "TaskTemplate": {}, "Mode": {"Replicated": {"Replicas": 1}}}}
    ]
    return swarm


def restored(call: Any, archive: str, **arguments: Any) -> Any:
    return call(swarm_restore, **{"archive": archive, "identity": KEY, "address": "172.30.0.10", **arguments})


def test_the_state_is_put_in_place_and_taken_up(call: Any, empty: Any, archive: str, tmp_path: Path) -> None:
    result = restored(call, archive)
    assert (result["changed"], result["swarm_id"], result["taken"]) == (True, "r2al", 7)
    assert (tmp_path / "swarm" / "raft" / "0.wal").read_bytes() == b"w"
    (_method, path, body) = empty.posted[0]
    assert path == "/swarm/init" and body["ForceNewCluster"] and body["AdvertiseAddr"] == "172.30.0.10"


def test_a_rehearsal_touches_nothing(call: Any, empty: Any, archive: str, tmp_path: Path) -> None:
    assert restored(call, archive, check=True)["changed"]
    assert empty.posted == [] and not (tmp_path / "swarm").exists()


def test_a_living_swarm_is_only_left_by_force(call: Any, empty: Any, archive: str) -> None:
    empty.answers["/info"]["Swarm"] = {"LocalNodeState": "active", "ControlAvailable": True, "Cluster": {"ID": "x"}}
    assert "nothing was touched: this machine is in a swarm (state active, ID: x)" in restored(call, archive)["msg"]
    assert empty.posted == []
    assert restored(call, archive, force=True)["changed"]
    assert [path for _method, path, _body in empty.posted] == ["/swarm/leave", "/swarm/init"]


def test_what_the_engine_makes_is_compared(call: Any, empty: Any, archive: str) -> None:
    empty.makes = "other"
    assert "it made swarm other, and the archive's is r2al" in restored(call, archive)["msg"]


def test_what_is_missing_afterwards_is_told(call: Any, empty: Any, archive: str) -> None:
    empty.answers["/services"] = []
    assert "lacks what it had when it was copied: services: web" in restored(call, archive)["msg"]


def test_another_address_is_refused(call: Any, empty: Any, archive: str) -> None:
    assert "lives at 172.30.0.10, not at 172.30.0.11" in restored(call, archive, address="172.30.0.11")["msg"]
    assert empty.posted == []


def test_another_manager_leaves(call: Any, swarm: Any, tmp_path: Path) -> None:
    swarm.answers["/info"]["DockerRootDir"] = str(tmp_path)
    assert "nothing was touched: this machine is in a swarm" in call(swarm_restore)["msg"]
    assert call(swarm_restore, force=True)["changed"]
    assert [path for _method, path, _body in swarm.posted] == ["/swarm/leave"]


def test_the_key_is_not_told(call: Any, empty: Any, archive: str) -> None:
    assert "EXAMPLE" not in str(restored(call, archive, identity="EXAMPLE-of-none"))
