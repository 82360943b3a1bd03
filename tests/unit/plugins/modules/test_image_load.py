# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.image.images import Image
from ansible_collections.hydra.swarm.plugins.module_utils.image.world import Node
from ansible_collections.hydra.swarm.plugins.modules import image_load

NEW, OLD = f"sha256:{'b' * 64}", f"sha256:{'a' * 64}"


def image(image_id: str, *names: str) -> Image:
    return Image(image_id, frozenset(names), (), "linux/amd64", image_id, False)


class World:
    """Engines in the place of the world: what this computer's has, a registry has and each node has."""

    def __init__(self, here: dict[str, Image], registry: dict[str, Image], nodes: dict[str, list[Image]]):
        self.here, self.registry, self.nodes = here, registry, nodes
        self.done: list[Any] = []

    def connect(self) -> Any:
        return SimpleNamespace(version=lambda: {"Os": "linux", "Arch": "amd64"})

    def nodes_there(self, _client: Any) -> dict[str, Node]:
        return {name: Node("running", f"address of {name}") for name in self.nodes} | {"off": Node("exited", "")}

    def look(self, _client: Any, references: Any, nodes: Any) -> tuple[Any, Any]:
        return {one: self.here.get(one) for one in references}, {node: self.nodes[node] for node in nodes}

    def pull(self, references: Any, patience: float) -> dict[str, str]:
        self.done.append(("pull", list(references), patience))
        self.here |= {one: self.registry[one] for one in references if one in self.registry}
        return self.refused(references)

    def ask_registry(self, references: Any) -> dict[str, str]:
        return self.refused(references)

    def refused(self, references: Any) -> dict[str, str]:
        return {one: "no such host" for one in references if one not in self.registry}

    def tag(self, _client: Any, node: str, fates: Any) -> None:
        self.done += [("tag", node, fate.reference) for fate in fates if node in fate.tag]

    def load(
        self, _client: Any, fates: Any, outer: Any, nodes: Any, addresses: Any, patience: float
    ) -> tuple[Any, Any]:
        needed = [fate for fate in fates if fate.load]
        self.done.append(("load", {fate.reference: fate.load for fate in needed}, addresses, patience))
        amounts = [{"image": f.reference, "nodes": [*f.load], "bytes_sent": 7, "layers_skipped": 1} for f in needed]
        return {fate.reference: fate.id for fate in needed}, amounts


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(
        here={"app:latest": image(NEW, "app:latest"), "b:1": image(OLD, "b:1")},
        registry={"pulled:1": image(OLD, "pulled:1")},
        nodes={"n1": [image(OLD, "b:1")], "n2": [image(NEW), image(OLD, "b:1")]},
    )
    monkeypatch.setattr(image_load, "image_world", made)
    monkeypatch.setattr(image_load, "connect", made.connect)
    return made


def run(*images: str, check: bool = False, **changes: Any) -> dict[str, Any]:
    params = {"images": [*images], "nodes": ["n1", "n2"], "required": True, "pull": True, "timeout": 9.0, **changes}
    return image_load.run(SimpleNamespace(params=params, check_mode=check))


def test_what_is_done(world: World) -> None:
    addresses = {"n1": "address of n1", "n2": "address of n2", "off": ""}
    assert run("app", "b:1", "docker.io/library/app:latest") == {
        "changed": True,
        "diff": {
            "before": {"n1": {"app:latest": ""}, "n2": {"app:latest": ""}},
            "after": {"n1": {"app:latest": NEW}, "n2": {"app:latest": NEW}},
        },
        "images": {"app": NEW, "b:1": OLD, "docker.io/library/app:latest": NEW},
        "elsewhere": [],
        "loaded": [{"image": "app:latest", "nodes": ["n1"], "bytes_sent": 7, "layers_skipped": 1}],
        "tagged": [{"image": "app:latest", "nodes": ["n2"]}],
        "notes": [],
        "report": [
            "app:latest (sha256:bbbbbbbbbbbb): loaded into n1; tagged on n2, which had it under another name",
            "b:1 (sha256:aaaaaaaaaaaa): n1, n2 had it",
        ],
    }
    assert world.done == [("tag", "n2", "app:latest"), ("load", {"app:latest": ("n1",)}, addresses, 9.0)]


def test_check_mode_touches_nothing(world: World) -> None:
    result = run("app", "b:1", "pulled:1", check=True)
    assert world.done == []
    assert (result["changed"], result["images"], result["elsewhere"]) == (True, {"app": NEW, "b:1": OLD}, ["pulled:1"])
    assert result["loaded"] == [{"image": "app:latest", "nodes": ["n1"], "bytes_sent": 0, "layers_skipped": 0}]
    assert result["report"][2] == "pulled:1: would be pulled to this computer, and loaded where it lacks"


def test_a_rehearsed_pull_is_a_change(world: World) -> None:
    result = run("pulled:1", check=True)
    assert (result["changed"], result["diff"]) == (
        True,
        {
            "before": {"this computer": {"pulled:1": ""}},
            "after": {"this computer": {"pulled:1": "as its registry has it"}},
        },
    )


def test_nothing_to_do(world: World) -> None:
    result = run("b:1")
    assert (result["changed"], result["images"], result["loaded"], world.done) == (False, {"b:1": OLD}, [], [])


def test_what_this_computer_lacks_is_pulled_once_for_all(world: World) -> None:
    result = run("pulled:1")
    # The nodes have that very image under another name.
    assert world.done == [("pull", ["pulled:1"], 9.0), ("tag", "n1", "pulled:1"), ("tag", "n2", "pulled:1")]
    assert (result["images"], result["loaded"]) == ({"pulled:1": OLD}, [])


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(("pull", "why"), [(True, "; pulling it: no such host"), (False, "")])
def test_what_is_nowhere_is_refused_before_anything_is_loaded(world: World, check: bool, pull: bool, why: str) -> None:
    with pytest.raises(Refusal) as error:
        run("app", "none:1", pull=pull, check=check)
    assert str(error.value).splitlines()[:2] == [
        "nothing was loaded: there is no source for 1 image(s):",
        f"- none:1: not on this computer's engine, and on no node{why}",
    ]
    assert [step for step in world.done if step[0] != "pull"] == []


def test_what_is_not_required_is_left_to_the_nodes(world: World) -> None:
    result = run("b:1", "none", required=False, pull=False)
    assert (result["images"], result["elsewhere"], result["changed"]) == ({"b:1": OLD}, ["none"], False)


def test_what_all_nodes_have_is_not_pulled(world: World) -> None:
    del world.here["b:1"]
    assert run("b:1")["images"] == {"b:1": OLD}
    assert world.done == []


def test_nodes_that_cannot_be_reached(world: World) -> None:
    with pytest.raises(Refusal) as error:
        run("app", nodes=["n1", "off", "nobody"])
    assert str(error.value) == (
        "nothing was loaded:\n- off: its container is exited; start it (make nodes-up, or docker start off)\n"
        "- nobody: no node of that name is a container here; there are n1, n2, off"
    )
    assert world.done == []
