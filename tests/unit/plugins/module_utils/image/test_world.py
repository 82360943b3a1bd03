# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import pytest
import requests
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.image import world as image_world
from ansible_collections.hydra.swarm.plugins.module_utils.image import world_stream
from ansible_collections.hydra.swarm.plugins.module_utils.image.images import Fate, Image
from ansible_collections.hydra.swarm.plugins.module_utils.image.world_stream import Outcome, Target
from ansible_collections.hydra.swarm.plugins.module_utils.machine.dind import MADE_AS

OLD, NEW = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
A, B, C = (f"sha256:{digit * 64}" for digit in "123")


def inspected(image_id: str, *names: str) -> dict[str, Any]:
    return {"Id": image_id, "RepoTags": list(names), "RootFS": {"Layers": [A]}, "Os": "linux", "Architecture": "amd64"}


class Engine:
    """This computer's engine; each command in a node has the next of its answers."""

    def __init__(self, answers: Iterable[tuple[int, str, str]] = (), base_url: str = "http+docker://localhost"):
        self.answers, self.commands = iter(answers), list[tuple[str, list[str]]]()
        self.base_url, self.listed = base_url, list[dict[str, Any]]()

    def containers(self, **_words: Any) -> list[dict[str, Any]]:
        return self.listed

    def inspect_image(self, reference: str) -> dict[str, Any]:
        if reference == "app:1":
            return inspected(NEW, "app:1")
        response = requests.Response()
        response.status_code = 404 if reference == "none:1" else 500
        raise docker.errors.APIError("no", response, explanation=f"{reference}: no such image")

    def exec_create(self, node: str, command: list[str]) -> dict[str, str]:
        self.commands.append((node, command))
        return {"Id": str(len(self.commands))}

    def exec_start(self, _task: str, demux: bool) -> tuple[bytes | None, bytes | None]:
        assert demux
        self.code, output, complaint = next(self.answers)
        return output.encode() or None, complaint.encode() or None

    def exec_inspect(self, _task: str) -> dict[str, int]:
        return {"ExitCode": self.code}


def listing(*images: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(image)}\n" for image in images) + f"{image_world.END}\n"


def container(name: str, service: str = "engine", **more: Any) -> dict[str, Any]:
    return {"Names": [f"/{name}"], "State": "running", "Labels": {MADE_AS: json.dumps({"service": service})}, **more}


@pytest.mark.parametrize(
    ("base_url", "address"),
    [("http+docker://localhost", "172.30.0.10"), ("https://elsewhere:2376", "")],
)
def test_node_containers(monkeypatch: pytest.MonkeyPatch, base_url: str, address: str) -> None:
    monkeypatch.setattr(image_world.sys, "platform", "linux")
    engine = Engine(base_url=base_url)
    networks = {"NetworkSettings": {"Networks": {"none": {"IPAddress": ""}, "hydra": {"IPAddress": "172.30.0.10"}}}}
    engine.listed = [container("a", **networks), container("nfs", "nfs"), container("b", State="exited")]
    engine.listed.append({"Names": ["/x"], "State": "running", "Labels": {}})
    there = image_world.nodes_there(engine)
    assert there == {"a": image_world.Node("running", address), "b": image_world.Node("exited", "")}


def test_what_everybody_has() -> None:
    engine = Engine([(0, listing(inspected(OLD, "app:1"), inspected(NEW)), "")])
    outer, nodes = image_world.look(engine, ["app:1", "none:1", "app:1"], ["a", "a"])
    assert {name: image and image.id for name, image in outer.items()} == {"app:1": NEW, "none:1": None}
    assert [image.id for image in nodes["a"]] == [OLD, NEW]
    assert [node for node, _command in engine.commands] == ["a"]


def test_a_node_without_images() -> None:
    assert image_world.look(Engine([(0, listing(), "")]), [], ["a"]) == ({}, {"a": []})


@pytest.mark.parametrize("first", [(0, "", ""), (0, json.dumps(inspected(OLD)), ""), (1, "", "removed meanwhile")])
def test_an_answer_that_was_lost_is_asked_for_again(first: tuple[int, str, str]) -> None:
    engine = Engine([first, (0, listing(inspected(NEW)), "")])
    assert [image.id for image in image_world.look(engine, [], ["a"])[1]["a"]] == [NEW]


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([(1, "", ""), (1, "", "Cannot connect\n")], "Cannot connect"),
        ([(0, "", ""), (0, "", "")], "exit status 0"),
        ([(124, "", "")], "no answer within 20 s"),
    ],
)
def test_a_node_whose_engine_does_not_answer(answers: list[tuple[int, str, str]], why: str) -> None:
    with pytest.raises(EngineError) as error:
        image_world.look(Engine(answers), [], ["a"])
    assert str(error.value) == f"a: its engine does not list its images ({why}); see its log: docker logs a"


def test_this_engine_does_not_answer() -> None:
    with pytest.raises(EngineError) as error:
        image_world.look(Engine(), ["bad:1"], [])
    assert str(error.value) == "looking for image bad:1: bad:1: no such image"


def fate(reference: str, image_id: str, load: tuple[str, ...] = (), tag: tuple[str, ...] = (), had: Any = ()) -> Fate:
    return Fate(reference, image_id, had, tag, load, {})


def test_tagging_is_one_command_a_node() -> None:
    engine = Engine([(0, "", "")])
    fates = [fate("app:1", NEW, tag=("a", "b")), fate("b:1", OLD, tag=("b",)), fate("c:1", OLD, load=("a",))]
    image_world.tag(engine, "a", fates)
    image_world.tag(engine, "c", fates)
    assert engine.commands == [("a", ["sh", "-c", image_world.TAG, "tag", NEW, "app:1"])]


