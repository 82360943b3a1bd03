# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError, Refusal, WaitError
from ansible_collections.hydra.swarm.plugins.module_utils.engine.world import Engine
from ansible_collections.hydra.swarm.plugins.module_utils.stack import world as stack_world

OURS = {"com.docker.stack.namespace": "core"}


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A docker command that writes down what it was given, says something, and ends with a status."""

    def pretend(said: str, status: int) -> Path:
        command = tmp_path / "docker"
        (tmp_path / "said").write_text(said)
        command.write_text(
            f'#!/bin/sh\n{{ echo "$DOCKER_HOST $@"; cat; }} > {tmp_path}/given\ncat {tmp_path}/said >&2\nexit {status}\n'
        )
        command.chmod(0o755)
        return tmp_path / "given"

    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return pretend


def test_deploy(docker: Any) -> None:
    given = docker("Creating service core_web\nIgnoring unsupported options: restart\n\nSince --detach=false was\n", 0)
    assert stack_world.deploy("/s", "core", "{text}", ["--resolve-image", "never"]) == [
        "Ignoring unsupported options: restart"
    ]
    assert given.read_text() == "unix:///s stack deploy --resolve-image never --compose-file - core\n{text}"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("Creating service core_web\nfailed to create it: no\n", "docker stack deploy core: failed to create it: no"),
        ("Error response from daemon: no\n", "docker stack deploy core: no"),
        ("", "docker stack deploy core: it gave no reason"),
    ],
)
def test_a_deploy_that_fails(docker: Any, said: str, message: str) -> None:
    docker(said, 1)
    with pytest.raises(EngineError) as caught:
        stack_world.deploy("/s", "core", "{}", [])
    assert str(caught.value) == message


def test_validation(docker: Any) -> None:
    docker("services.web.deploy.replicas must be a integer\n", 1)
    with pytest.raises(Refusal) as caught:
        stack_world.validate("/s", "{}")
    assert str(caught.value) == "docker does not take the stack file: services.web.deploy.replicas must be a integer"


def test_a_command_line_that_cannot_validate(docker: Any) -> None:
    docker("unknown flag: --compose-file\nSee 'docker stack --help'.\n\nUsage:  docker stack [OPTIONS] COMMAND\n", 125)
    assert stack_world.validate("/s", "{}") == []


def test_no_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError) as caught:
        stack_world.validate("/s", "{}")
    assert str(caught.value) == "there is no docker command on this manager: install the package docker-cli"


class Swarm(Engine):
    """What a stack consists of; networks leave one look after they were removed."""

    def __init__(self, **left: list[dict[str, Any]]):
        super().__init__()
        self.left = {"services": [], "networks": [], "configs": [], "secrets": [], "tasks": [], "nodes": [], **left}
        self.posted: list[tuple[str, Any, dict[str, Any]]] = []
        self.deleted: list[str] = []
        self.error: EngineError | None = None

    def _request(self, method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        if self.error and method != "GET":
            raise self.error
        if method == "GET":
            return list(self.left[path.strip("/")])
        if method == "POST":
            self.posted.append((path, body, query))
            return None
        self.deleted.append(path)
        kind, identity = path.strip("/").split("/")
        self.left[kind] = [one for one in self.left[kind] if (one.get("ID") or one.get("Id")) != identity]
        return None


@pytest.mark.parametrize(
    ("source", "labels", "more"),
    [
        ({"kind": "config", "name": "core_site-1"}, {}, {}),
        ({"kind": "secret", "name": "core_pw-1", "labels": {"a": "b"}}, {"a": "b"}, {}),
        ({"kind": "config", "name": "c", "template_driver": "golang"}, {}, {"Templating": {"Name": "golang"}}),
    ],
)
def test_create(source: dict[str, Any], labels: dict[str, str], more: dict[str, Any]) -> None:
    engine, content = Swarm(), base64.b64encode(b"x").decode()
    stack_world.create(engine, "core", "hydra", source, content)
    labels = {**labels, **OURS, "hydra.swarm.cluster": "hydra"}
    body = {"Name": source["name"], "Labels": labels, "Data": content, **more}
    assert engine.posted == [(f"/{source['kind']}s/create", body, {})]


def test_what_is_there_has_that_content() -> None:
    engine = Swarm()
    engine.error = EngineError("exists", 409)
    stack_world.create(engine, "core", "hydra", {"kind": "config", "name": "c"}, "")
    engine.error = EngineError("too big", 400)
    with pytest.raises(EngineError) as caught:
        stack_world.create(engine, "core", "hydra", {"kind": "config", "name": "c"}, "")
    assert str(caught.value) == "config c: too big"


def test_the_command_line_is_made_to_forget_an_image() -> None:
    engine = Swarm()
    spec = {"Name": "core_web", "Labels": {"com.docker.stack.image": "web:1", "x": "y"}, "TaskTemplate": {"a": 1}}
    stack_world.forget_image(engine, {"ID": "s1", "Version": {"Index": 7}, "Spec": spec})
    assert engine.posted == [("/services/s1/update", {**spec, "Labels": {"x": "y"}}, {"version": 7})]


@pytest.mark.parametrize(
    ("error", "gone"),
    [
        (EngineError("nothing", 404), True),
        (EngineError("network n not found", 500), True),
        (EngineError("config 'c' is in use by the following service: x", 400), False),
        (EngineError("network n is in use by task t", 500), False),
    ],
)
def test_removing_what_is_gone_or_in_use(error: EngineError, gone: bool) -> None:
    engine = Swarm()
    engine.error = error
    assert stack_world.remove(engine, "networks", {"Id": "n"}) is gone


def test_another_error_of_a_removal_is_raised() -> None:
    engine = Swarm()
    engine.error = EngineError("boom", 500)
    with pytest.raises(EngineError, match=r"^boom$"):
        stack_world.remove(engine, "networks", {"Id": "n"})


def test_a_stack_is_cleared_and_others_stay() -> None:
    engine = Swarm(
        services=[
            {"ID": "s1", "Spec": {"Name": "core_web", "Labels": OURS}},
            {"ID": "s2", "Spec": {"Name": "gpu_web", "Labels": {"com.docker.stack.namespace": "gpu"}}},
        ],
        networks=[{"Id": "n1", "Name": "core_default", "Labels": OURS}, {"Id": "n2", "Name": "hydra_public"}],
        secrets=[{"ID": "x1", "Spec": {"Name": "core_pw", "Labels": OURS}}],
    )
    stack_world.clear(engine, "core", 5)
    assert engine.deleted == ["/services/s1", "/secrets/x1", "/networks/n1"]


def test_what_does_not_go_is_named() -> None:
    engine = Swarm(
        networks=[{"Id": "n1", "Name": "core_default", "Labels": OURS}],
        tasks=[{"Status": {"State": "running"}, "NodeID": "up"}, {"Status": {"State": "running"}, "NodeID": "down"}],
        nodes=[{"ID": "up", "Status": {"State": "ready"}}, {"ID": "down", "Status": {"State": "down"}}],
    )
    engine.error = EngineError("network core_default has active endpoints", 403)
    with pytest.raises(WaitError) as caught:
        stack_world.clear(engine, "core", 0)
    assert str(caught.value) == (
        "waited 0 s for stack core to be gone (something else may use what is left); last seen: 1 tasks, "
        "network core_default"
    )
