# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any
from unittest import mock

import docker
import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError, WaitError
from ansible_collections.hydra.swarm.plugins.module_utils.machine import world_dind
from ansible_collections.hydra.swarm.plugins.module_utils.machine.dind import Machine, Plan


def test_all_at_once_and_in_order() -> None:
    meet = threading.Barrier(3, timeout=20)

    def work(thing: int) -> int:
        meet.wait()
        return thing * 2

    assert world_dind.at_once(work, [3, 1, 2]) == [6, 2, 4]


def test_what_comes_last_waits_for_the_others_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    assert world_dind.at_once(lambda name: done.append(name) or name, ["a", "b"], ["z"]) == ["a", "b", "z"]
    assert done[-1] == "z"
    monkeypatch.setattr(world_dind, "PATIENCE", 0.01)
    begun = threading.Event()
    works = {"slow": lambda: begun.wait(20), "last": lambda: begun.set() or True}
    assert world_dind.at_once(lambda name: works[name](), ["slow"], ["last"]) == [True, True]


def test_one_error_names_every_failure() -> None:
    def work(name: str) -> None:
        if name != "b":
            raise EngineError(f"{name}: start: no space", 500)

    with pytest.raises(EngineError) as error:
        world_dind.at_once(work, ["a", "b", "c"])
    assert str(error.value) == "a: start: no space; c: start: no space"


