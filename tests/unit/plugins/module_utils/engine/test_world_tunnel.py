# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.engine import world_tunnel
from ansible_collections.hydra.swarm.plugins.module_utils.engine.world import Engine
from ansible_collections.hydra.swarm.plugins.module_utils.machine import world_network


def frame(stream: int, data: bytes) -> bytes:
    """As an engine sends what an exec writes."""
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


class Client:
    """An SDK client: each exec is a conversation of its own, with the answers it was given."""

    def __init__(self, *conversations: list[bytes]):
        self.conversations, self.commands = list(conversations), []
        self.asked: list[bytes] = []

    def exec_create(self, machine: str, command: list[str], **_more: Any) -> dict[str, str]:
        self.commands.append((machine, command[0]))
        return {"Id": "exec"}

    def exec_start(self, _exec_id: str, socket: bool = False) -> Any:
        if not socket:
            return b"a table"
        near, far = _pair()
        threading.Thread(target=self._converse, args=(far, self.conversations.pop(0)), daemon=True).start()
        return near.makefile("rwb", buffering=0)

    def exec_inspect(self, _exec_id: str) -> dict[str, int]:
        return {"ExitCode": 124}

    def _converse(self, far: socket.socket, answers: list[bytes]) -> None:
        for answer in answers:
            self.asked.append(far.recv(65536))
            far.sendall(answer)
        far.close()


def _pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair()


def answer(content: Any, status: str = "200 OK") -> bytes:
    body = json.dumps(content).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    # In pieces that end where nobody expects it.
    return frame(1, head[:20]) + frame(1, head[20:] + body[:3]) + frame(1, body[3:])


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Any:
    def of(*conversations: list[bytes]) -> tuple[world_tunnel.TunnelledEngine, Client]:
        client = Client(*conversations)
        monkeypatch.setattr(world_tunnel, "connect", lambda: client)
        return world_tunnel.TunnelledEngine("hydra-node", 5), client

    return of


def test_one_exec_serves_many_requests(engine: Any) -> None:
    tunnel, client = engine([answer({"ID": 1}), answer([2])])
    assert (tunnel.get("/info"), tunnel.get("/nodes")) == ({"ID": 1}, [2])
    assert client.commands == [("hydra-node", "python3")]
    assert [line.split(b" HTTP")[0] for line in client.asked] == [b"GET /info", b"GET /nodes"]


def test_an_engine_that_refuses_is_quoted(engine: Any) -> None:
    tunnel, _client = engine([answer({"message": "no such node"}, "404 Not Found"), answer([])])
    with pytest.raises(EngineError) as refused:
        tunnel.get("/nodes/x")
    assert (str(refused.value), refused.value.status) == ("docker GET /nodes/x: no such node", 404)
    assert tunnel.get("/nodes") == []


def test_after_a_broken_tunnel_the_next_request_makes_another(engine: Any) -> None:
    trace = b"Traceback\nConnectionRefusedError: [Errno 111] Connection refused\n"
    tunnel, client = engine([frame(2, trace)], [answer([])])
    with pytest.raises(EngineError) as broken:
        tunnel.get("/nodes")
    assert str(broken.value) == (
        "docker GET /nodes: no answer on hydra-node:/var/run/docker.sock (ConnectionRefusedError: [Errno 111] Connection "
        "refused); is the Docker Engine running?"
    )
    assert tunnel.get("/nodes") == []
    assert len(client.commands) == 2


def test_what_is_around_the_engine_is_asked_there(engine: Any) -> None:
    tunnel, client = engine()
    assert tunnel.routes() == "a table"
    assert not tunnel.reaches("10.0.0.1", 2377, 2)
    assert client.commands == [("hydra-node", "cat"), ("hydra-node", "timeout")]


