# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A volume's options, and when its definition may change."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.storage import volumes as core

OURS = {"hydra.swarm.cluster": "hydra"}
BIND = {"type": "none", "o": "bind", "device": "/e/ada/ml"}
NFS = {"type": "nfs", "o": "addr=10.0.0.5,nfsvers=4.2,hard", "device": ":/e/ada/ml"}
NO_CLIENT = "this node's kernel has no NFS client"
ELSEWHERE = "/e/ada/ml lies on this node's own disk"


def test_options() -> None:
    assert core.options("bind", "/e/ada/ml", "10.0.0.5", "nfsvers=4.2,hard") == BIND
    assert core.options("nfs", "/e/ada/ml", "10.0.0.5", "nfsvers=4.2,hard") == NFS
    assert core.options("nfs", "/e", "10.0.0.5", "") == {"type": "nfs", "o": "addr=10.0.0.5", "device": ":/e"}


@pytest.mark.parametrize(
    ("via", "client", "shared", "kind"),
    [
        ("auto", True, ELSEWHERE, "nfs"),
        ("auto", False, "", "bind"),
        ("bind", True, "", "bind"),
        ("nfs", True, "", "nfs"),
    ],
)
def test_the_way_to_the_data(via: str, client: bool, shared: str, kind: str) -> None:
    assert core.choose(via, client, shared, "10.0.0.5") == kind


@pytest.mark.parametrize(
    ("via", "client", "shared", "server", "message"),
    [
        ("auto", True, "", "", "server is empty: an NFS volume needs the server's address, for example 172.30.0.5"),
        (
            "nfs", False, "", "10.0.0.5",
            f"{NO_CLIENT}, so it cannot mount the volume: load it (modprobe nfsv4; for a server that is a container, on its "
            "host), or use via: bind where the node has the server's storage itself",
        ),
        (
            "auto", False, ELSEWHERE, "10.0.0.5",
            f"{NO_CLIENT} (install nfs-common, modprobe nfsv4), and {ELSEWHERE}, so the volume would show nothing of the NFS "
            "server's",
        ),
        ("bind", True, ELSEWHERE, "", f"{ELSEWHERE}, so the volume would show nothing of the NFS server's"),
    ],
)  # fmt: skip
def test_no_way_to_the_data(via: str, client: bool, shared: str, server: str, message: str) -> None:
    with pytest.raises(Refusal) as caught:
        core.choose(via, client, shared, server)
    assert str(caught.value) == message


def test_what_is_right() -> None:
    core.check("student1.home", "/e/ada/ml", "fd00::5", "nfsvers=4.2,hard,timeo=600")
    core.check("student1.home", "/e", "", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a/b", "/e", "", ""), "name 'a/b': use letters, digits, '_', '.' and '-', for example student1.home"),
        *(
            (
                ("a.b", path, "", ""),
                f"path {path!r}: it must be absolute, without '..', '//' or a slash at its end, for example "
                "/exports/student-volumes/student1/home",
            )
            for path in ("e", "/e/../f", "/e/", "/e//f", "/e/.")
        ),
        (
            ("a.b", "/e", "x,y", ""),
            "server 'x,y': it must be an address or a host name, for example 172.30.0.5",
        ),
        *(
            (
                ("a.b", "/e", "10.0.0.5", options),
                f"nfs_options {options!r}: write mount options as mount does, for example nfsvers=4.2,hard; addr= follows "
                "from the server",
            )
            for options in ("addr=10.0.0.6", "hard nolock", "device=/etc;x")
        ),
    ],
)
def test_what_is_wrong(arguments: tuple[str, str, str, str], message: str) -> None:
    with pytest.raises(Refusal) as caught:
        core.check(*arguments)
    assert str(caught.value) == message


def volume(options: dict[str, str], **labels: str) -> core.Volume:
    return core.Volume("local", options, labels or OURS)


def shown(options: dict[str, str]) -> dict[str, Any]:
    return {"name": "ada.ml", "state": "present", "driver": "local", "driver_opts": options}


GONE = {"name": "ada.ml", "state": "absent"}


@pytest.mark.parametrize(
    ("found", "wanted", "before", "after"),
    [
        (None, volume(BIND), GONE, shown(BIND)),
        (volume(BIND), volume(BIND), shown(BIND), shown(BIND)),
        (volume(BIND), volume(NFS), shown(BIND), shown(NFS)),
        (volume(BIND), None, shown(BIND), GONE),
        (None, None, GONE, GONE),
    ],
)
def test_plan(found: Any, wanted: Any, before: dict[str, Any], after: dict[str, Any]) -> None:
    change = core.plan("ada.ml", found, wanted, "hydra")
    assert (change.before, change.after) == (before, after)


