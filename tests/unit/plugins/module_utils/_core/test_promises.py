# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils._core import promises

WANTED = {
    "name": "hydra",
    "node_id": "id1",
    "trouble": "",
    "role": "worker",
    "availability": None,
    "labels": {"gpu": True},
    "address": "10.0.0.1",
}
NODE = {
    "id": "id1",
    "name": "hydra",
    "role": "worker",
    "availability": "drain",
    "labels": {"gpu": "true"},
    "address": "10.0.0.1",
    "status": "ready",
}


@pytest.mark.parametrize(
    ("listed", "wanted", "reasons"),
    [
        ([NODE], WANTED, []),
        ([], WANTED, []),
        ([NODE, {**NODE, "name": "chimera", "id": "id9"}], WANTED, []),
        ([NODE, {**NODE, "id": "id0"}], WANTED, ["hydra: id0 is the entry of an earlier life"]),
        ([NODE], {**WANTED, "node_id": ""}, ["hydra: id1 is the entry of an earlier life"]),
        ([NODE], {**WANTED, "role": "manager"}, ["hydra: is a worker, not a manager"]),
        ([NODE], {**WANTED, "availability": "active"}, ["hydra: is on drain, not active"]),
        ([NODE], {**WANTED, "availability": "drain"}, []),
    ],
)
def test_unsettled(listed: list[dict[str, Any]], wanted: dict[str, Any], reasons: list[str]) -> None:
    assert promises.unsettled(listed, [wanted]) == reasons


@pytest.mark.parametrize(
    ("nodes", "wanted", "problems"),
    [
        ([NODE], WANTED, []),
        ([], WANTED, ["hydra is not listed"]),
        ([], {**WANTED, "node_id": "", "trouble": "join the swarm: refused"}, ["hydra: join the swarm: refused"]),
        ([{**NODE, "status": "down"}], {**WANTED, "trouble": "no answer"}, ["hydra: no answer"]),
        ([{**NODE, "name": "some-host"}], WANTED, []),
        ([NODE], {**WANTED, "node_id": ""}, []),
        ([NODE], {**WANTED, "node_id": "id5"}, ["hydra is not listed"]),
        ([NODE, {**NODE, "id": "id0"}], WANTED, ["hydra: id0 (ready) is the entry of an earlier life"]),
        ([{**NODE, "status": "down"}], WANTED, ["hydra: is down, not ready"]),
        ([{**NODE, "role": "manager"}], WANTED, ["hydra: is a manager, not a worker"]),
        (
            [{**NODE, "labels": {"gpu": "true", "old": ""}}],
            WANTED,
            ["hydra: has labels {'gpu': 'true', 'old': ''}, not {'gpu': 'true'}"],
        ),
        ([{**NODE, "labels": {}}], WANTED, ["hydra: has labels {}, not {'gpu': 'true'}"]),
        ([NODE], {**WANTED, "address": "10.0.0.2"}, ["hydra: has address 10.0.0.1, not 10.0.0.2"]),
        ([NODE], {**WANTED, "availability": "active"}, ["hydra: is on drain, not active"]),
    ],
)
def test_broken(nodes: list[dict[str, Any]], wanted: dict[str, Any], problems: list[str]) -> None:
    assert promises.broken(nodes, [wanted], [], []) == problems


OVERLAY = {"name": "public", "attachable": True, "internal": False, "encrypted": False, "subnet": "10.0.1.0/24"}


@pytest.mark.parametrize(
    ("present", "wanted", "problems"),
    [
        ([OVERLAY], {"name": "public"}, []),
        ([OVERLAY], {"name": "public", "attachable": None, "subnet": "10.0.1.0/24", "state": "present"}, []),
        ([], {"name": "public"}, ["network public is missing"]),
        ([OVERLAY], {"name": "public", "state": "absent"}, ["network public is still there"]),
        ([], {"name": "public", "state": "absent"}, []),
        (
            [OVERLAY],
            {"name": "public", "attachable": False, "encrypted": True, "subnet": "10.9.0.0/24"},
            [
                "network public has attachable True, not False",
                "network public has encrypted False, not True",
                "network public has subnet 10.0.1.0/24, not 10.9.0.0/24",
            ],
        ),
    ],
)
def test_networks(present: list[dict[str, Any]], wanted: dict[str, Any], problems: list[str]) -> None:
    assert promises.broken([], [], present, [wanted]) == problems


@pytest.mark.parametrize(
    ("hosts", "mountable"),
    [
        (["*"], True),
        (["172.30.0.0/16"], True),
        (["172.30.0.10/16"], True),
        (["172.30.0.10"], True),
        (["10.0.0.0/8", "172.30.0.10"], True),
        (["10.0.0.0/8"], False),
        (["fd00::/64"], False),
        (["hydra.example.org"], False),
        (["@admins"], False),
        ([], False),
    ],
)
def test_mountable(hosts: list[str], mountable: bool) -> None:
    export = {"path": "/exports/a", "clients": [{"host": host, "access": "rw"} for host in hosts]}
    assert promises.mountable([export], "172.30.0.10") == (["/exports/a"] if mountable else [])


def test_nobody_may_mount_what_names_no_clients() -> None:
    assert promises.mountable([{"path": "/exports/a"}], "172.30.0.10") == []
