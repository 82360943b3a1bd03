# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which hosts' engines are asked from here: those of containers of this computer, and of nobody else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import docker
import pytest
import requests
from ansible_collections.hydra.swarm.plugins.action.swarm_join import ActionModule as Join
from ansible_collections.hydra.swarm.plugins.action.swarm_plan import ActionModule as Plan
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.plugin_utils import _in_process, _on_machines

CONTAINER = "community.docker.docker"


def action(kind: Any, transport: str, become: bool = False, arguments: str = "") -> Any:
    options = {"docker_extra_args": arguments, "remote_addr": "hydra-node"}
    connection = SimpleNamespace(transport=transport, get_option=options.__getitem__)
    return kind(SimpleNamespace(), connection, SimpleNamespace(become=become), None, None, None)


@pytest.mark.parametrize(
    ("transport", "become", "arguments", "here"),
    [
        (CONTAINER, False, "", True),
        (CONTAINER, True, "", False),
        (CONTAINER, False, "--context other", False),
        ("ssh", False, "", False),
        ("local", False, "", False),
    ],
)
def test_where_an_engine_is_asked(transport: str, become: bool, arguments: str, here: bool) -> None:
    assert action(Join, transport, become, arguments)._here() is here


@pytest.mark.parametrize("transport", [CONTAINER, "ssh", "local"])
def test_what_asks_nobody_runs_here_for_every_host(transport: str) -> None:
    assert action(Plan, transport)._here()


@pytest.mark.parametrize("trouble", [None, ValueError("no")])
def test_the_engine_is_that_of_the_container_and_is_let_go(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception | None
) -> None:
    seen: list[Any] = []

    class Engine:
        def __init__(self, machine: str, timeout: float):
            seen.append((machine, timeout))

        def close(self) -> None:
            seen.append("closed")

    def run(task: str, engine: Any) -> dict[str, Any]:
        if trouble:
            raise trouble
        return {"task": task, "engine": type(engine)}

    monkeypatch.setattr(_on_machines, "TunnelledEngine", Engine)
    one = action(Join, CONTAINER)
    one.MODULE = SimpleNamespace(run=run)
    if trouble:
        with pytest.raises(ValueError):
            one._result("task")
    else:
        assert one._result("task") == {"task": "task", "engine": Engine}
    assert seen == [("hydra-node", 60), "closed"]


def test_what_became_of_a_container_is_said_in_the_place_of_what_its_engine_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        _on_machines.world_ready, "away", lambda machine: {"b": "b: somebody renamed it"}.get(machine, "")
    )
    for machine, status, said in (
        ("b", 404, "b: somebody renamed it"),
        ("b", 500, "no such thing"),
        ("a", 409, "no such thing"),  # it runs: that is something else's
    ):
        with pytest.raises(EngineError) as error, _on_machines._named(machine):
            raise EngineError("no such thing", status)
        assert (str(error.value), error.value.status) == (said, status)


def test_an_error_of_the_sdk_that_nobody_worded_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    made = action(Plan, "local")
    monkeypatch.setattr(_in_process.ActionBase, "run", lambda *_words: {})
    monkeypatch.setattr(made, "validate_argument_spec", lambda **_words: (None, {}))
    made._task = SimpleNamespace(check_mode=False)

    def fails(error: Exception) -> dict[str, Any]:
        def result(_task: Any) -> dict[str, Any]:
            raise error

        monkeypatch.setattr(made, "_result", result)
        return dict(made.run())

    told = fails(docker.errors.APIError("x", explanation="no space left; see http://me:pw@proxy"))
    words = "swarm_plan: the Docker Engine of this computer: no space left; see http://me:(hidden)@proxy"
    assert told == {"failed": True, "msg": words}
    assert "Read timed out" in fails(requests.exceptions.ReadTimeout("Read timed out"))["msg"]
    with pytest.raises(KeyError):  # a mistake of ours is not dressed up
        fails(KeyError("x"))
