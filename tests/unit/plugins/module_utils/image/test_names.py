# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.image.names import reference, references, short, taggable

HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nginx", "nginx:latest"),
        ("nginx:1.27", "nginx:1.27"),
        ("library/nginx", "nginx:latest"),
        ("docker.io/nginx", "nginx:latest"),
        ("docker.io/library/nginx:1", "nginx:1"),
        ("index.docker.io/grafana/loki", "grafana/loki:latest"),
        ("grafana/loki:3", "grafana/loki:3"),
        ("hydra/a/b_c-d.e", "hydra/a/b_c-d.e:latest"),
        ("localhost/app", "localhost/app:latest"),
        ("localhost:5000/app:2", "localhost:5000/app:2"),
        ("registry.example.org/team/app", "registry.example.org/team/app:latest"),
        ("registry.example.org/library/app", "registry.example.org/library/app:latest"),
        (f"app@sha256:{HEX}", f"app@sha256:{HEX}"),
        (f"app:1@sha256:{HEX}", f"app@sha256:{HEX}"),
        (f"sha256:{HEX}", f"sha256:{HEX}"),
        (HEX, f"sha256:{HEX}"),
    ],
)
def test_one_spelling(name: str, expected: str) -> None:
    assert reference(name) == expected


@pytest.mark.parametrize(
    "name", ["", "App", "a b", "app:", ":1", "app:-x", "-app", "app@sha256:12", "a//b", "${IMAGE}"]
)
def test_no_names(name: str) -> None:
    with pytest.raises(ValueError) as error:
        reference(name)
    assert str(error.value) == (
        f"'{name}' is no image name: write [REGISTRY/]NAME[:TAG], the name in lower case, for example app:latest"
    )


def test_a_path_in_capitals() -> None:
    with pytest.raises(ValueError) as error:
        reference("Team/app")
    assert str(error.value) == "'Team/app' is no image name: all before the tag is in lower case"


def test_names_keep_their_order() -> None:
    assert list(references(["b", "a:1", "b"]).items()) == [("b", "b:latest"), ("a:1", "a:1")]


def test_all_wrong_names_are_told() -> None:
    with pytest.raises(Refusal) as error:
        references(["A", "b", "c d"])
    told = "is no image name: write [REGISTRY/]NAME[:TAG], the name in lower case, for example app:latest"
    assert str(error.value) == f"nothing was loaded: 'A' {told}; 'c d' {told}"


@pytest.mark.parametrize(("one", "can"), [("app:1", True), (f"app@sha256:{HEX}", False), (f"sha256:{HEX}", False)])
def test_what_bears_a_tag(one: str, can: bool) -> None:
    assert taggable(one) is can


def test_short() -> None:
    assert short(f"sha256:{HEX}") == "sha256:0123456789ab"
