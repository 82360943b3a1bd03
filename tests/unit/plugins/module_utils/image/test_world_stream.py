# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import contextlib
import inspect
import json
import os
import socket
import socketserver
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.image import world_receiver, world_stream
from ansible_collections.hydra.swarm.plugins.module_utils.image.world_stream import Target, pour

ID = f"sha256:{'a' * 64}"
LAYER = f"sha256:{'b' * 64}"
# In the place of docker exec -i NODE: some nodes have a trouble of their own, the others run the command here.
DOCKER = """#!/bin/sh
node=$3
shift 3
case $node in
    gone) echo "Error response from daemon: No such container: gone" >&2; exit 1 ;;
    silent) exec sleep 60 ;;
    broken) exec 0<&-; echo 1 a b; exec sleep 60 ;;
    *) exec "$@" ;;
esac
"""


class Engine(BaseHTTPRequestHandler):
    """The engine of every node: remembers what it got."""

    def do_POST(self) -> None:
        body = bytearray()
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.server.got.append(bytes(body))  # type: ignore[attr-defined]
        self.answer(*self.server.says)  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        known = self.path == "/images/team/app%3A1/json"
        self.answer(*(200, {"Id": ID}) if known else (404, {"message": "No such image"}))

    def answer(self, status: int, content: Any) -> None:
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_words: Any) -> None:
        pass

    def address_string(self) -> str:
        return "unix"


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    path = tmp_path / "docker.sock"
    program = tmp_path / "docker"
    program.write_text(DOCKER)
    program.chmod(0o755)
    (tmp_path / "python3").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    source = inspect.getsource(world_receiver).replace(world_receiver.ENGINE, str(path))
    monkeypatch.setattr(world_stream.inspect, "getsource", lambda _module: source)
    with socketserver.ThreadingUnixStreamServer(str(path), Engine) as server:
        server.daemon_threads = True
        server.got, server.says = [], (200, {"stream": "Loaded image: team/app:1"})  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield server
        server.shutdown()


def block(name: str, content: bytes) -> bytes:
    """One file of a tar archive."""
    head = bytearray(512)
    head[: len(name)] = name.encode()
    head[124:135], head[156:157], head[257:262] = b"%011o" % len(content), b"0", b"ustar"
    return bytes(head) + content + bytes(-len(content) % 512)


FILE, REST = block(f"blobs/sha256/{'b' * 64}", b"layer" * 1000), block("manifest.json", b"[]") + bytes(1024)


def source(times: int = 1) -> Iterator[bytes]:
    yield from [FILE] * times
    yield REST


@pytest.mark.parametrize("address", ["127.0.0.1", ""], ids=["connection", "pipe"])
def test_each_node_gets_what_it_lacks(engine: Any, address: str) -> None:
    targets = [Target("full", address), Target("delta", address, frozenset([LAYER]))]
    done = pour(source(50), [(LAYER,)], targets, ["team/app:1"], 20)
    assert {node: (outcome.ids, outcome.trouble) for node, outcome in done.items()} == dict.fromkeys(
        ("full", "delta"), ([ID], "")
    )
    assert sorted(engine.got, key=len) == [REST, FILE * 50 + REST]
    assert (done["full"].sent[LAYER], done["delta"].sent[LAYER]) == (50 * len(FILE), 0)


def test_where_no_connection_is_accepted_the_pipe_is_used(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_words: Any) -> Any:
        raise ConnectionRefusedError

    monkeypatch.setattr(world_stream.socket, "create_connection", refuse)
    done = pour(source(), [], [Target("a", "127.0.0.1")], ["team/app:1"], 20)
    assert (done["a"].ids, engine.got) == ([ID], [FILE + REST])


