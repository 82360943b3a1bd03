# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.adapt import Adapted, adapt

LACKING = {"ipvs": True, "nfs_client": False}
STORAGE = {"servers": ["172.30.0.5", "nfs-server"], "path": "/exports"}
OTHER = "so it cannot be a bind on shared storage"


def nfs(device: str = ":/exports/data", o: str = "addr=172.30.0.5,rw", **more: Any) -> dict[str, Any]:
    return {"driver": "local", "driver_opts": {"type": "nfs", "o": o, "device": device}, **more}


def mount(**more: Any) -> dict[str, Any]:
    return {"type": "volume", "source": "data", "target": "/data", **more}


def adapted(volume: Any, *mounts: dict[str, Any], storage: dict[str, Any] | None = None) -> Adapted:
    services = {"web": {"image": "tiny:1", "volumes": list(mounts)}, "none": {"image": "tiny:1"}}
    document = {"version": "3.9", "services": services, "volumes": {"data": volume, "own": {}}}
    before = json.dumps(document)
    made = adapt(document, LACKING, [], STORAGE if storage is None else storage)
    assert json.dumps(document) == before
    return made


@pytest.mark.parametrize(
    ("volume", "used", "bind", "text"),
    [
        (nfs(), {}, {"source": "/exports/data"}, "/exports/data at /data"),
        (nfs(driver=None), {}, {"source": "/exports/data"}, "/exports/data at /data"),
        (nfs(":/exports/data/"), {}, {"source": "/exports/data"}, "/exports/data at /data"),
        (nfs(":/exports"), {}, {"source": "/exports"}, "/exports at /data"),
        (
            nfs("NFS-Server:/exports/data", "vers=4.2,addr=NFS-Server"),
            {},
            {"source": "/exports/data"},
            "/exports/data at /data",
        ),
        (
            nfs(),
            {"read_only": True, "volume": {"nocopy": True}},
            {"source": "/exports/data", "read_only": True},
            "/exports/data at /data, read-only",
        ),
        (nfs(), {"read_only": False}, {"source": "/exports/data", "read_only": False}, "/exports/data at /data"),
        (
            nfs(o="addr=172.30.0.5,nfsvers=4,ro"),
            {"read_only": False},
            {"source": "/exports/data", "read_only": True},
            "/exports/data at /data, read-only",
        ),
        (nfs(o="ro,addr=172.30.0.5,rw"), {}, {"source": "/exports/data"}, "/exports/data at /data"),
        (
            nfs(),
            {"volume": {"subpath": "models/small/"}},
            {"source": "/exports/data/models/small"},
            "/exports/data/models/small at /data",
        ),
    ],
)
def test_a_volume_becomes_a_bind(volume: dict[str, Any], used: dict[str, Any], bind: dict[str, Any], text: str) -> None:
    made = adapted(volume, mount(**used))
    assert made.lines == [f"web: no NFS client, so volume data is a bind of {text}"]
    assert made.problems == []
    assert made.document["services"]["web"]["volumes"] == [{"type": "bind", "target": "/data", **bind}]
    assert made.document["volumes"] == {"own": {}}


def test_every_use_of_every_service_is_changed() -> None:
    document = {
        "services": {
            "web": {"image": "a", "volumes": [mount(), mount(target="/again", read_only=True)]},
            "api": {"image": "a", "volumes": [mount(), {"type": "tmpfs", "target": "/tmp"}]},
        },
        "volumes": {"data": nfs()},
    }
    made = adapt(document, LACKING, [], STORAGE)
    assert made.lines == [
        "api: no NFS client, so volume data is a bind of /exports/data at /data",
        "web: no NFS client, so volume data is a bind of /exports/data at /data",
        "web: no NFS client, so volume data is a bind of /exports/data at /again, read-only",
    ]
    assert made.document["services"]["api"]["volumes"][1] == {"type": "tmpfs", "target": "/tmp"}
    assert made.document["volumes"] == {}


def test_options_that_a_bind_cannot_honour_are_named_and_others_are_not() -> None:
    options = "addr=172.30.0.5,soft,timeo=50,nfsvers=4.2,_netdev,noexec,sec=krb5,rw"
    made = adapted(nfs(o=options), mount())
    assert made.lines[0] == "volume data: no NFS client, so the mount options noexec, sec are left out"


@pytest.mark.parametrize(
    "volume",
    [
        None,
        {},
        {"driver": "rclone", "driver_opts": {"type": "nfs", "o": "addr=10.0.0.1", "device": ":/x"}},
        {"driver": "local", "driver_opts": {"type": "tmpfs", "device": "tmpfs"}},
        {"driver": "local", "driver_opts": {"type": "none", "o": "bind", "device": "/srv"}},
        {"external": True, "name": "data"},
    ],
)
def test_other_volumes_stay(volume: Any) -> None:
    made = adapted(volume, mount())
    assert (made.lines, made.problems) == ([], [])
    assert made.document["volumes"] == {"data": volume, "own": {}}
    assert made.document["services"]["web"]["volumes"] == [mount()]


def test_a_volume_that_nobody_uses_is_nobodys_problem() -> None:
    made = adapted(nfs(o="addr=10.0.0.1"), {"type": "bind", "source": "data", "target": "/data"})
    assert (made.lines, made.problems) == ([], [])
    assert made.document["volumes"] == {"data": nfs(o="addr=10.0.0.1"), "own": {}}


