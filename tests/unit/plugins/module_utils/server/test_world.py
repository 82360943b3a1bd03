# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.server import world as server_world
from ansible_collections.hydra.swarm.plugins.module_utils.server import world_clock


def test_the_interface_of_an_address() -> None:
    assert ("lo", "127.0.0.1") in server_world.addresses()
    found = server_world.interface_of("127.0.0.1")
    assert (found["interface"], found["mtu"] > 1000) == ("lo", True)
    assert (server_world.interface_of("198.51.100.1")["interface"], server_world.interface_of("")["mtu"]) == ("", 0)


def test_a_port_that_is_taken_is_told_with_its_program(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.5", 0)) as server:
        port = f"{server.getsockname()[1]}/tcp"
        monkeypatch.setattr(server_world, "ALL", (port,))
        comm = Path(f"/proc/{os.getpid()}/comm").read_text(encoding="utf-8").strip()
        assert server_world.ports("127.0.0.5") == [{"port": port, "program": comm}]
        assert server_world.ports("127.0.0.6") == []


def test_a_file_that_is_closed_while_its_program_is_looked_at_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine opens and closes files all the time."""
    readlink, closed = os.readlink, 0

    def closing(path: str) -> str:
        nonlocal closed
        if path == f"/proc/{os.getpid()}/fd/0":  # the first that is listed
            closed += 1
            raise FileNotFoundError(path)
        return readlink(path)

    monkeypatch.setattr(server_world.os, "readlink", closing)
    with socket.create_server(("127.0.0.5", 0)) as server:
        port = f"{server.getsockname()[1]}/tcp"
        monkeypatch.setattr(server_world, "ALL", (port,))
        assert server_world.ports("127.0.0.5")[0]["program"] != ""
    assert closed == 1


@pytest.mark.parametrize(
    ("settings", "root"),
    [
        ("", "/var/lib/docker"),
        ('{"data-root": "/srv/docker"}', "/srv/docker"),
        ('{"data-root": "docker"}', "/var/lib/docker"),
        ("{", "/var/lib/docker"),
        ("[]", "/var/lib/docker"),
    ],
)
def test_where_the_engine_will_keep_its_data(monkeypatch: pytest.MonkeyPatch, settings: str, root: str) -> None:
    monkeypatch.setattr(server_world, "read", lambda _path: settings)
    assert server_world._data_root() == root


def test_the_disk_of_a_folder_that_is_not_there(tmp_path: Path) -> None:
    found = server_world.disk(str(tmp_path / "var" / "docker"))
    assert found["path"] == str(tmp_path)
    assert 0 < found["free"] <= found["total"]


def test_names() -> None:
    found = server_world.resolved(["localhost", "nowhere.invalid"])
    assert found["localhost"] == ""
    assert found["nowhere.invalid"] != ""


def test_no_engine_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(server_world, "PROGRAMS", ())
    monkeypatch.setattr(server_world.shutil, "which", lambda _name: None)
    answer = server_world.engine(str(tmp_path / "none.sock"))
    assert answer == {"version": "", "running": "", "swarm": "", "root": "", "trouble": ""}


def test_an_engine_that_does_not_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "dockerd"
    program.write_text("#!/bin/sh\necho 'Docker version 26.1.5+dfsg1, build a72d7cd'\n")
    program.chmod(0o755)
    monkeypatch.setattr(server_world.shutil, "which", lambda _name: str(program))
    answer = server_world.engine(str(tmp_path / "none.sock"))
    assert (answer["version"], answer["running"], answer["trouble"]) == ("26.1.5+dfsg1", "", "")


def test_the_system_and_its_clock() -> None:
    assert {"os", "kernel", "memory", "routes", "root"} <= set(server_world.system())
    assert world_clock.keeping()["synchronised"] in (True, False, None)
