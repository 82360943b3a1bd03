# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.backup import world_archive
from ansible_collections.hydra.swarm.plugins.modules import backup_archive

PUBLIC = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
SWARM = {"id": "r2al", "node": "hydra-node", "address": "172.30.0.10", "engine": "26.1.5"}
MANAGERS = {"hydra": "172.30.0.10"}
FREE = {"hydra": {"state": "inactive"}}


@pytest.fixture
def key(tmp_path: Path) -> str:
    (tmp_path / "key").write_text(f"# public key: {PUBLIC}\nAGE-SECRET-KEY-1EXAMPLE\n")
    return str(tmp_path / "key")


@pytest.fixture
def archive(tmp_path: Path) -> str:
    path = str(tmp_path / "a.tar")
    with world_archive.Writer(path) as writer:
        writer.add({"kind": "swarm", "file": "swarm.tar.gz.age"}, [b"x"])
        writer.finish({"cluster": "hydra", "taken": 7, "inventory": "0123", "swarm": SWARM})
    return path


def test_what_is_wanted(call: Any, tmp_path: Path, key: str) -> None:
    folder = tmp_path / "to"
    looks = {"hydra": {"manager": True}}
    arguments = {"state": "wanted", "cluster": "hydra", "folder": str(folder), "managers": MANAGERS, "looks": looks}
    assert call(backup_archive, check=True, key=key, **arguments)["recipients"] == [PUBLIC]
    assert not folder.exists()
    found = call(backup_archive, key=key, **arguments)
    assert (found["manager"], os.listdir(found["partial"])) == ("hydra", [])
    assert "no key is given to seal the backup with" in call(backup_archive, **arguments)["msg"]


def test_what_machines_made_is_put_together(call: Any, tmp_path: Path, archive: str) -> None:
    partial = tmp_path / ".hydra.partial"
    partial.mkdir()
    (tmp_path / "hydra-19600101T000007Z.backup.tar").write_text("older")
    os.rename(archive, partial / "hydra.tar")
    made = call(backup_archive, state="merged", cluster="hydra", folder=str(tmp_path), keep=1)
    assert made["removed"] == ["hydra-19600101T000007Z.backup.tar"]
    assert made["archive"] == f"{tmp_path}/hydra-19700101T000007Z.backup.tar"
    assert made["changed"] and not partial.exists()


def test_an_archive_that_may_be_put_back(call: Any, archive: str, key: str) -> None:
    told = {"state": "checked", "cluster": "hydra", "archive": archive, "key": key, "managers": MANAGERS}
    found = call(backup_archive, looks=FREE, **told)
    assert (found["manager"], found["manifest"]["swarm"]) == ("hydra", SWARM)
    assert found["notes"] == ["The inventory was another one when the backup was made."]
    lives = {"hydra": {"state": "active", "swarm_id": "r2al"}}
    refused = call(backup_archive, looks=lives, **told)["msg"]
    assert refused.startswith("Nothing was touched: hydra is in a swarm (state active, ID: the same). FORCE=1")
    assert call(backup_archive, looks=lives, force=True, **told)["manager"] == "hydra"
    assert "is of cluster hydra" in call(backup_archive, looks=FREE, force=True, **{**told, "cluster": "x"})["msg"]


def test_a_key_that_opens_nothing(call: Any, tmp_path: Path, archive: str) -> None:
    (tmp_path / "public").write_text(PUBLIC)
    told = call(backup_archive, state="checked", cluster="hydra", archive=archive, key=str(tmp_path / "public"))
    assert "has only a public key" in told["msg"]