@pytest.mark.parametrize(
    ("volume", "used", "problem"),
    [
        (
            nfs(o="addr=10.0.0.9,rw"),
            {},
            "volume data: no NFS client, and its NFS server '10.0.0.9' is not the one whose storage the nodes share "
            f"(172.30.0.5, nfs-server), {OTHER}: name that one, or give the nodes an NFS client",
        ),
        (
            nfs("10.0.0.9:/exports/data"),
            {},
            "volume data: no NFS client, and its NFS server '10.0.0.9' is not the one whose storage the nodes share "
            f"(172.30.0.5, nfs-server), {OTHER}: name that one, or give the nodes an NFS client",
        ),
        (
            nfs(o="rw"),
            {},
            "volume data: its options name no server: write o: addr=172.30.0.5,... as a real mount needs it",
        ),
        *(
            (
                nfs(device),
                {},
                f"volume data: device '{device}' is no plain path of an NFS server: write it like :/exports/data, without '..'",
            )
            for device in (
                ":/exports/../etc",
                ":/exports/a/../b",
                ":/exports//a",
                ":/exports/./a",
                ":exports/a",
                "/exports/a",
                ":",
            )
        ),
        *(
            (
                nfs(device),
                {},
                f"volume data: device '{device}' is outside /exports, which is all that the nodes share with the NFS server",
            )
            for device in (":/srv/data", ":/exports-of-others", ":/")
        ),
        *(
            (
                nfs(),
                {"volume": {"subpath": subpath}},
                f"web: volume data, subpath '{subpath}' is no plain path below it: write it like models/small, without "
                "'..'",
            )
            for subpath in ("../student2", "a/../../b", "/etc", "..", ".", "a//b")
        ),
    ],
)
def test_refused(volume: dict[str, Any], used: dict[str, Any], problem: str) -> None:
    made = adapted(volume, mount(**used))
    assert (made.problems, made.lines) == ([problem], [])


def test_without_shared_storage() -> None:
    assert adapted(nfs(), mount(), storage={}).problems == [
        "volume data: no NFS client, and no storage that the nodes share with an NFS server is known, so it cannot be a "
        "bind on shared storage: give the nodes an NFS client (modprobe nfsv4; for servers that are containers, on their "
        "host), or use another volume"
    ]


ABLE = {"ipvs": True, "nfs_client": True}
SQUASHED = {"servers": ["172.30.0.5", "nfs-server"], "squashed": ["/exports/data"]}
GETS = (
    "web: root is nobody on export /exports/data, so volume data at /data gets nocopy (the engine could not copy what the "
    "image has there)"
)


def with_client(volume: Any, used: dict[str, Any], storage: dict[str, Any], mode: str = "auto") -> Adapted:
    services = {"web": {"image": "tiny:1", "volumes": [mount(**used), {"type": "tmpfs", "target": "/tmp"}]}}
    return adapt({"services": services, "volumes": {"data": volume}}, ABLE, [], storage, mode)


@pytest.mark.parametrize(
    ("volume", "used", "storage", "options", "lines"),
    [
        (nfs(), {}, SQUASHED, {"nocopy": True}, [GETS]),
        (nfs(), {"read_only": True}, SQUASHED, {"nocopy": True}, [GETS]),
        (nfs(":/exports/data/deep/"), {}, SQUASHED, {"nocopy": True}, [GETS]),
        (nfs("NFS-server:/exports/data", "vers=4,addr=NFS-server"), {}, SQUASHED, {"nocopy": True}, [GETS]),
        (nfs(), {"volume": {"nocopy": True}}, SQUASHED, {"nocopy": True}, []),
        (nfs(":/exports/data2"), {}, SQUASHED, None, []),
        (nfs(o="addr=10.0.0.9"), {}, SQUASHED, None, []),  # another server: what it makes of root, nobody here knows
        (nfs("10.0.0.9:/exports/data"), {}, SQUASHED, None, []),
        (nfs(), {}, {**SQUASHED, "squashed": []}, None, []),
        (nfs(), {}, {}, None, []),
        ({"external": True, "name": "data"}, {}, SQUASHED, None, []),
        (
            nfs(),
            {"volume": {"nocopy": False}},
            SQUASHED,
            {"nocopy": False},
            [
                "web: volume data at /data is to be filled from the image (nocopy: false), but root is nobody on export "
                "/exports/data: if the image has /data, no task starts ('lchown ...: operation not permitted'). Leave nocopy "
                "out, or give the export squash: none"
            ],
        ),
    ],
)
def test_nothing_is_copied_where_root_is_nobody(
    volume: Any, used: dict[str, Any], storage: dict[str, Any], options: dict[str, Any] | None, lines: list[str]
) -> None:
    made = with_client(volume, used, storage)
    assert (made.lines, made.problems, made.document["volumes"]) == (lines, [], {"data": volume})
    assert made.document["services"]["web"]["volumes"][0].get("volume") == options


def test_as_it_is_written() -> None:
    assert with_client(nfs(), {}, SQUASHED, "never").lines == []


def test_a_server_whose_storage_nobody_shares() -> None:
    assert "no storage that the nodes share" in adapted(nfs(), mount(), storage={**SQUASHED, "path": ""}).problems[0]
