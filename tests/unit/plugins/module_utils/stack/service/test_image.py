# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.stack.service.image import (
    check,
    find,
    resolved,
    respec,
    title,
)

ID = "sha256:" + "a" * 64
SERVICES = [{"ID": f"id{n}", "Spec": {"Name": name}} for n, name in enumerate(("core_web", "core_saml", "gpu_ollama"))]


@pytest.mark.parametrize("word", ["core_saml", "id1"])
def test_find(word: str) -> None:
    assert find(SERVICES, word)["ID"] == "id1"


@pytest.mark.parametrize(
    ("services", "word", "message"),
    [
        (SERVICES, "web", "there is no service web in this swarm; did you mean core_web?"),
        (SERVICES, "core_wbe", "there is no service core_wbe in this swarm; did you mean core_web?"),
        (SERVICES, "core", "there is no service core in this swarm; did you mean core_saml or core_web?"),
        (SERVICES, "x", "there is no service x in this swarm; there are core_saml, core_web, gpu_ollama"),
        ([], "x", "there is no service x in this swarm; there are none"),
    ],
)
def test_a_service_that_is_not_there(services: Any, word: str, message: str) -> None:
    with pytest.raises(Refusal) as caught:
        find(services, word)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("image", "image_id", "message"),
    [
        (
            "Web:1",
            "",
            "'Web:1' is no image name: write [REGISTRY/]NAME[:TAG], the name in lower case, for example app:latest",
        ),
        (
            "web:1",
            "sha256:12",
            "image_id sha256:12 is no image ID: sha256: and 64 hexadecimal digits, as docker inspect shows it",
        ),
    ],
)
def test_what_is_no_image(image: str, image_id: str, message: str) -> None:
    with pytest.raises(Refusal) as caught:
        check(image, image_id)
    assert str(caught.value) == message


def spec(image: str, delay: int = 10, **labels: str) -> dict[str, Any]:
    return {
        "Name": "core_web",
        "Labels": labels,
        "TaskTemplate": {"ContainerSpec": {"Image": image, "Env": ["A=1"]}, "Resources": {}},
        "UpdateConfig": {"Order": "start-first", "Delay": delay},
    }


def test_only_the_image_changes() -> None:
    before = spec("web:1", **{"x": "y", "hydra.swarm.digest": "d", "com.docker.stack.image": "web:1"})
    after = respec(before, "web:1", ID)
    assert after == spec(
        ID, **{"x": "y", "hydra.swarm.digest": "d", "com.docker.stack.image": ID, "hydra.swarm.image": "web:1"}
    )
    assert before["TaskTemplate"]["ContainerSpec"]["Image"] == "web:1"
    assert title(after) == {"image": "web:1", "image_id": ID}


def test_an_image_of_a_registry() -> None:
    pinned = spec(ID, **{"hydra.swarm.image": "web:1"})
    after = respec(pinned, "web:2", resolved("web:2", "sha256:ab"))
    assert after == spec("web:2@sha256:ab")
    assert title(after) == {"image": "web:2@sha256:ab"}
    assert resolved("web@sha256:cd", "sha256:ab") == "web@sha256:cd"


def test_an_image_that_nothing_tells_apart_is_forced() -> None:
    once = respec(spec("web:1"), "web:1", "web:1", force=True)
    assert once["TaskTemplate"]["ForceUpdate"] == 1
    assert respec(once, "web:1", "web:1", force=True)["TaskTemplate"]["ForceUpdate"] == 2


def test_where_no_pause_between_tasks_is_named_there_is_one() -> None:
    before = spec("web:1", delay=0)
    after = respec(before, "web:1", ID)
    assert after["UpdateConfig"] == {"Parallelism": 1, "Order": "start-first", "Delay": 2 * 10**9}
    assert after["Labels"] == {"hydra.swarm.image": "web:1", "hydra.swarm.paced": "2s"}
    assert respec(after, "web:1", ID) == after
    del before["UpdateConfig"]
    assert respec(before, "web:1", ID)["UpdateConfig"] == {"Parallelism": 1, "Delay": 2 * 10**9}