@pytest.mark.parametrize(
    ("labels", "whose"), [({"x": "y"}, "nobody"), ({"hydra.swarm.cluster": "other"}, "cluster other")]
)
@pytest.mark.parametrize("wanted", [volume(BIND), None])
def test_a_volume_that_is_not_ours(labels: dict[str, str], whose: str, wanted: Any) -> None:
    with pytest.raises(Refusal) as caught:
        core.plan("ada.ml", core.Volume("local", {}, labels), wanted, "hydra")
    assert str(caught.value) == (
        f"volume 'ada.ml' exists and is not of cluster hydra (its label hydra.swarm.cluster names {whose}): its data is on "
        "this node alone. Save what you need of it, then: docker volume rm ada.ml"
    )


@pytest.mark.parametrize("wanted", [volume(BIND), None])
def test_a_volume_of_another_student(wanted: Any) -> None:
    found = core.Volume("local", BIND, {**OURS, "hydra.swarm.student": "bob", "hydra.swarm.project": "ml"})
    whose = {"hydra.swarm.student": "ada", "hydra.swarm.project": "ml"}
    with pytest.raises(Refusal) as caught:
        core.plan("data", found, wanted, "hydra", whose)
    message = "volume 'data' is another one's (its labels say hydra.swarm.student=bob): choose another name"
    assert str(caught.value) == message
    assert core.plan("data", found, None, "hydra", {**whose, "hydra.swarm.student": "bob"}).changed
    # One that was made before there were such labels.
    assert core.plan("data", volume(BIND), None, "hydra", whose).changed


def test_a_volume_as_the_engine_shows_it() -> None:
    entry = {"Driver": "local", "Options": None, "Labels": None, "Mountpoint": "/var/lib/docker/volumes/x/_data"}
    assert core.volume_of(entry) == core.Volume("local", {}, {}, "/var/lib/docker/volumes/x/_data")


def container(name: str, state: str = "running", service: str = "") -> dict[str, Any]:
    labels = {core.SERVICE: service} if service else None
    return {"Id": "0123456789abcdef", "Names": [f"/{name}"], "State": state, "Labels": labels}


def using(name: str, kind: str = "volume", source: str = "ada.ml") -> dict[str, Any]:
    return {"Spec": {"Name": name, "TaskTemplate": {"ContainerSpec": {"Mounts": [{"Type": kind, "Source": source}]}}}}


@pytest.mark.parametrize(
    ("containers", "services", "users", "passing"),
    [
        ([], [], [], True),
        ([container("x")], [], ["container x (running)"], False),
        ([container("x", "exited")], [], ["container x (exited)"], False),
        ([container("a.1.b", "running", "a")], [], ["service a"], False),
        ([container("a.1.b", "exited", "a"), container("a.1.c", "dead", "a")], [], ["service a"], True),
        ([container("a.1.b", "exited", "a"), container("x")], [], ["container x (running)", "service a"], False),
        ([], [using("b")], ["service b"], False),
    ],
)
def test_users(containers: Any, services: Any, users: list[str], passing: bool) -> None:
    assert core.users_of("ada.ml", containers, services) == users
    assert core.passing(containers, services) is passing


def test_services_that_use_other_things() -> None:
    bare = {"Spec": {"Name": "plugin", "TaskTemplate": {}}}
    assert core.users_of("ada.ml", [], [using("c", "bind"), using("d", source="ada.ml2"), bare]) == []


def test_refusals() -> None:
    change = core.plan("ada.ml", volume(BIND), volume(NFS), "hydra")
    assert core.refusal("ada.ml", change, ["service a", "service b"]) == (
        "volume 'ada.ml' cannot change from device=/e/ada/ml o=bind type=none to device=:/e/ada/ml "
        "o=addr=10.0.0.5,nfsvers=4.2,hard type=nfs while it is used by service a, service b. End them first (make "
        "student-down STUDENT=ada, or docker service rm), then run this again; the data stays where it is"
    )
    assert core.refusal("ada.ml", core.plan("ada.ml", volume({}), None, "hydra"), ["service a"]) == (
        "volume 'ada.ml' cannot be removed while it is used by service a. End them first (make student-down STUDENT=ada, or "
        "docker service rm), then run this again; the data stays where it is"
    )