def test_the_relay_passes_bytes_both_ways_until_the_engine_ends(tmp_path: Any) -> None:
    path = tmp_path / "engine.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        relay = subprocess.Popen(
            [sys.executable, "-ISc", world_tunnel.RELAY % path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert relay.stdin and relay.stdout
        near, _address = listener.accept()
        relay.stdin.write(b"question")
        relay.stdin.flush()
        assert near.recv(100) == b"question"
        near.sendall(b"x" * 200_000)
        near.close()
        assert len(relay.stdout.read()) == 200_000
        assert relay.wait(10) == 0
        relay.stdin.close()


class There(Client):
    """A machine on which the commands are really run."""

    def exec_create(self, machine: str, command: list[str], **_more: Any) -> dict[str, str]:
        self.done = subprocess.run([sys.executable, *command[1:]], check=False, capture_output=True)
        return {"Id": machine}

    def exec_start(self, _exec_id: str, socket: bool = False) -> Any:
        return self.done.stdout

    def exec_inspect(self, _exec_id: str) -> dict[str, int]:
        return {"ExitCode": self.done.returncode}


def test_files_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The same files, read by a process there and by this one."""
    release = os.uname().release
    (tmp_path / f"deps-{release}").write_text("a module", encoding="utf-8")
    (tmp_path / "bytes").write_bytes(b"caf\xe9")
    paths = [f"{tmp_path}/deps-{{release}}", f"{tmp_path}/bytes", f"{tmp_path}/nothing"]
    wanted = {paths[0]: "a module", paths[1]: "caf\ufffd"}

    monkeypatch.setattr(world_tunnel, "connect", There)
    assert world_tunnel.TunnelledEngine("hydra-node").texts(paths) == wanted
    assert Engine().texts(paths) == wanted


def test_folders_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "raft").mkdir()
    (tmp_path / "docker-state.json").touch()
    monkeypatch.setattr(world_tunnel, "connect", There)
    for engine in (world_tunnel.TunnelledEngine("hydra-node"), Engine()):
        assert engine.names(str(tmp_path)) == ["docker-state.json", "raft"]
        assert engine.names(f"{tmp_path}/raft") == engine.names(f"{tmp_path}/nothing") == []


@pytest.mark.parametrize("program", [world_network, None])
def test_all_that_is_looked_at_is_one_exec(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: ModuleType | None
) -> None:
    """The same readings, by a process there that has nothing of ours and by this one."""
    monkeypatch.setattr(world_tunnel, "connect", There)
    (tmp_path / "there").write_text("text")
    paths = [f"{tmp_path}/there", f"{tmp_path}/not"]
    tunnel, here = world_tunnel.TunnelledEngine("hydra-node"), Engine().survey(paths, str(tmp_path), program)
    started: list[tuple[str, ...]] = []
    run = tunnel._run
    monkeypatch.setattr(tunnel, "_run", lambda *words: started.append(words) or run(*words))
    there = tunnel.survey(paths, str(tmp_path), program)
    assert len(started) == 1
    assert there[0] == here[0] == {f"{tmp_path}/there": "text"}
    assert there[1].keys() == here[1].keys()
    for one in ("hostname", "cpus"):
        assert there[1][one] == here[1][one]
    assert there[1]["disk"]["size"] == here[1]["disk"]["size"]
    assert there[2].keys() == here[2].keys()
    assert there[2].get("called") == here[2].get("called")


def test_a_look_that_fails_names_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world_tunnel, "connect", There)
    with pytest.raises(EngineError) as failed:
        world_tunnel.TunnelledEngine("hydra-node").survey([], "/nowhere/at/all", None)
    assert str(failed.value) == "hydra-node: looking around ended with 1"


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ([(0, b'{"/a": "text"}')], {"/a": "text"}),
        ([(0, b""), (0, b'{"/a": "text"}')], {"/a": "text"}),
        ([(0, b"")] * 3, "hydra-node: reading files gave no answer, 3 times"),
        ([(137, b"")], "hydra-node: reading files ended with 137"),
    ],
)
def test_an_answer_that_the_engine_lost_is_asked_for_again(
    engine: Any, monkeypatch: pytest.MonkeyPatch, answers: list[tuple[int, bytes]], found: Any
) -> None:
    tunnel, client = engine()
    waiting = iter(answers)
    monkeypatch.setattr(client, "exec_start", lambda _id: client.answer[1])
    monkeypatch.setattr(client, "exec_inspect", lambda _id: {"ExitCode": client.answer[0]})

    def create(*_words: Any, **_more: Any) -> dict[str, str]:
        client.answer = next(waiting)
        return {"Id": "exec"}

    monkeypatch.setattr(client, "exec_create", create)
    if isinstance(found, dict):
        assert tunnel.texts(["/a"]) == found
    else:
        with pytest.raises(EngineError) as lost:
            tunnel.texts(["/a"])
        assert str(lost.value) == found
