# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a stack is deployed is told to the stack package's tests; here is what the module takes, refuses and removes."""

from __future__ import annotations

from typing import Any

from ansible_collections.hydra.swarm.plugins.modules import swarm_stack

STACK = {"com.docker.stack.namespace": "web"}


def service(swarm: Any) -> None:
    spec = {"Name": "web_app", "Labels": STACK, "Mode": {"Replicated": {"Replicas": 1}}, "TaskTemplate": {}}
    swarm.answers["/services"] = [{"ID": "s", "Version": {"Index": 1}, "Spec": spec}]


def test_a_stack_that_is_not_there_is_gone_already(call: Any, swarm: Any) -> None:
    result = call(swarm_stack, name="web", state="absent")
    assert (result["changed"], result["actions"], swarm.posted) == (False, [], [])


def test_a_rehearsal_says_what_would_go(call: Any, swarm: Any) -> None:
    service(swarm)
    result = call(swarm_stack, check=True, name="web", state="absent")
    assert (result["changed"], result["actions"], swarm.posted) == (True, ["remove service web_app"], [])


def test_another_stack_is_not_concerned(call: Any, swarm: Any) -> None:
    service(swarm)
    assert call(swarm_stack, name="we", state="absent")["changed"] is False


def test_a_deploy_needs_a_document(call: Any, swarm: Any) -> None:
    assert (
        call(swarm_stack, name="web")["msg"] == "stack web: state present needs the document that stack_file returned"
    )


def test_only_a_manager_can_be_asked(call: Any, swarm: Any) -> None:
    swarm.worker()
    assert "run this on a manager" in call(swarm_stack, name="web", state="absent")["msg"]


def test_secrets_are_in_nothing_that_is_shown() -> None:
    assert all(swarm_stack.ARGUMENTS[name]["no_log"] for name in ("environment", "files"))
