# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Definitions of volumes; a scripted engine stands for the node's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError, HydraError, Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.storage import volumes as core
from ansible_collections.hydra.swarm.plugins.module_utils.storage import world_volumes

CHANGE = core.plan("ada.ml", core.Volume("local", {}, {"hydra.swarm.cluster": "h"}), None, "h")
ENDED = {"Id": "1", "Names": ["/a.1"], "State": "exited", "Labels": {core.SERVICE: "a"}}
RUNNING = {**ENDED, "State": "running"}
SERVICE = {
    "Spec": {"Name": "a", "TaskTemplate": {"ContainerSpec": {"Mounts": [{"Type": "volume", "Source": "ada.ml"}]}}}
}


class Script(world_volumes.Engine):
    """Answers each path with the next of its answers, the last one again and again; keeps what it was asked to do."""

    def __init__(self, manager: bool = False, **answers: list[Any]):
        super().__init__()
        self.answers = {"info": [{"Swarm": {"ControlAvailable": manager}}], **answers}
        self.done: list[tuple[str, str, Any]] = []

    def _request(self, method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        if method != "GET":
            self.done.append((method, path, body))
            return None
        turn = self.answers[path.strip("/").split("/")[0]]
        answer = turn.pop(0) if len(turn) > 1 else turn[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_no_volume() -> None:
    assert world_volumes.find(Script(volumes=[EngineError("no such volume", 404)]), "x") is None
    with pytest.raises(EngineError):
        world_volumes.find(Script(volumes=[EngineError("broken", 500)]), "x")


def test_create() -> None:
    engine = Script()
    world_volumes.create(engine, "ada.ml", core.Volume("local", {"type": "none"}, {"a": "b"}))
    body = {"Name": "ada.ml", "Driver": "local", "DriverOpts": {"type": "none"}, "Labels": {"a": "b"}}
    assert engine.done == [("POST", "/volumes/create", body)]


@pytest.mark.parametrize(
    "engine",
    [
        Script(containers=[[]]),
        Script(containers=[[ENDED], [ENDED], []]),  # the swarm clears it away
        Script(manager=True, containers=[[]], services=[[]]),
    ],
)
def test_unused(engine: Script) -> None:
    world_volumes.require_unused(engine, "ada.ml", CHANGE, 5)


@pytest.mark.parametrize(
    "engine",
    [
        Script(containers=[[RUNNING], []]),  # who runs is not waited for
        Script(containers=[[ENDED]]),
        Script(manager=True, containers=[[ENDED], []], services=[[SERVICE]]),
    ],
)
def test_used(engine: Script) -> None:
    with pytest.raises(Refusal) as caught:
        world_volumes.require_unused(engine, "ada.ml", CHANGE, 0.3)
    assert str(caught.value) == core.refusal("ada.ml", CHANGE, ["service a"])


@pytest.fixture
def mounted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """How often the volume is mounted, and what umount does to that and returns."""
    world: dict[str, Any] = {"layers": 0, "off": 1, "code": 0, "umounts": 0}
    line = f"1 2 8:1 / {tmp_path} rw - ext4 /dev/vda rw\n"
    monkeypatch.setattr(
        world_volumes, "_read", lambda path: line * world["layers"] + "3 2 8:1 / /else rw - ext4 /dev/vda rw\n"
    )

    def umount(words: list[str], **_options: Any) -> Any:
        assert words == ["umount", str(tmp_path)]
        world["umounts"] += 1
        world["layers"] -= world["off"]
        return type("Done", (), {"returncode": world["code"], "stderr": "umount: target is busy.\n"})

    monkeypatch.setattr(world_volumes.subprocess, "run", umount)
    return world


@pytest.mark.parametrize("layers", [0, 1, 2])
def test_nothing_is_mounted_when_the_engine_removes_a_volume(
    mounted: dict[str, Any], tmp_path: Path, layers: int
) -> None:
    mounted["layers"], engine = layers, Script()
    world_volumes.remove(engine, "ada.ml", str(tmp_path))
    assert (mounted["umounts"], mounted["layers"]) == (layers, 0)
    assert engine.done == [("DELETE", "/volumes/ada.ml", None)]


def test_a_volume_that_cannot_be_unmounted_is_not_removed(mounted: dict[str, Any], tmp_path: Path) -> None:
    mounted.update(layers=1, off=0, code=32)
    engine = Script()
    with pytest.raises(HydraError) as caught:
        world_volumes.remove(engine, "ada.ml", str(tmp_path))
    assert str(caught.value) == (
        f"volume 'ada.ml' is still mounted on {tmp_path} although nothing uses it, and umount says: umount: target is busy.. "
        "Removing it now would delete data; restart this node's engine, then try again"
    )
    assert engine.done == []


def test_a_volume_that_is_mounted_again_is_not_removed(mounted: dict[str, Any], tmp_path: Path) -> None:
    mounted.update(layers=1, off=0)
    engine = Script()
    with pytest.raises(HydraError) as caught:
        world_volumes.remove(engine, "ada.ml", str(tmp_path))
    assert str(caught.value) == f"volume 'ada.ml' was mounted again on {tmp_path} meanwhile; run this again"
    assert engine.done == []


def test_directories_that_are_not_the_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    (tmp_path / "link").symlink_to(folder)
    mounts = f"/dev/a / ext4 rw 0 0\n/dev/b {tmp_path} ext4 rw 0 0\n"
    monkeypatch.setattr(world_volumes, "_read", lambda path: mounts)
    assert world_volumes.not_shared(str(folder)) == ""
    assert world_volumes.not_shared(f"{folder}/new") == f"{folder}/new is not a directory on this node"
    assert world_volumes.not_shared(f"{folder}/new/er", rehearsal=True) == ""
    assert world_volumes.not_shared(f"{tmp_path}/link") == f"{tmp_path}/link is or lies below a symbolic link here"
    mounts = "/dev/a / ext4 rw 0 0\n"
    assert world_volumes.not_shared(str(folder)) == f"{folder} lies on this node's own disk"