def test_a_tag_that_is_refused() -> None:
    with pytest.raises(EngineError) as error:
        image_world.tag(Engine([(1, "", "No such image\n")]), "a", [fate("app:1", NEW, tag=("a",))])
    assert str(error.value) == "a: tagging images: No such image"


def cli(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "docker").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


PULL = """
case $2 in
    fine:1) echo "1: Pulling from fine" ;;
    bad:1) echo "Error response from daemon: no such host"; exit 1 ;;
    mute:1) exit 3 ;;
    slow:1) echo "1: Pulling from slow"; exec sleep 60 ;;
    far:1) exec sleep 60 ;;
esac
"""


def test_pulling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cli(tmp_path, PULL, monkeypatch)
    monkeypatch.setattr(image_world, "ANSWER", 1)
    assert image_world.pull(["fine:1", "bad:1", "mute:1", "slow:1", "far:1"], 2) == {
        "bad:1": "Error response from daemon: no such host",
        "mute:1": "failed without a word",
        "slow:1": "not done within 2 s (last: 1: Pulling from slow)",
        "far:1": "no registry answered within 1 s",
    }


def image(reference: str, image_id: str, *layers: str) -> Image:
    return Image(image_id, frozenset([reference]), layers, "linux/amd64", image_id, False)


class Pours:
    """In the place of the streams: what was asked for, and what each gave."""

    def __init__(self, *outcomes: dict[str, Outcome]):
        self.outcomes, self.asked = iter(outcomes), list[tuple[list[Target], list[str]]]()

    def __call__(
        self, _source: Iterator[bytes], _layers: Any, targets: Iterable[Target], names: list[str], _patience: float
    ) -> dict[str, Outcome]:
        self.asked.append((list(targets), names))
        return next(self.outcomes)


APP, BASE = image("app:1", NEW, A, B), image(f"base@{OLD}", OLD, A)


def loaded(monkeypatch: pytest.MonkeyPatch, pours: Pours) -> tuple[dict[str, str], list[dict[str, Any]]]:
    monkeypatch.setattr(world_stream, "pour", pours)
    fates = [fate("app:1", NEW, ("a", "b"), had=("c",)), fate("there:1", C, had=("a", "b"))]
    fates.append(fate(f"base@{OLD}", OLD, ("a",), had=("b", "c")))
    outer = {"app:1": APP, f"base@{OLD}": BASE, "there:1": image("there:1", C)}
    nodes = {"a": [], "b": [image("x:1", C, A, C)], "c": [APP]}
    return image_world.load(None, fates, outer, nodes, {"a": "172.30.0.10"}, 5)


def good(sent: dict[str | None, int]) -> Outcome:
    return Outcome([NEW, OLD], sent=Counter(sent))


def test_what_nodes_have_comes_from_them(monkeypatch: pytest.MonkeyPatch) -> None:
    pours = Pours({"a": Outcome([NEW], sent=Counter({A: 1}))}, {"a": Outcome([OLD], sent=Counter({B: 2}))})
    monkeypatch.setattr(world_stream, "pour", pours)
    fates = [fate("app:1", NEW, ("a",), had=()), replace(fate(OLD, OLD, ("a",), had=("b",)), origin="b")]
    nodes = {"a": [], "b": [image("x", OLD, B)]}
    ids, amounts = image_world.load(None, fates, {"app:1": APP, OLD: None}, nodes, {}, 5)
    assert ids == {"app:1": NEW, OLD: OLD}
    assert [(one["image"], one["bytes_sent"]) for one in amounts] == [("app:1", 1), (OLD, 2)]
    assert [names for _targets, names in pours.asked] == [["app:1"], [OLD]]


TARGETS = [Target("a", "172.30.0.10"), Target("b", "", frozenset([A]))]


def test_one_stream_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    pours = Pours({"a": good({A: 10, B: 20, None: 5}), "b": good({B: 20, None: 5})})
    assert loaded(monkeypatch, pours) == (
        {"app:1": NEW, f"base@{OLD}": OLD},
        [
            {"image": "app:1", "nodes": ["a", "b"], "bytes_sent": 50, "layers_skipped": 1},
            # Its only layer is one of the image before it.
            {"image": f"base@{OLD}", "nodes": ["a"], "bytes_sent": 0, "layers_skipped": 0},
        ],
    )
    assert pours.asked == [(TARGETS, ["app:1", OLD])]


def test_a_node_that_failed_gets_everything_through_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    pours = Pours({"a": good({A: 10, B: 20}), "b": Outcome(trouble="no such layer")}, {"b": good({A: 10, B: 20})})
    assert loaded(monkeypatch, pours)[1][0]["bytes_sent"] == 60
    assert [targets for targets, _names in pours.asked] == [TARGETS, [Target("b")]]


def test_nodes_that_fail_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pours = Pours({"a": good({}), "b": Outcome(trouble="took nothing for 5 s", stuck=True)})
    with pytest.raises(EngineError) as error:
        loaded(monkeypatch, pours)
    assert str(error.value) == (
        f"loading app:1, base@{OLD} failed on 1 of 2 node(s):\n- b: took nothing for 5 s\na have what they lacked. Repair "
        "the node(s) and run this again; what is there is not sent again."
    )
    assert len(pours.asked) == 1, "one that was given up would take as long again"


def test_an_image_that_changes_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """c has the one that was there, the others get the next one."""
    newer = Outcome([C, OLD])
    with pytest.raises(EngineError) as error:
        loaded(monkeypatch, Pours({"a": newer, "b": newer}))
    assert str(error.value) == (
        f"app:1 is not the same image on all nodes (a: {C}, b: {C}, expected {NEW}): somebody builds or loads it at the "
        "same time; run this again"
    )
