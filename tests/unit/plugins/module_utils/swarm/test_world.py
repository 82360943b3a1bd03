# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Swarm makes of an engine's answers; a scripted engine stands for the machine, as no manager can be had here."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError, Refusal, WaitError
from ansible_collections.hydra.swarm.plugins.module_utils.engine.nodes import Node, node_of
from ansible_collections.hydra.swarm.plugins.module_utils.swarm import world as swarm_world

STALE = "docker POST /nodes/id1/update: rpc error: code = Unknown desc = update out of sequence"


def entry(version: int, **labels: str) -> dict[str, Any]:
    return {
        "ID": "id1",
        "Version": {"Index": version},
        "Spec": {"Role": "worker", "Availability": "drain", "Labels": labels},
        "Description": {"Hostname": "hydra"},
    }


class Script(swarm_world.Engine):
    """Answers each path with the next of its answers, the last one again and again; errors are raised."""

    def __init__(self, **answers: list[Any]):
        super().__init__()
        self.answers = answers
        self.posts: list[tuple[int, dict[str, str]]] = []

    def _request(self, method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        if method == "POST":
            self.posts.append((query["version"], body["Labels"]))
        turn = self.answers[path.strip("/").replace("/", "_")]
        answer = turn.pop(0) if len(turn) > 1 else turn[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def add_label(node: Node) -> dict[str, Any]:
    return {"Labels": {**node.labels, "gpu": "true"}}


def test_an_update_that_came_too_late_is_planned_anew() -> None:
    engine = Script(nodes_id1_update=[EngineError(STALE, 500), None], nodes_id1=[entry(8, other="x")])
    swarm_world.Swarm(engine).update_node(node_of(entry(7)), add_label)
    assert engine.posts == [(7, {"gpu": "true"}), (8, {"other": "x", "gpu": "true"})]


@pytest.mark.parametrize(
    "words", ["code = Canceled desc = context canceled", "The swarm does not have a leader.", "node lost leader status"]
)
def test_an_update_during_an_election_is_tried_again(words: str) -> None:
    """As of the second manager, whose promotion ends what the first was just doing."""
    error = EngineError(f"docker POST /nodes/id1/update: rpc error: {words}", 500)
    engine = Script(nodes_id1_update=[error, EngineError(STALE, 500), None], nodes_id1=[error, entry(8, other="x")])
    swarm_world.Swarm(engine).update_node(node_of(entry(7)), add_label)
    assert engine.posts == [(7, {"gpu": "true"}), (7, {"gpu": "true"}), (8, {"other": "x", "gpu": "true"})]


def test_an_update_that_somebody_else_made_is_not_repeated() -> None:
    engine = Script(nodes_id1_update=[EngineError(STALE, 500)], nodes_id1=[entry(8, gpu="true")])
    swarm_world.Swarm(engine).update_node(node_of(entry(7)), add_label)
    assert engine.posts == [(7, {"gpu": "true"})]


def test_an_update_is_not_tried_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swarm_world, "UPDATE", 0)
    engine = Script(nodes_id1_update=[EngineError(STALE, 500)], nodes_id1=[entry(8)])
    with pytest.raises(WaitError) as caught:
        swarm_world.Swarm(engine).update_node(node_of(entry(7)), add_label)
    assert str(caught.value) == (
        f"waited 0 s for the update of node hydra, which others keep changing; last seen: {STALE}"
    )


def test_another_error_of_an_update_names_the_node() -> None:
    engine = Script(nodes_id1_update=[EngineError("docker POST /nodes/id1/update: no", 400)])
    with pytest.raises(EngineError) as caught:
        swarm_world.Swarm(engine).update_node(node_of(entry(7)), add_label)
    assert (str(caught.value), caught.value.status) == ("node hydra: docker POST /nodes/id1/update: no", 400)


@pytest.mark.parametrize(
    ("view", "message"),
    [
        (
            {"LocalNodeState": "active", "RemoteManagers": [{"Addr": "10.0.0.1:2377"}]},
            "this engine is a worker of its swarm; run this on a manager (10.0.0.1)",
        ),
        (
            {"LocalNodeState": "inactive"},
            "this engine is in no swarm; make or join one first (module swarm_join), or run this on a manager",
        ),
        (
            {"LocalNodeState": "locked"},
            "this engine holds a locked swarm; unlock it first (swarm-up with swarm_node_unlock_key, or docker swarm unlock)",
        ),
        (
            {"LocalNodeState": "error", "Error": "rpc error"},
            "this engine is in swarm state error (rpc error); rejoin it (swarm_join)",
        ),
    ],
)
def test_an_engine_that_is_no_manager_is_refused(view: dict[str, Any], message: str) -> None:
    engine = Script(
        nodes=[EngineError("docker GET /nodes: This node is not a swarm manager.", 503)], info=[{"Swarm": view}]
    )
    with pytest.raises(Refusal) as caught:
        swarm_world.Swarm(engine).nodes()
    assert str(caught.value) == message


def test_to_a_rehearsal_a_swarm_to_come_is_empty() -> None:
    engine = Script(nodes=[EngineError("no", 503)], info=[{"Swarm": {"LocalNodeState": "inactive"}}])
    assert swarm_world.Swarm(engine, rehearsal=True).nodes() == []


def test_a_wait_outlasts_an_election() -> None:
    ready = {**entry(7), "Status": {"State": "ready", "Addr": "10.0.0.1"}}
    engine = Script(
        nodes=[EngineError("docker GET /nodes: The swarm does not have a leader.", 500), [entry(6)], [ready]]
    )
    assert [node.version for node in swarm_world.Swarm(engine).await_ready(["hydra"], 5)] == [7]


def test_a_wait_says_what_it_saw() -> None:
    with pytest.raises(WaitError) as caught:
        swarm_world.Swarm(Script(nodes=[[entry(6)]])).await_ready(["hydra", "chimera"], 0)
    assert str(caught.value) == (
        "waited 0 s for hydra, chimera to be Ready; last seen: hydra: id1 unknown; chimera: not listed"
    )


def test_services_are_found_by_the_network_they_are_on() -> None:
    services = [
        {"Spec": {"Name": "web", "TaskTemplate": {"Networks": [{"Target": "n1"}, {"Target": "n2"}]}}},
        {"Spec": {"Name": "db", "TaskTemplate": {}, "Networks": [{"Target": "n1"}]}},
        {"Spec": {"Name": "alone", "TaskTemplate": {}}},
    ]
    assert swarm_world.Swarm(Script(services=[services])).services_by_network() == {"n1": ["web", "db"], "n2": ["web"]}
