# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.image.needed import needed, ours, to_bring, unkept

ID, OTHER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
NODES = [{"ID": "n1", "Version": {"Index": 1}, "Spec": {}, "Description": {"Hostname": "chimera-node"}}]
GONE = f"No such image: {ID}"


def service(image: str = ID, replicas: int = 1, **labels: str) -> dict[str, Any]:
    labels = labels or {"hydra.swarm.image": "app:1", "com.docker.stack.namespace": "web"}
    template = {"ContainerSpec": {"Image": image}}
    return {
        "ID": "s1",
        "Spec": {
            "Name": "web_app",
            "Labels": labels,
            "TaskTemplate": template,
            "Mode": {"Replicated": {"Replicas": replicas}},
        },
    }


def task(state: str, desired: str = "running", error: str = "", created: str = "1") -> dict[str, Any]:
    return {
        "ID": created,
        "ServiceID": "s1",
        "NodeID": "n1",
        "Slot": 1,
        "DesiredState": desired,
        "Status": {"State": state, "Err": error},
        "Spec": {"ContainerSpec": {"Image": ID}},
        "CreatedAt": created,
    }


REJECTED = task("rejected", "shutdown", GONE)


@pytest.mark.parametrize(
    ("tasks", "lacking"),
    [
        ([task("running")], []),
        ([REJECTED, task("running", created="2")], []),  # history
        ([REJECTED, task("ready", "running", created="2")], ["chimera-node"]),
        ([task("rejected", error=GONE)], ["chimera-node"]),
        ([task("failed", "shutdown", "task: non-zero exit (1)"), task("ready", created="2")], []),
    ],
)
def test_a_service_lacks_its_image_while_tasks_are_rejected_for_that(
    tasks: list[dict[str, Any]], lacking: list[str]
) -> None:
    (found,) = needed([service()], tasks, NODES)
    assert found == {"service": "web_app", "stack": "web", "image": "app:1", "id": ID, "lacking": lacking}


def test_what_a_registry_has_is_of_interest_only_where_it_is_lacking() -> None:
    assert needed([service("app:1@sha256:12")], [task("running")], NODES) == []
    (found,) = needed(
        [service("team/app:1@sha256:12", **{"hydra.swarm.cluster": "hydra"})],
        [REJECTED, task("ready", created="2")],
        NODES,
    )
    assert (found["image"], found["id"], found["lacking"]) == ("team/app:1", "", ["chimera-node"])
    assert needed([service(replicas=0)], [], NODES) == []


def test_services_of_others_are_theirs() -> None:
    assert ours(service()) and ours(service(**{"hydra.swarm.cluster": "hydra"}))
    assert not ours(service(team="ml")) and not ours({"Spec": {"Name": "x"}})


def image(identity: str = ID, *lacking: str) -> dict[str, Any]:
    return {"service": "web_app", "stack": "web", "image": "app:1", "id": identity, "lacking": list(lacking)}


def test_all_are_brought_where_a_node_joins_and_else_what_is_lacking() -> None:
    images = [image(), image(OTHER, "chimera-node"), image("", "chimera-node")]
    assert to_bring(images, joined=True) == [ID, OTHER]
    assert to_bring(images, joined=False) == [OTHER]
    assert to_bring([], joined=True) == []


BUILD = (
    "neither a node nor this computer's engine has it any more: build it again (docker build -t app:1 FOLDER), and make "
    "deploy-stack STACK=web FILE=..."
)


@pytest.mark.parametrize(
    ("images", "wanted", "brought", "said"),
    [
        ([image()], [], [], []),
        ([image(ID, "chimera-node")], [ID], [ID], []),
        ([image()], [ID], [], [f"service web_app lacks its image app:1 (sha256:aaaaaaaaaaaa); {BUILD}"]),
        (
            [image(ID, "chimera-node")],
            [],
            [],
            [f"service web_app lacks its image app:1 (sha256:aaaaaaaaaaaa) on chimera-node; {BUILD}"],
        ),
        (
            [image("", "a", "b")],
            [],
            [],
            [
                "service web_app lacks its image app:1 on a, b; no registry gave it: docker pull app:1 there says why; then "
                "make deploy-stack STACK=web FILE=..."
            ],
        ),
    ],
)
def test_what_is_not_kept(images: list[dict[str, Any]], wanted: list[str], brought: list[str], said: list[str]) -> None:
    assert unkept(images, wanted, brought) == said
