# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.backup import manifest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal

SWARM = {"id": "r2al", "node": "hydra-node", "address": "172.30.0.10", "engine": "26.1.5"}
DATA = {"kind": "data", "path": "/exports/a", "file": "data-1.tar.gz.age", "bytes": 1, "sha256": "x"}
TOLD = {"cluster": "hydra", "taken": 7, "inventory": "", "swarm": SWARM, "parts": [DATA]}


def test_what_is_written_is_what_is_read() -> None:
    assert manifest.read(manifest.text(TOLD).encode(), "a.tar") == TOLD


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no archive of this project, or one that is cut off (it has no manifest.json at its end)"),
        (b"{", "its manifest.json is damaged"),
        (b"[]", "its manifest.json is damaged"),
        (b'{"format": 99}', "it has format 99, made by a later version of this project, and this one reads format 1"),
        (manifest.text(TOLD).replace("hydra", "hxdra").encode(), "does not have the checksum it should"),
    ],
)
def test_what_is_none_is_refused(content: bytes | None, words: str) -> None:
    with pytest.raises(Refusal) as refused:
        manifest.read(content, "/b/a.tar")
    assert words in str(refused.value) and str(refused.value).startswith("/b/a.tar: ")


@pytest.mark.parametrize(
    ("cluster", "managers", "exports", "words"),
    [
        ("hydra", {"hydra": "172.30.0.10"}, ["/exports/a"], []),
        ("other", {}, [], ["a.tar is of cluster hydra, and this inventory is of cluster other"]),
        (
            "hydra",
            {"hydra": "172.30.0.11"},
            ["/exports/b"],
            [
                "its swarm was copied from the manager 172.30.0.10 and can live at that address alone, which is none of "
                "the inventory's managers: 172.30.0.11 (hydra)",
                "it has the data of /exports/a, which this inventory does not export (/exports/b)",
            ],
        ),
    ],
)
def test_an_archive_of_somebody_else(
    cluster: str, managers: dict[str, str], exports: list[str], words: list[str]
) -> None:
    assert manifest.misplaced(TOLD, "a.tar", cluster, managers, exports) == words


@pytest.mark.parametrize(
    ("look", "words"),
    [
        ({}, []),
        ({"msg": "no such container", "failed": True}, []),
        ({"state": "inactive", "left": [], "exports": {"/exports/a": 0, "/exports/b": 3}}, []),
        ({"state": "active", "swarm_id": "r2al"}, ["hydra is in a swarm (state active, ID: the same)"]),
        ({"state": "locked", "swarm_id": ""}, ["hydra is in a swarm (state locked, ID: unknown)"]),
        (
            {"state": "inactive", "left": ["raft"], "folder": "/d/swarm"},
            ["hydra is in no swarm, but holds the data of one in /d/swarm"],
        ),
        ({"exports": {"/exports/a": 1}}, ["hydra has data in /exports/a (1 entry at its top)"]),
        ({"exports": {"/exports/a": 2}}, ["hydra has data in /exports/a (2 entries at its top)"]),
    ],
)
def test_what_would_be_overwritten(look: dict[str, Any], words: list[str]) -> None:
    assert manifest.occupied(TOLD, {"hydra": look}) == words


def test_data_alone_leaves_a_swarm_alone() -> None:
    assert manifest.occupied({**TOLD, "swarm": None}, {"hydra": {"state": "active"}}) == []


def test_the_manager_that_is_copied() -> None:
    looks = {"a": {"state": "active", "manager": False}, "b": {"manager": True}, "c": {"manager": True}}
    assert manifest.copied_from(["a", "b", "c"], looks) == "b"
    with pytest.raises(
        Refusal, match=r"could be copied .a: inactive; d: no answer.: nothing was copied; make swarm-up"
    ):
        manifest.copied_from(["a", "d"], {"a": {"state": "inactive"}})


def test_what_the_restored_swarm_lacks() -> None:
    node = {"name": "n", "role": "manager", "labels": {}, "availability": "active", "id": "x"}
    view = {"nodes": [node], **{kind: [{"name": f"{kind}-1", "id": 1}] for kind in manifest.KINDS}}
    had = manifest.described(view)
    assert manifest.lacking(had, had) == []
    assert manifest.lacking(had, manifest.described({**view, "secrets": []})) == ["secrets: secrets-1"]
    assert json.loads(json.dumps(had)) == had


def test_which_archives_are_too_many() -> None:
    names = [manifest.file_name("hydra", f"2026113{day}T220102Z") for day in range(4)]
    others = [manifest.file_name("hydra-lab", "20251130T220102Z"), "hydra-notes.txt"]
    assert manifest.superseded([*reversed(names), *others], "hydra", 2) == names[:2]
    assert manifest.superseded(names, "hydra", 0) == []
    assert manifest.superseded(names, "hydra", 9) == []


def test_a_clusters_name_is_no_path() -> None:
    assert manifest.file_name("../x y", "S") == ".._x_y-S.backup.tar"


def test_the_fingerprint_is_of_what_is_said_and_not_of_its_order() -> None:
    assert manifest.fingerprint({"a": 1, "b": [2]}) == manifest.fingerprint({"b": [2], "a": 1})
    assert manifest.fingerprint({"a": 1}) != manifest.fingerprint({"a": 2})
