# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.engine.world import Engine
from ansible_collections.hydra.swarm.plugins.modules import node_volume

NAME = "ada.home"
LABELS = {"hydra.swarm.student": "ada", "hydra.swarm.cluster": "hydra"}
FOUND = {"Driver": "local", "Labels": LABELS, "Mountpoint": "/nowhere"}
NFS = {"type": "nfs", "o": "addr=10.0.0.5,nfsvers=4.2,hard", "device": ":/exports/ada"}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Says whether this node's kernel has an NFS client."""

    def has(nfs: bool) -> None:
        files = {"/proc/filesystems": "nodev\tnfs4\n" if nfs else ""}
        monkeypatch.setattr(Engine, "texts", lambda _engine, paths: files)

    has(True)
    return has


def wanted(**more: Any) -> dict[str, Any]:
    student = {"hydra.swarm.student": "ada"}
    return {"name": NAME, "cluster": "hydra", "path": "/exports/ada", "server": "10.0.0.5", "labels": student, **more}


@pytest.fixture
def unused(swarm: Any) -> None:
    swarm.answers["/containers/json"] = []


def test_a_definition_with_its_owner(call: Any, swarm: Any, client: Any) -> None:
    result = call(node_volume, **wanted())
    assert (result["changed"], result["driver_opts"]) == (True, NFS)
    body = {"Name": NAME, "Driver": "local", "DriverOpts": NFS, "Labels": LABELS}
    assert swarm.posted == [("POST", "/volumes/create", body)]
    swarm.answers[f"/volumes/{NAME}"] = {**FOUND, "Options": NFS}
    assert call(node_volume, **wanted())["changed"] is False


def test_without_a_client_it_is_a_bind_onto_shared_storage_or_refused(
    call: Any, swarm: Any, client: Any, tmp_path: Path
) -> None:
    client(False)
    result = call(node_volume, **wanted(path=str(tmp_path)))
    assert "so the volume would show nothing of the NFS server's" in result["msg"] and swarm.posted == []
    assert call(node_volume, **wanted(path="/dev/shm", via="bind"))["driver_opts"] == {
        "type": "none",
        "o": "bind",
        "device": "/dev/shm",
    }
    assert "this node's kernel has no NFS client" in call(node_volume, **wanted(via="nfs"))["msg"]


def test_one_that_differs_is_made_anew(call: Any, swarm: Any, client: Any, unused: None) -> None:
    swarm.answers[f"/volumes/{NAME}"] = {**FOUND, "Options": {**NFS, "device": ":/exports/old"}}
    assert call(node_volume, check=True, **wanted())["changed"] is True and swarm.posted == []
    assert call(node_volume, **wanted())["changed"] is True
    assert [(method, path) for method, path, _body in swarm.posted] == [
        ("DELETE", f"/volumes/{NAME}"),
        ("POST", "/volumes/create"),
    ]


def test_one_that_is_used_stays(call: Any, swarm: Any, client: Any) -> None:
    swarm.answers[f"/volumes/{NAME}"] = {**FOUND, "Options": NFS}
    swarm.answers["/containers/json"] = [{"Id": "c" * 64, "Names": ["/mine"], "State": "running"}]
    result = call(node_volume, name=NAME, cluster="hydra", state="absent", timeout=0)
    assert result["msg"].startswith(
        f"volume '{NAME}' cannot be removed while it is used by container mine (running). End them first"
    )
    assert swarm.posted == []


def test_removing_takes_the_definition_alone(call: Any, swarm: Any, client: Any, unused: None) -> None:
    swarm.answers[f"/volumes/{NAME}"] = {**FOUND, "Options": NFS}
    assert call(node_volume, name=NAME, cluster="hydra", state="absent")["changed"] is True
    assert swarm.posted == [("DELETE", f"/volumes/{NAME}", None)]
    del swarm.answers[f"/volumes/{NAME}"]
    assert call(node_volume, name=NAME, cluster="hydra", state="absent")["changed"] is False


def test_somebody_elses_is_refused(call: Any, swarm: Any, client: Any) -> None:
    swarm.answers[f"/volumes/{NAME}"] = {**FOUND, "Options": NFS, "Labels": {}}
    assert "is not of cluster hydra" in call(node_volume, **wanted())["msg"]
    assert "path" in call(node_volume, name=NAME, cluster="hydra")["msg"]