def test_a_mistake_of_ours_is_not_dressed_up() -> None:
    with pytest.raises(ZeroDivisionError):
        world_dind.at_once(lambda thing: 1 // thing, [1, 0])


def test_one_port_of_a_machine_may_be_published_twice() -> None:
    ports = ["127.0.0.1:80:80/tcp", "127.0.0.1:8080:80/tcp", "0.0.0.0:53:53/udp"]
    assert world_dind.bindings(ports) == {
        "80/tcp": [("127.0.0.1", "80"), ("127.0.0.1", "8080")],
        "53/udp": [("0.0.0.0", "53")],
    }


def test_mounts_are_the_machines_own_volume_and_the_shared_ones() -> None:
    shared = [{"volume": "nfs-server-data", "path": "/exports"}]
    assert world_dind.mounts_of("engine", "hydra-node-data", shared) == {
        "/var/lib/docker": "hydra-node-data",
        "/exports": "nfs-server-data",
    }
    assert world_dind.mounts_of("nfs", "nfs-server-data", []) == {"/exports": "nfs-server-data"}
    assert world_dind.mounts_of("server", "one-data", []) == {"/disk": "one-data"}


class Answers:
    """The part of the SDK's client that a probe needs; every question gets the next (status, stdout, stderr)."""

    def __init__(self, *answers: tuple[int, bytes | None, bytes | None]):
        self.answers = list(answers)

    def exec_create(self, name: str, command: list[str], environment: dict[str, str]) -> dict[str, str]:
        self.status, *self.output = self.answers.pop(0)
        return {"Id": "1"}

    def exec_start(self, task: str, demux: bool) -> tuple[bytes | None, ...]:
        return tuple(self.output)

    def exec_inspect(self, task: str) -> dict[str, int]:
        return {"ExitCode": self.status}

    def logs(self, name: str, tail: int) -> bytes:
        return b"its last words\n"

    def inspect_container(self, name: str) -> dict[str, dict[str, str]]:
        return {"State": {"Status": "running"}}


def test_an_answer_that_the_engine_lost_is_asked_for_again() -> None:
    assert world_dind.probe(Answers((0, None, None), (0, b'{"service": "nfs"}', None)), "a", 5) == {"service": "nfs"}


@pytest.mark.parametrize(
    ("answers", "seen"),
    [
        ([(1, None, b"waited for the engine's socket\n")], "waited for the engine's socket"),
        ([(0, None, None), (0, None, None)], "exit status 0, and no answer"),
    ],
)
def test_a_machine_that_is_not_ready(answers: list[tuple[int, None, bytes | None]], seen: str) -> None:
    with pytest.raises(WaitError) as error:
        world_dind.probe(Answers(*answers), "a", 5)
    assert (
        str(error.value)
        == f"a: not ready within 5 s ({seen}). Its own last words:\n  its last words\nAll of it: docker logs a"
    )


def test_a_probe_that_died_with_its_machine_is_explained_once_the_engine_has_noticed() -> None:
    """For a moment it still lists the machine as running, and as never restarted."""
    looks = [{"State": {"Status": "running"}}] * 2 + [
        {"State": {"Status": "restarting", "ExitCode": 1}, "RestartCount": 1}
    ]
    client = Answers((137, None, None))
    client.inspect_container = lambda name: looks.pop(0)  # type: ignore[method-assign, assignment, return-value]
    with pytest.raises(WaitError, match="a: what it runs ends as soon as it is started"):
        world_dind.probe(client, "a", 5)


def written(running: bool, complaint: str = "", status: int = 0) -> list[Any]:
    """What is asked of an engine to write settings; C(complaint) is why it cannot copy into a container."""
    client = mock.Mock()
    client.put_archive.side_effect = docker.errors.APIError(complaint) if complaint else None
    client.inspect_container.return_value = {"State": {"Running": running}}
    client.exec_create.return_value = {"Id": "e1"}
    client.exec_start.return_value = b"no space"
    client.exec_inspect.return_value = {"ExitCode": status}
    node = Machine("n", {}, {"debug": True})
    world_dind.carry_out(client, "c", Plan(node, ("settings",), (), node))
    return [call for call in client.mock_calls if call[0] in ("put_archive", "start", "exec_create", "stop")]


NO_PROC = "chmod etc/docker/daemon.json: via /proc/self/fd/49: no such file or directory"


@pytest.mark.parametrize(
    ("running", "complaint", "steps"),
    [
        (False, "", ["put_archive"]),
        (True, NO_PROC, ["put_archive", "exec_create"]),
        (False, NO_PROC, ["put_archive", "start", "exec_create", "stop"]),
    ],
)
def test_settings_are_written_by_the_machine_where_an_engine_cannot_copy(
    running: bool, complaint: str, steps: list[str]
) -> None:
    calls = written(running, complaint)
    assert [call[0] for call in calls] == steps
    asked = [call for call in calls if call[0] == "exec_create"]
    assert all(call.kwargs["environment"] == {"SETTINGS": '{\n  "debug": true\n}'} for call in asked)


def test_settings_that_cannot_be_written() -> None:
    with pytest.raises(EngineError, match="n: settings: no space left"):
        written(False, "no space left")
    with pytest.raises(EngineError, match=r"^n: writing /etc/docker/daemon\.json: no space$"):
        written(False, NO_PROC, status=1)


@pytest.mark.parametrize(("paused", "done"), [(True, "unpause a"), (False, "start a")])
def test_a_machine_that_somebody_paused_goes_on(paused: bool, done: str) -> None:
    said: list[str] = []
    client = SimpleNamespace(
        inspect_container=lambda _name: {"State": {"Paused": paused}},
        unpause=lambda name: said.append(f"unpause {name}"),
        start=lambda name: said.append(f"start {name}"),
    )
    world_dind.carry_out(client, "hydra", Plan(Machine("a"), ("start",)))
    assert said == [done]


def test_a_node_is_told_the_computers_addresses_when_it_is_asked() -> None:
    client = mock.MagicMock()
    client.exec_start.return_value = (b"{}", b"")
    client.exec_inspect.return_value = {"ExitCode": 0}
    world_dind.probe(client, "a", 5, ["192.0.2.2", "2001:db8::2"])
    command = ["hydra-node", "probe", "5", "192.0.2.2", "2001:db8::2"]
    client.exec_create.assert_called_once_with("a", command, environment={})
