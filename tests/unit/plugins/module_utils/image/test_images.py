# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.image import images
from ansible_collections.hydra.swarm.plugins.module_utils.image.images import Fate, Image, Plan

OLD, NEW, OTHER = (f"sha256:{digit * 64}" for digit in "abc")
APP = "app:latest"


def image(image_id: str, *names: str, content: str = "", pulled: bool = False) -> Image:
    return Image(image_id, frozenset(names), (), "linux/amd64", content or image_id, pulled)


def inspected(**changes: Any) -> dict[str, Any]:
    return {
        "Id": NEW,
        "RepoTags": [APP],
        "RepoDigests": [],
        "Created": "2026-01-01T00:00:00Z",
        "Os": "linux",
        "Architecture": "amd64",
        "RootFS": {"Type": "layers", "Layers": ["sha256:1", "sha256:2"]},
        "Config": {"Cmd": ["/app"], "Env": ["A=1"], "Hostname": "", "Labels": None},
        **changes,
    }


def test_an_image_as_an_engine_describes_it() -> None:
    found = images.image_of(inspected(RepoDigests=["app@sha256:12"]))
    assert (found.id, found.names, found.layers) == (NEW, {APP, "app@sha256:12"}, ("sha256:1", "sha256:2"))
    assert (found.platform, found.pulled) == ("linux/amd64", True)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"Id": OLD, "RepoTags": None, "RepoDigests": None}, True),
        ({"Config": {"Cmd": ["/app"], "Env": ["A=1"], "Hostname": "x", "Labels": {}, "Image": "sha256:3"}}, True),
        ({"Config": {"Cmd": ["/app"], "Env": ["A=2"]}}, False),
        ({"Config": {"Cmd": ["/app"], "Env": ["A=1"], "User": "nobody"}}, False),
        ({"Config": None}, False),
        ({"Created": "2026-01-01T00:00:01Z"}, False),
        ({"RootFS": {"Layers": ["sha256:1"]}}, False),
        ({"Architecture": "arm64"}, False),
    ],
)
def test_the_same_image_in_two_kinds_of_engine(changes: dict[str, Any], same: bool) -> None:
    assert (images.image_of(inspected(**changes)).content == images.image_of(inspected()).content) is same


def planned(outer: Image | None, required: bool = True, pulling: str = "", **nodes: list[Image]) -> Plan:
    return images.plan({APP: outer}, nodes, required, {APP: pulling} if pulling else {})


def test_each_node_gets_what_it_lacks() -> None:
    made = planned(
        image(NEW, APP),
        empty=[image(OTHER, "other:1")],
        there=[image(NEW, APP)],
        older=[image(OLD, APP)],
        untagged=[image(NEW), image(OLD, APP)],
        renamed=[image(NEW, "app:1")],
    )
    old = {"empty": "", "there": NEW, "older": OLD, "untagged": OLD, "renamed": ""}
    assert made == Plan((Fate(APP, NEW, ("there",), ("untagged", "renamed"), ("empty", "older"), old),), {})
    assert made.change.changed
    assert made.change.diff() == {
        "before": {node: {APP: old[node]} for node in ("untagged", "renamed", "empty", "older")},
        "after": {node: {APP: NEW} for node in ("untagged", "renamed", "empty", "older")},
    }
    assert images.report(made) == [
        "app:latest (sha256:bbbbbbbbbbbb): loaded into empty, older; tagged on untagged, renamed, which had it under "
        "another name; there had it"
    ]
    assert images.report(made, rehearsal=True) == [
        "app:latest (sha256:bbbbbbbbbbbb): would be loaded into empty, older; would be tagged on untagged, renamed, which "
        "had it under another name; there had it"
    ]


def test_nothing_to_do() -> None:
    made = planned(image(NEW, APP), a=[image(NEW, APP)], b=[image(NEW, APP, "app:1")])
    assert not made.change.changed
    assert images.report(made) == ["app:latest (sha256:bbbbbbbbbbbb): a, b had it"]


def test_an_engine_that_names_images_by_another_digest() -> None:
    """The ID is the one that the nodes have."""
    made = planned(image(NEW, APP, content="x"), a=[image(OLD, APP, content="x")], b=[image(OTHER, APP)])
    assert made.fates == (Fate(APP, OLD, ("a",), (), ("b",), {"a": OLD, "b": OTHER}),)
    made = planned(image(NEW, APP, content="x"), a=[image(OTHER, content="x"), image(OLD, APP, content="x")])
    assert made.fates[0].id == OLD, "of several with this content, the one that has the name"


@pytest.mark.parametrize("name", [f"app@{OTHER}", NEW])
def test_what_has_no_tag_is_told_by_its_id(name: str) -> None:
    made = images.plan({name: image(NEW, name)}, {"a": [image(NEW, "app:1")], "b": []}, True)
    assert made.fates == (Fate(name, NEW, ("a",), (), ("b",), {"a": NEW if name == NEW else "", "b": ""}),)


def test_what_is_asked_for_by_its_id_a_node_gives_to_others() -> None:
    nodes = {"a": [], "b": [image(NEW, APP)], "c": [image(OLD, APP)]}
    made = images.plan({NEW: None}, nodes, required=False)
    old = {"a": "", "b": NEW, "c": ""}
    assert made == Plan((Fate(NEW, NEW, ("b",), (), ("a", "c"), old, source=False, origin="b"),), {})
    assert images.report(made) == [
        f"{NEW} (sha256:bbbbbbbbbbbb): loaded into a, c; b had it; this computer's engine does not; b gave it"
    ]
    assert images.plan({OTHER: None}, nodes, required=False).elsewhere == {
        OTHER: "not on this computer's engine, and on no node"
    }


