# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""To a manager that is a container nothing is sent for what is done by asking its engine alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.action import swarm_stack
from ansible_collections.hydra.swarm.plugins.plugin_utils import _on_machines


@pytest.mark.parametrize(
    ("transport", "done"),
    [("community.docker.docker", {"removed": "web", "by": "hydra-node"}), ("ssh", {"shipped": {"state": "absent"}})],
)
def test_a_stack_is_removed_from_here_or_by_the_module(
    monkeypatch: pytest.MonkeyPatch, transport: str, done: dict[str, Any]
) -> None:
    class Engine:
        def __init__(self, machine: str, _timeout: float):
            self.machine = machine

        def close(self) -> None:
            pass

    def run(task: Any, engine: Any) -> dict[str, Any]:
        return {"removed": task.params["name"], "by": engine.machine}

    def shipped(self: Any, **_words: Any) -> dict[str, Any]:
        return {"shipped": {"state": self._task.args["state"]}}

    monkeypatch.setattr(_on_machines, "TunnelledEngine", Engine)
    monkeypatch.setattr(swarm_stack.swarm_stack, "run", run)
    monkeypatch.setattr(swarm_stack.ActionModule, "_execute_module", shipped)
    monkeypatch.setattr(
        swarm_stack.ActionModule, "validate_argument_spec", lambda self, **_spec: (None, dict(self._task.args))
    )
    monkeypatch.setattr(_on_machines.InProcessAction.__mro__[1], "run", lambda *_words: {})
    options = {"docker_extra_args": "", "remote_addr": "hydra-node"}
    connection = SimpleNamespace(transport=transport, get_option=options.__getitem__)
    task = SimpleNamespace(args={"name": "web", "state": "absent"}, check_mode=False)
    action = swarm_stack.ActionModule(task, connection, SimpleNamespace(become=False), None, None, None)
    assert action.run() == done
