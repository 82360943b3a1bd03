# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import docker
import pytest
import requests
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.engine import world_sdk


class Version(BaseHTTPRequestHandler):
    api = ""

    def do_GET(self) -> None:
        text = json.dumps({"ApiVersion": self.api}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_words: Any) -> None:
        pass


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Version) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_port}")
        yield server
        server.shutdown()


@pytest.mark.usefixtures("engine")
def test_an_engine_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Version, "api", "1.40")
    with pytest.raises(EngineError) as error:
        world_sdk.connect()
    assert str(error.value) == (
        "the Docker Engine of the control host speaks API 1.40; 1.41 or later (Docker 20.10) is needed: upgrade it"
    )


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("api", ["1.41", "1.52"])
def test_an_engine_that_is_not(monkeypatch: pytest.MonkeyPatch, api: str) -> None:
    monkeypatch.setattr(Version, "api", api)
    assert world_sdk.connect().api_version == api


def test_no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
    with pytest.raises(EngineError) as error:
        world_sdk.connect()
    assert str(error.value) == (
        "no Docker Engine answers on the control host: there is no socket: it is not installed or not running"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "PermissionError(13, 'Permission denied')",
            "permission denied on its socket: run with sudo, or join the group docker and log in again",
        ),
        ("FileNotFoundError(2, 'No such file or directory')", world_sdk.NO_SOCKET),
        ("ConnectionRefusedError(111, 'x')", world_sdk.NOBODY_LISTENS),
        (" something else\n", "something else"),
    ],
)
def test_reasons(text: str, words: str) -> None:
    assert world_sdk.reason(Exception(text)) == words


@pytest.mark.parametrize(
    ("why", "host", "installable"),
    [
        (f"no Docker Engine answers on the control host: {world_sdk.NO_SOCKET}", "", True),
        (f"no Docker Engine answers on the control host: {world_sdk.NOBODY_LISTENS}", "", True),
        (f"no Docker Engine answers on the control host: {world_sdk.NO_SOCKET}", "unix:///elsewhere", False),
        ("no Docker Engine answers on the control host: permission denied on its socket: run with sudo", "", False),
        ("no Docker Engine answers on the control host: Internal Server Error", "", False),
    ],
)
def test_an_engine_is_only_installed_where_none_is(
    monkeypatch: pytest.MonkeyPatch, why: str, host: str, installable: bool
) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    assert world_sdk.installable(why) is installable


def test_errors_of_the_sdk_name_what_was_being_done() -> None:
    response = requests.Response()
    response.status_code = 409
    failure = docker.errors.APIError("Conflict", response, explanation="name is in use")
    with pytest.raises(EngineError) as error, world_sdk.doing("hydra-node: create"):
        raise failure
    assert (str(error.value), error.value.status) == ("hydra-node: create: name is in use", 409)
