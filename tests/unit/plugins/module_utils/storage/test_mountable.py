# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.storage import mountable


@pytest.mark.parametrize(
    ("hosts", "mounts"),
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
def test_mountable(hosts: list[str], mounts: bool) -> None:
    export = {"path": "/exports/a", "clients": [{"host": host, "access": "rw"} for host in hosts]}
    assert mountable.mountable([export], "172.30.0.10") == (["/exports/a"] if mounts else [])


def test_nobody_may_mount_what_names_no_clients() -> None:
    assert mountable.mountable([{"path": "/exports/a"}], "172.30.0.10") == []
