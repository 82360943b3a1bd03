# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.storage.exports_checks import problems
from ansible_collections.hydra.swarm.plugins.modules.inventory_check import _complete

ALL = [{"host": "*"}]


def export(path: str, clients: Any = None, **more: Any) -> dict[str, Any]:
    return {"path": path, "clients": ALL if clients is None else clients, **more}


@pytest.mark.parametrize("storage", ["", "/exports"])
def test_what_may_be_exported(storage: str) -> None:
    named = export("/exports/b", [{"host": "nobody.example"}, {"host": "10.0.0.0/8", "squash": "none"}], mode="0755")
    assert (
        problems([export("/exports/a"), named, {"path": "/exports/old", "state": "absent"}], _complete, storage) == []
    )


@pytest.mark.parametrize(
    ("exports", "storage", "found"),
    [
        (
            [export("/etc")],
            "/exports",
            ["/etc is not below /exports, where an NFS server that is a container has its data: choose a path there"],
        ),
        (
            [export("/exports")],
            "/exports",
            [
                "/exports is not below /exports, where an NFS server that is a container has "
                "its data: choose a path there"
            ],
        ),
        (
            [export("/etc/ssl")],
            "",
            ["/etc/ssl is of the server's own system (/etc): choose a directory that holds data alone"],
        ),
        (
            [export("/exports/../etc")],
            "/exports",
            ["path '/exports/../etc' must be absolute, below /, without '.', '..' or a '/' too many"],
        ),
        (
            [export("/srv/a", [{"host": "*", "squash": "nome"}]), "/srv/b", export("/srv/c", [])],
            "",
            [
                "/srv/a: value of squash must be one of: root, all, none, got: nome found in clients",
                "item 2 is no mapping: write it like {path: /exports/data, clients: [{host: 10.0.0.0/8}]}",
                "/srv/c: no clients; name at least one, or say state: absent",
            ],
        ),
        ([{"clients": ALL}], "", ["item 1: missing required arguments: path"]),
        (
            [export("/srv/a"), export("/srv/a"), export("/srv/a/b")],
            "",
            [
                "/srv/a is listed 2 times: keep one",
                "/srv/a/b lies in /srv/a: clients of /srv/a would reach it past its own rules; export one of them, or "
                "move one",
            ],
        ),
    ],
)
def test_what_may_not(exports: list[Any], storage: str, found: list[str]) -> None:
    assert problems(exports, _complete, storage) == [f"nfs_server_exports: {words}" for words in found]


def test_a_key_that_is_none() -> None:
    [found] = problems([export("/srv/a", cleints=[])], _complete)
    assert found.startswith(
        "nfs_server_exports: /srv/a: unknown key cleints. Supported parameters include: clients, group"
    )
