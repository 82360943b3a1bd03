# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.render import digest, escaped, rendered

ID = "sha256:" + "a" * 64
DOCUMENT: dict[str, Any] = {
    "version": "3.9",
    "services": {
        "web": {
            "image": "web:1",
            "configs": [{"source": "k"}],
            "volumes": [{"type": "volume", "source": "d", "target": "/d"}],
            "deploy": {"labels": {"x": "y"}, "resources": {"limits": {"cpus": 0.5, "pids": 3}}},
        },
        "db": {"image": "db:1", "deploy": {}},
    },
    "configs": {"k": {"external": True, "name": "core_k-1"}},
    "volumes": {"d": {"driver_opts": {"type": "nfs"}}},
}


def changed(**service: Any) -> dict[str, Any]:
    return {**DOCUMENT, "services": {"web": {**DOCUMENT["services"]["web"], **service}}}


def test_a_service_is_pinned_and_labelled() -> None:
    made = rendered(DOCUMENT, {"web:1": ID}, "hydra", ["web"])
    assert list(made["services"]) == ["web"]
    assert made["services"]["web"]["image"] == ID
    assert made["services"]["web"]["deploy"] == {
        "labels": {
            "x": "y",
            "hydra.swarm.digest": digest(DOCUMENT, "web", "hydra"),
            "hydra.swarm.cluster": "hydra",
            "hydra.swarm.image": "web:1",
        },
        "resources": {"limits": {"cpus": "0.5", "pids": 3}},
    }
    assert DOCUMENT["services"]["web"]["image"] == "web:1"
    assert "hydra.swarm.digest" not in DOCUMENT["services"]["web"]["deploy"]["labels"]


def test_an_image_of_a_registry_keeps_its_name() -> None:
    made = rendered(DOCUMENT, {"web:1": ID}, "", ["db"])["services"]["db"]
    assert made["image"] == "db:1"
    assert made["deploy"]["labels"] == {"hydra.swarm.digest": digest(DOCUMENT, "db")}


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (changed(image="web:2"), True),  # the image is compared by itself
        (changed(hostname="w"), False),
        ({**DOCUMENT, "configs": {"k": {"external": True, "name": "core_k-2"}}}, False),
        ({**DOCUMENT, "volumes": {"d": {"driver_opts": {"type": "tmpfs"}}}}, False),
        ({**DOCUMENT, "volumes": {**DOCUMENT["volumes"], "e": {}}}, True),  # not this service's
        (json.loads(json.dumps(DOCUMENT, sort_keys=True)), True),
    ],
)
def test_digest(other: dict[str, Any], same: bool) -> None:
    assert (digest(other, "web") == digest(DOCUMENT, "web")) is same


def test_dollars_are_doubled_and_nothing_else_changes() -> None:
    text = escaped({"services": {"a$b": {"command": ["echo $X", "$$", 1, True, None], "x": {"y": "ä€😀"}}}})
    assert text == '{"services": {"a$b": {"command": ["echo $$X", "$$$$", 1, true, null], "x": {"y": "ä€😀"}}}}'


def test_what_yaml_takes_for_unprintable_is_escaped() -> None:
    assert escaped({"a": "\x7f\x85\u2028\ufeff\n\t\x01"}) == '{"a": "\\u007f\\u0085\\u2028\\ufeff\\n\\t\\u0001"}'
