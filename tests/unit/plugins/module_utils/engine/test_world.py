# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.engine.world import Engine

ANSWERS = {
    "/info": (200, b'{"ServerVersion": "26.1.5"}'),
    "/images/json?all=true&filters=%7B%22label%22%3A+%5B%22a%22%5D%7D": (200, b"[]"),
    "/swarm/leave?force=true": (200, b""),
    "/_ping": (200, b"OK"),
    "/nodes/a%20b": (404, b'{"message": "node a b not found\\n"}'),
    "/broken": (500, b"panic\n"),
    "/list": (400, b'["odd"]'),
    "/services/a/update": (
        400,
        b'{"message": "expanding env \\"DB_PASSWORD=hunter{{2\\": hunter{{2; see http://me:pw@x"}',
    ),
    "/containers/create": (500, b'{"message": "hunter2 is too short"}'),
    "/cut": (200, b""),
    "/logs?tail=2": (200, b"\x01\x00a\nb"),
    "/logs?tail=0": (404, b"no such task\n"),
}


class Handler(BaseHTTPRequestHandler):
    """An engine that says back what it was sent under /echo."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/echo":
            sent = {"method": self.command, "type": self.headers["Content-Type"], "body": body.decode()}
            status, text = 200, json.dumps(sent).encode()
        else:
            status, text = ANSWERS[self.path]
        self.send_response(status)
        self.send_header("Content-Length", "999" if self.path == "/cut" else str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *_words: Any) -> None:
        pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with Server(str(tmp_path / "sock"), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield Engine(str(tmp_path / "sock"), timeout=5)
        server.shutdown()


def test_answers(engine: Engine) -> None:
    assert engine.get("/info") == {"ServerVersion": "26.1.5"}
    assert engine.get("/images/json", all=True, filters={"label": ["a"]}) == []
    assert engine.post("/swarm/leave", force=True) is None
    assert engine.get("/_ping") == "OK"


def test_what_is_sent(engine: Engine) -> None:
    json_type = "application/json"
    assert engine.post("/echo", {"a": [1]}) == {"method": "POST", "type": json_type, "body": '{"a": [1]}'}
    assert engine.post("/echo") == {"method": "POST", "type": json_type, "body": "{}"}
    assert engine.delete("/echo") == {"method": "DELETE", "type": None, "body": ""}


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/nodes/a b", 404, "docker GET /nodes/a b: node a b not found"),
        ("/broken", 500, "docker GET /broken: panic"),
        ("/list", 400, 'docker GET /list: ["odd"]'),
    ],
)
def test_errors_name_the_request(engine: Engine, path: str, status: int, message: str) -> None:
    with pytest.raises(EngineError) as error:
        engine.get(path)
    assert (str(error.value), error.value.status) == (message, status)


def test_errors_quote_no_secret_that_was_sent(engine: Engine) -> None:
    """Of whoever sends it: an update of one service as well as a deploy."""
    spec = {"TaskTemplate": {"ContainerSpec": {"Env": ["LEVEL=loud", "DB_PASSWORD=hunter{{2"]}}}
    with pytest.raises(EngineError) as error:
        engine.post("/services/a/update", spec)
    assert str(error.value) == (
        'docker POST /services/a/update: expanding env "DB_PASSWORD=(hidden)": (hidden); see http://me:(hidden)@x'
    )
    with pytest.raises(EngineError, match=r"^docker POST /containers/create: \(hidden\) is too short$"):
        engine.post("/containers/create", {"Env": ["TOKEN=hunter2"]})


def test_an_answer_that_breaks_off(engine: Engine) -> None:
    with pytest.raises(EngineError) as error:
        engine.get("/cut")
    assert str(error.value).startswith(f"docker GET /cut: no answer on {engine._path} (IncompleteRead(0 bytes read")


def test_a_stream_is_not_interpreted_and_not_longer_than_wanted(engine: Engine) -> None:
    assert engine.stream("/logs", 100, 5, tail="2") == b"\x01\x00a\nb"
    assert engine.stream("/logs", 3, 5, tail="2") == b"\x01\x00a"


def test_a_stream_that_is_refused(engine: Engine) -> None:
    with pytest.raises(EngineError) as error:
        engine.stream("/logs", 100, 5, tail="0")
    assert (str(error.value), error.value.status) == ("docker GET /logs: no such task", 404)


def test_no_answer(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as error:
        Engine(f"{tmp_path}/none").get("/info")
    assert (str(error.value), error.value.status) == (
        f"docker GET /info: no answer on {tmp_path}/none ([Errno 2] No such file or directory); is the Docker Engine "
        "running?",
        0,
    )
