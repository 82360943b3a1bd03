# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import docker
import pytest
import requests
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.engine import choice, world_sdk


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
        f"no Docker Engine answers on the control host at unix://{tmp_path}/none: there is no socket: it is not installed "
        "or not running"
    )


@pytest.fixture
def contexts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of the docker command line's, whose current context leads to a socket that is not there."""
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    (tmp_path / "config.json").write_text('{"currentContext": "mine"}')
    for name, host in (("mine", f"unix://{tmp_path}/mine.sock"), ("far", "tcp://192.0.2.1:2376")):
        folder = tmp_path / "contexts/meta" / choice.place(name)
        folder.mkdir(parents=True)
        (folder / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host}}}))
    return tmp_path


def test_the_command_lines_context_counts_for_all(contexts: Path) -> None:
    with pytest.raises(EngineError) as error:
        world_sdk.connect()
    assert f"at unix://{contexts}/mine.sock: there is no socket" in str(error.value)
    assert not world_sdk.installable(str(error.value))
    # What is started from here, such as the command line and other collections' modules, agrees.
    assert os.environ["DOCKER_HOST"] == f"unix://{contexts}/mine.sock"


def test_a_contexts_certificates_come_along(contexts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = contexts / "contexts/tls" / choice.place("far") / "docker"
    folder.mkdir(parents=True)
    monkeypatch.setenv("DOCKER_CONTEXT", "far")
    world_sdk.choose()
    assert os.environ["DOCKER_HOST"] == "tcp://192.0.2.1:2376"
    assert (os.environ["DOCKER_CERT_PATH"], os.environ["DOCKER_TLS_VERIFY"]) == (str(folder), "1")


@pytest.mark.usefixtures("contexts")
def test_the_default_context_and_docker_host_are_left_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "default")
    world_sdk.choose()
    assert os.environ["DOCKER_HOST"] == ""
    monkeypatch.setenv("DOCKER_CONTEXT", "mine")
    monkeypatch.setenv("DOCKER_HOST", "unix:///named")
    world_sdk.choose()
    assert os.environ["DOCKER_HOST"] == "unix:///named"


@pytest.mark.usefixtures("contexts")
def test_a_context_that_does_not_exist_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "typo")
    with pytest.raises(EngineError) as error:
        world_sdk.connect()
    assert str(error.value).startswith("Docker context 'typo' does not exist or names no engine: docker context ls")
    assert not world_sdk.installable(str(error.value))


def test_an_engine_of_this_users_own_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(docker, "APIClient", lambda **_options: raising(FileNotFoundError("No such file")))
    assert world_sdk.installable(_refusal())
    (tmp_path / "docker.sock").touch()
    assert _refusal().endswith(
        f"not running; this user has one at {tmp_path}/docker.sock: name it (docker context use, or "
        f"DOCKER_HOST=unix://{tmp_path}/docker.sock)"
    )
    assert not world_sdk.installable(_refusal())


def raising(error: Exception) -> Any:
    raise docker.errors.DockerException(str(error)) from error


def _refusal() -> str:
    with pytest.raises(EngineError) as error:
        world_sdk.connect()
    return str(error.value)


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
