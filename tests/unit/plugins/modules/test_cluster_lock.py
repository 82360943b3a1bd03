# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs of two inventories, each a process of its own: who waits for whom."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import WaitError
from ansible_collections.hydra.swarm.plugins.module_utils.common.world_lock import claim
from ansible_collections.hydra.swarm.plugins.modules import cluster_lock

# Starts a run, whose parent (as ansible-playbook is a task's) then lives on until its standard input ends.
RUN = """
import subprocess, sys
task = '''
import sys
from types import SimpleNamespace
from ansible_collections.hydra.swarm.plugins.modules import cluster_lock
params = {"cluster": sys.argv[1], "names": sys.argv[2:], "doing": "swarm-up", "timeout": 0}
cluster_lock.run(SimpleNamespace(params=params, warn=print))
'''
done = subprocess.run([sys.executable, "-c", task, *sys.argv[1:]])
print("held" if done.returncode == 0 else "failed", flush=True)
sys.stdin.read()
"""


class Module:
    def __init__(self, cluster: str, *names: str, timeout: float = 0):
        self.params = {"cluster": cluster, "names": list(names), "doing": "swarm-down", "timeout": timeout}
        self.warned: list[str] = []
        self.warn = self.warned.append


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "hydra.swarm"


@pytest.fixture
def running() -> Iterator[Callable[..., Any]]:
    """Starts a run that has its lock when this returns, and keeps it."""
    started = []

    def start(cluster: str, *names: str) -> Any:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        run = subprocess.Popen([sys.executable, "-c", RUN, cluster, *names], env=environment, **pipes)
        started.append(run)
        assert run.stdout.readline() == "held\n"
        return run

    yield start
    for run in started:
        run.kill()
        run.communicate()


def test_another_run_on_the_cluster_is_waited_for_and_named(running: Any) -> None:
    first = running("hydra")
    module = Module("hydra")
    with pytest.raises(WaitError) as late:
        cluster_lock.run(module)
    who = f"swarm-up by {cluster_lock.getpass.getuser()} (process {first.pid}, since "
    assert str(late.value).startswith(f"waited 0 s for the other run on cluster hydra to end; last seen: {who}")
    assert module.warned[0].startswith(f"cluster hydra: waiting for {who}") and len(module.warned) == 1


def test_it_goes_on_once_the_other_one_has_ended_however_that_was(running: Any) -> None:
    first = running("hydra")
    first.kill()
    first.communicate()
    assert cluster_lock.run(Module("hydra")) == {"changed": False}


def test_the_wait_ends_with_the_other_run(running: Any) -> None:
    first = running("hydra")
    module = Module("hydra", timeout=30)
    # The wait itself ends it, so that nobody has to guess when that is.
    module.warn = lambda text: (module.warned.append(text), first.kill(), first.communicate())
    assert cluster_lock.run(module)["waited_for"] in module.warned[0]


def test_two_labs_do_not_wait_for_each_other(running: Any) -> None:
    running("swarm", "server-10.0.0.1", "server-10.0.0.2")
    assert cluster_lock.run(Module("swarm", "server-10.1.0.1", "server-10.1.0.2")) == {"changed": False}


def test_two_inventories_that_share_a_server_exclude_each_other(running: Any) -> None:
    running("swarm", "server-10.0.0.1", "server-10.0.0.2")
    with pytest.raises(WaitError, match="the other run on cluster mine to end"):
        cluster_lock.run(Module("mine", "server-10.0.0.2", "server-10.9.0.1"))


def test_runs_that_want_the_same_names_in_another_order_do_not_block_each_other(running: Any) -> None:
    """Each takes them in the same order, so none holds what the other waits for."""
    running("swarm", "a", "b")
    with pytest.raises(WaitError):
        cluster_lock.run(Module("swarm", "c", "b", "a"))
    # Of what comes after the one that it waits for nothing is held.
    assert claim("c", {"pid": os.getpid()}) is None


def test_a_name_is_no_path(running: Any, state: Path) -> None:
    running("../../x y")
    assert sorted(path.name for path in state.iterdir()) == ["..%2F..%2Fx%20y.holder", "..%2F..%2Fx%20y.holder.flock"]
