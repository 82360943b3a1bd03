# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is sent to a machine is enough for the module to run there, by a Python that has neither Ansible nor this collection."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.engine import world_shipment
from ansible_collections.hydra.swarm.plugins.modules import (
    export_directory,
    export_directory_info,
    nfs_export,
    node_volume,
)

EXPORT = {"path": "/exports/a", "state": "present", "security": "sys", "mode": None, "owner": None, "group": None}
EXPORT["clients"] = [
    {
        "host": "10.0.0.0/8",
        "access": "rw",
        "squash": "none",
        "anonuid": 65534,
        "anongid": 65534,
        "privileged_port": True,
    }
]
PARAMS = {"exports": [EXPORT], "exclusive": False, "implementation": "ganesha", "file": None, "timeout": 1}


class Client:
    """An SDK client whose exec is a process here, in a folder that is empty."""

    def __init__(self, folder: Path, command: list[str] | None = None):
        self.folder, self.command = folder, command

    def exec_create(self, _machine: str, command: list[str], stdin: bool) -> dict[str, Any]:
        assert stdin
        return {"Id": self.command or [sys.executable, *command[1:]]}

    def exec_start(self, command: Any, socket: bool) -> Any:
        assert socket
        near, far = _pair()
        threading.Thread(target=self._run, args=(command, far), daemon=True).start()
        return near.makefile("rwb", buffering=0)

    def _run(self, command: list[str], far: socket.socket) -> None:
        pipes = {"stdin": far.fileno(), "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        environment = {**os.environ, "PYTHONPATH": ""}
        with far, subprocess.Popen(command, cwd=self.folder, env=environment, **pipes) as process:  # type: ignore[call-overload]
            said = process.stdout.readline()
            # One that prints its answer waits until it was read.
            for stream, text in ((1, said), (2, b"" if said else process.stderr.read())):
                if text:
                    far.sendall(bytes([stream, 0, 0, 0]) + len(text).to_bytes(4, "big") + text)
            if not said:
                return
            self.ended = process.wait(20)


def _pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair()


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    def run(params: dict[str, Any], command: list[str] | None = None) -> Any:
        monkeypatch.setattr(world_shipment, "connect", lambda: Client(tmp_path, command))
        return world_shipment.run_there("nfs", nfs_export, params, True, 20)

    return run


def test_a_module_runs_there_as_it_would_here(there: Any) -> None:
    result = there(PARAMS)
    assert (result["changed"], result["implementation"]) == (True, "ganesha")
    assert [(export["path"], export["clients"][0]["host"]) for export in result["exports"]] == [
        ("/exports/a", "10.0.0.0/8")
    ]


def test_a_refusal_there_is_a_failure_here(there: Any) -> None:
    wrong = {**PARAMS, "exports": [{**EXPORT, "path": "exports"}]}
    assert there(wrong) == {
        "failed": True,
        "msg": "exports: path 'exports' must be absolute, below /, without '.', '..' or a '/' too many",
    }


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            ["sh", "-c", "read -r line; echo Trace >&2; echo KeyError: x >&2"],
            "nfs: nfs_export gave no answer there (KeyError: x)",
        ),
        (
            ["sh", "-c", "read -r line"],
            "nfs: nfs_export gave no answer there (Expecting value: line 1 column 1 (char 0))",
        ),
    ],
)
def test_a_program_that_breaks_is_quoted(there: Any, command: list[str], said: str) -> None:
    with pytest.raises(EngineError) as broken:
        there(PARAMS, command)
    assert str(broken.value) == said


@pytest.mark.parametrize("module", [export_directory, export_directory_info, nfs_export, node_volume])
def test_what_travels_suffices(module: Any, tmp_path: Path) -> None:
    said = {"module": module.__name__, "errors": f"{world_shipment.NAME}.module_utils.common.errors"}
    line = json.dumps({**said, "texts": world_shipment.texts(module), "params": {}, "check_mode": True})
    words = [sys.executable, "-Ic", world_shipment.PROGRAM]
    done = subprocess.run(words, input=f"{line}\n", cwd=tmp_path, capture_output=True, text=True, check=False)
    # It was found and all that it imports; what it lacks are its parameters.
    assert done.stderr.splitlines()[-1].startswith("KeyError: "), done.stderr


def test_what_travels_is_what_is_imported() -> None:
    travels = world_shipment.texts(nfs_export)
    assert travels["ansible_collections.hydra.swarm.plugins.module_utils.storage"] is None
    names = {name.rpartition(".")[2] for name, text in travels.items() if text}
    assert {"nfs_export", "exports_ganesha", "world_kernel", "errors"} <= names
    assert not names & {"world_quota", "world_sdk"}
    assert json.dumps(travels)