def test_an_image_that_only_the_nodes_have() -> None:
    made = planned(None, a=[image(OLD, APP)], b=[image(OLD, APP)])
    assert made == Plan((Fate(APP, OLD, ("a", "b"), (), (), {"a": OLD, "b": OLD}, source=False),), {})
    assert not made.change.changed
    assert images.report(made) == ["app:latest (sha256:aaaaaaaaaaaa): a, b had it; this computer's engine does not"]


def test_what_the_nodes_pulled_themselves() -> None:
    """It is theirs unless it is required: not every node pulls it at once, and a service must not change because of that."""
    nodes = {"a": [image(OLD, APP, pulled=True)], "b": [image(OLD, APP)]}
    assert planned(None, required=True, **nodes).fates[0].id == OLD
    assert planned(None, required=False, **nodes) == Plan((), {APP: "not on this computer's engine"})
    nodes["b"] = [image(NEW, APP, pulled=True)]
    made = planned(None, required=False, **nodes)
    assert images.report(made) == [
        "app:latest: left to the nodes and their registry (not on this computer's engine, and the nodes' differ "
        "(a has sha256:aaaaaaaaaaaa, b has sha256:bbbbbbbbbbbb))"
    ]


REMEDY = (
    "Build what is yours (docker build -t app:latest FOLDER), pull what a registry has (docker pull app:latest) where one "
    "answers, and run this again."
)


@pytest.mark.parametrize(
    ("nodes", "pulling", "required", "line"),
    [
        ({"a": [], "b": []}, "", True, "not on this computer's engine, and on no node"),
        ({"a": []}, "no such host", True, "not on this computer's engine, and on no node; pulling it: no such host"),
        ({"a": [], "b": [OLD]}, "", True, "not on this computer's engine, and of the nodes only on b"),
        (
            {"a": [NEW], "b": [OLD]},
            "",
            False,
            "not on this computer's engine, and the nodes' differ (a has sha256:bbbbbbbbbbbb, b has sha256:aaaaaaaaaaaa)",
        ),
    ],
)
def test_there_is_no_source(nodes: dict[str, list[str]], pulling: str, required: bool, line: str) -> None:
    there = {node: [image(one, APP) for one in ids] for node, ids in nodes.items()}
    with pytest.raises(Refusal) as error:
        planned(None, required, pulling, **there)
    assert str(error.value) == f"nothing was loaded: there is no source for 1 image(s):\n- {APP}: {line}\n{REMEDY}"


def test_one_refusal_names_all() -> None:
    with pytest.raises(Refusal) as error:
        images.plan({"a:1": None, "b:1": image(NEW, "b:1"), "c:1": None}, {"x": []}, True)
    assert str(error.value).splitlines()[:3] == [
        "nothing was loaded: there is no source for 2 image(s):",
        "- a:1: not on this computer's engine, and on no node",
        "- c:1: not on this computer's engine, and on no node",
    ]


def test_what_is_not_required_is_left_to_the_nodes() -> None:
    made = planned(None, False, "no such host", a=[], b=[])
    assert made == Plan((), {APP: "not on this computer's engine, and on no node; pulling it: no such host"})


@pytest.mark.parametrize(
    ("nodes", "settled"),
    [({"a": [OLD], "b": [OLD]}, OLD), ({"a": [OLD], "b": [NEW]}, ""), ({"a": [OLD], "b": []}, ""), ({"a": []}, "")],
)
def test_whether_the_nodes_agree(nodes: dict[str, list[str]], settled: str) -> None:
    there = {node: [image(one, APP) for one in ids] for node, ids in nodes.items()}
    assert images.settled(APP, there) == settled


def test_images_for_other_machines() -> None:
    found = [(APP, image(NEW, APP)), ("b:1", image(OLD, "b:1"))]
    assert images.platform_notes(found, "linux/amd64") == []
    assert images.platform_notes(found[:1], "linux/arm64") == [
        "app:latest is for linux/amd64, the nodes are linux/arm64: its tasks end with 'exec format error' unless the "
        "kernel emulates that"
    ]


def test_nodes_that_cannot_be_reached() -> None:
    there = {"a": "running", "b": "exited", "c": "paused"}
    assert images.containers_problems(["a"], there) == []
    assert images.containers_problems(["x", "b", "b", "c"], there) == [
        "x: no node of that name is a container here; there are a, b, c",
        "b: its container is exited; start it (make nodes-up, or docker start b)",
        "c: its container is paused; let it go on (docker unpause c)",
    ]
    assert images.containers_problems(["x"], {}) == ["x: no node of that name is a container here; there are none"]


@pytest.mark.parametrize(
    ("seen", "there"),
    [
        ({"images": {"a:1": "sha256:1"}, "loaded": [], "tagged": [], "elsewhere": []}, {"a:1": "sha256:1"}),
        ({"images": {"a:1": "sha256:1"}, "loaded": [{"image": "a:1"}]}, {}),
        ({"images": {"a:1": "sha256:1"}, "tagged": [{"image": "a:1"}]}, {}),
        ({"images": {}, "elsewhere": ["b:1"]}, {}),
        ({"skipped": True}, {}),
        ({}, {}),
    ],
)
def test_images_that_need_not_be_brought_again(seen: dict[str, Any], there: dict[str, str]) -> None:
    assert images.there(seen) == there