def test_nothing_is_sent_to_a_stranger_at_the_address(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stranger(socketserver.BaseRequestHandler):
        heard = b""

        def handle(self) -> None:
            Stranger.heard += self.request.recv(1000)
            self.request.sendall(b"x" * 32)
            while more := self.request.recv(1000):
                Stranger.heard += more

    connect = world_stream.socket.create_connection
    with socketserver.TCPServer(("127.0.0.1", 0), Stranger) as stranger:
        thread = threading.Thread(target=stranger.handle_request)
        thread.start()

        def to_stranger(_address: Any, timeout: float) -> socket.socket:
            return connect(stranger.server_address, timeout)

        monkeypatch.setattr(world_stream.socket, "create_connection", to_stranger)
        done = pour(source(), [], [Target("a", "127.0.0.1")], ["team/app:1"], 20)
        thread.join()
    assert (done["a"].ids, engine.got, len(Stranger.heard)) == ([ID], [FILE + REST], 32)


@pytest.mark.parametrize(
    ("says", "trouble"),
    [
        (
            (200, {"errorDetail": {"message": "no space"}, "error": "no space left on device"}),
            "no space left on device",
        ),
        ((500, {"message": "unexpected EOF"}), "unexpected EOF"),
    ],
)
def test_an_engine_that_refuses(engine: Any, says: tuple[int, Any], trouble: str) -> None:
    engine.says = says
    done = pour(source(), [], [Target("a", "127.0.0.1")], ["team/app:1"], 20)
    assert (done["a"].trouble, done["a"].stuck) == (trouble, False)


def test_an_image_that_did_not_arrive(engine: Any) -> None:
    done = pour(source(), [], [Target("a", "127.0.0.1")], ["other:1"], 20)
    assert done["a"].trouble == "OSError: other:1 is not there after loading it: No such image"


@pytest.mark.parametrize(
    ("node", "patience", "times", "trouble", "stuck"),
    [
        ("gone", 20, 50, "Error response from daemon: No such container: gone", False),
        ("silent", 2, 1, "not done within 2 s", True),
        ("silent", 2, 50, "took nothing for 2 s", True),
        ("broken", 2, 50, "not done within 2 s", True),
    ],
)
@pytest.mark.usefixtures("engine")
def test_one_node_in_trouble(node: str, patience: float, times: int, trouble: str, stuck: bool) -> None:
    before = threading.active_count()
    done = pour(source(times), [], [Target(node), Target("fine", "127.0.0.1")], ["team/app:1"], patience)
    assert (done[node].trouble, done[node].stuck) == (trouble, stuck)
    assert (done["fine"].trouble, done["fine"].ids) == ("", [ID])
    for thread in threading.enumerate()[before:]:
        thread.join(10)
        assert not thread.is_alive(), "who writes to a node that is given up must not wait for ever"


@pytest.mark.usefixtures("engine")
def test_no_node_left() -> None:
    """Then the rest of the archive is not even read."""
    archive = source(10_000)
    assert pour(archive, [], [Target("gone")], ["team/app:1"], 20)["gone"].trouble
    assert next(archive) == FILE


@pytest.mark.parametrize("address", ["127.0.0.1", ""], ids=["connection", "pipe"])
def test_an_archive_that_breaks_off(engine: Any, address: str) -> None:
    def breaking() -> Iterator[bytes]:
        yield FILE
        raise EngineError("docker save app:1: no space")

    with pytest.raises(EngineError, match=r"^docker save app:1: no space$"):
        pour(breaking(), [], [Target("a", address)], ["team/app:1"], 20)
    assert engine.got == [], "the engine must not take a part for the whole"


def test_without_a_command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError) as error:
        pour([], [], [Target("a")], [], 1)
    assert str(error.value) == (
        "the docker command line is missing on the control host: install the package docker-cli (or docker.io)"
    )


def test_whoever_knows_no_secret_is_turned_away() -> None:
    """The node's side alone: a stranger's connection is closed, and never taken for the archive."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stranger = socket.create_connection(listener.getsockname(), 5)
        stranger.sendall(b"x" * 32)
        assert world_receiver.greeted(listener, b"a" * 32, b"b" * 32) is None
        assert stranger.recv(100) == b""
        friend = socket.create_connection(listener.getsockname(), 5)
        friend.sendall(b"a" * 32)
        accepted = world_receiver.greeted(listener, b"a" * 32, b"b" * 32)
        assert accepted is not None
        assert friend.recv(100) == b"b" * 32
    for end in (stranger, friend, accepted):
        end.close()


@pytest.mark.parametrize(
    ("does", "came", "said"),
    [
        ("printf layers", b"layers", ""),
        (
            "printf lay; echo 'Error: x' >&2; echo 'no such image' >&2; exit 1",
            b"lay",
            "n: docker save a b: no such image",
        ),
        ("exit 7", b"", "n: docker save a b: 7"),
        ("printf lay; exec sleep 60", b"lay", "n: docker save a b: nothing came for 0.3 s"),
    ],
)
def test_the_archive_of_a_node(
    does: str, came: bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "docker"
    program.write_text(f'#!/bin/sh\n[ "$*" = "exec n docker save a b" ] || exit 64\n{does}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    got: list[bytes] = []
    with pytest.raises(EngineError) if said else contextlib.nullcontext() as error:
        got.extend(world_stream.archive_of("n", ["a", "b"], 0.3))
    assert b"".join(got) == came
    assert (str(error.value) if error else "") == said
