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


MEMBERS = ["172.30.0.10", "172.30.0.20"]


@pytest.mark.parametrize(
    ("clients", "squashed"),
    [
        ([{"host": "172.30.0.10"}], True),
        ([{"host": "172.30.0.0/16", "squash": "all"}], True),
        ([{"host": "172.30.0.0/16", "squash": "none"}], False),
        ([{"host": "172.30.0.0/16", "squash": "none"}, {"host": "172.30.0.20", "squash": "root"}], True),
        ([{"host": "*"}, {"host": "172.30.0.0/16", "squash": "none"}], False),  # the more specific one counts
        ([{"host": "10.0.0.1"}, {"host": "admin.example.org"}], False),  # no members, as far as is known
        ([], False),
    ],
)
def test_where_root_of_members_is_nobody(clients: list[dict[str, str]], squashed: bool) -> None:
    export = {"path": "/exports/a", "clients": clients}
    assert mountable.squashed([export, {"path": "/exports/b"}], MEMBERS) == (["/exports/a"] if squashed else [])
