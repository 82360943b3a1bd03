# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which NFS server and client a machine gets."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.server.nfs import (
    Choice,
    Machine,
    Service,
    check,
    check_leaving,
    choose,
    client,
    machine_of,
    services_of,
    standing,
)

TRIXIE = {"id": "debian", "like": [], "version": "13", "name": "Debian GNU/Linux 13 (trixie)"}
BARE = {"nfsd": "loadable", "runs": [], "installed": [], "handles": True}
SERVED = "NFS-Ganesha, since this kernel has no NFS server"


def machine(**facts: Any) -> Machine:
    return machine_of({**BARE, **facts}, TRIXIE)


@pytest.mark.parametrize(
    ("wanted", "facts", "choice"),
    [
        ("auto", {}, "the kernel's NFS server, since this kernel has one"),
        ("auto", {"nfsd": "built in"}, "the kernel's NFS server, since this kernel has one"),
        ("auto", {"nfsd": "missing"}, SERVED),
        ("auto", {"nfsd": "missing", "installed": ["kernel"]}, SERVED),
        ("auto", {"nfsd": "missing", "runs": ["ganesha"], "installed": ["ganesha"]}, SERVED),
        ("auto", {"runs": ["ganesha"], "installed": ["kernel", "ganesha"]}, "NFS-Ganesha, which serves here already"),
        ("auto", {"runs": ["kernel", "ganesha"]}, "the kernel's NFS server, since this kernel has one"),
        ("auto", {"installed": ["ganesha"]}, "NFS-Ganesha, which is installed here"),
        ("auto", {"installed": ["kernel", "ganesha"]}, "the kernel's NFS server, since this kernel has one"),
        ("kernel", {"runs": ["ganesha"]}, "the kernel's NFS server, as nfs_server_implementation says"),
        ("ganesha", {"runs": ["kernel"]}, "NFS-Ganesha, as nfs_server_implementation says"),
    ],
)
def test_choose(wanted: str, facts: dict[str, Any], choice: str) -> None:
    assert str(choose(wanted, machine(**facts))) == choice


@pytest.mark.parametrize(
    ("wanted", "facts", "message"),
    [
        (
            "kernel",
            {"nfsd": "missing"},
            "this kernel has no NFS server (nfsd), and nfs_server_implementation is 'kernel': say 'ganesha' or 'auto', or "
            "install the distribution's own kernel",
        ),
        ("knfsd", {}, "nfs_server_implementation 'knfsd' is none of auto, kernel, ganesha"),
    ],
)
def test_choose_refuses(wanted: str, facts: dict[str, Any], message: str) -> None:
    with pytest.raises(Refusal) as refusal:
        choose(wanted, machine(**facts))
    assert str(refusal.value) == message


GANESHA, KERNEL = (
    Choice("ganesha", "since this kernel has no NFS server"),
    Choice("kernel", "since this kernel has one"),
)
JAMMY = {"id": "ubuntu", "like": ["debian"], "version": "22.04", "name": "Ubuntu 22.04.5 LTS"}
ROCKY = {"id": "rocky", "like": ["rhel", "fedora"], "version": "9.6", "name": "Rocky Linux 9.6"}


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        (KERNEL, Machine(os=JAMMY, handles=False)),
        (GANESHA, Machine(os=TRIXIE)),
        (GANESHA, Machine(os={"id": "debian", "version": "12"})),
        (GANESHA, Machine(os={"id": "ubuntu", "version": "24.04"})),
        (GANESHA, Machine(os={"id": "linuxmint", "like": ["ubuntu", "debian"], "version": "22"})),
        (GANESHA, Machine(os=JAMMY, installed=frozenset({"ganesha"}))),
    ],
)
def test_check(choice: Choice, found: Machine) -> None:
    check(choice, found)


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (
            Machine(os=JAMMY),
            f"{SERVED}: that of Ubuntu 22.04.5 LTS is older than 4.3, which was tried: upgrade to Debian 12 or Ubuntu 24.04, "
            "or serve NFS from a machine whose kernel has an NFS server",
        ),
        (
            Machine(os=ROCKY),
            f"{SERVED}: its packages for Rocky Linux 9.6 are not known here: serve NFS from Debian or Ubuntu",
        ),
        (
            Machine(os=TRIXIE, handles=False),
            f"{SERVED}, cannot serve here: root may not open files by handle (CAP_DAC_READ_SEARCH of the host), as in an "
            "unprivileged container: make it a privileged one, or serve NFS from another machine",
        ),
    ],
)
def test_check_refuses(found: Machine, message: str) -> None:
    with pytest.raises(Refusal) as refusal:
        check(GANESHA, found)
    assert str(refusal.value) == message


NAMES = {"kernel": "nfs-server", "ganesha": "nfs-ganesha"}
SHOWN = """\
ActiveState=active
UnitFileState=enabled
NeedDaemonReload=yes

ActiveState=failed
UnitFileState=
NeedDaemonReload=no
"""


def test_services() -> None:
    assert services_of(NAMES, SHOWN) == {
        "kernel": Service("nfs-server", active=True, enabled=True, reload=True),
        "ganesha": Service("nfs-ganesha"),
    }


RUNS = Service("nfs-ganesha", active=True, enabled=True)
OFF = Service("nfs-server")


@pytest.mark.parametrize(
    ("ganesha", "kernel", "differs", "stale", "found"),
    [
        (RUNS, OFF, False, False, {"other": "", "restart": False, "ready": True}),
        (RUNS, OFF, True, False, {"other": "", "restart": False, "ready": False}),
        (RUNS, OFF, True, True, {"other": "", "restart": True, "ready": False}),
        (RUNS, OFF, False, True, {"other": "", "restart": True, "ready": False}),
        (Service("nfs-ganesha"), OFF, True, True, {"other": "", "restart": False, "ready": False}),
        (
            Service("nfs-ganesha", active=True),
            OFF,
            False,
            False,
            {"other": "", "restart": False, "ready": False},
        ),
        (
            Service("nfs-ganesha", True, True, reload=True),
            OFF,
            False,
            False,
            {"other": "", "restart": False, "ready": False},
        ),
        (
            RUNS,
            Service("nfs-server", enabled=True),
            False,
            False,
            {"other": "nfs-server", "restart": False, "ready": False},
        ),
    ],
)
def test_standing(ganesha: Service, kernel: Service, differs: bool, stale: bool, found: dict[str, Any]) -> None:
    services = {"kernel": kernel, "ganesha": ganesha}
    assert standing(GANESHA, services, differs, stale) == {"service": "nfs-ganesha", **found}


def test_a_kernels_server_that_serves_somebody_else_is_not_stopped() -> None:
    foreign = {"/srv": "/etc/exports"}
    check_leaving(OFF, foreign)
    check_leaving(Service("nfs-server", True, True), {})
    with pytest.raises(Refusal) as refusal:
        check_leaving(Service("nfs-server", True, True), foreign)
    assert str(refusal.value) == (
        "NFS-Ganesha would take the place of the kernel's NFS server, which exports /srv by /etc/exports too: move it to "
        "nfs_server_exports, or stay with the kernel's (nfs_server_implementation: kernel)"
    )


@pytest.mark.parametrize(
    ("nfsv4", "programs", "found"),
    [
        ("loadable", ["mount.nfs4"], {"kind": "kernel", "ready": True}),
        ("loaded", ["nfs-ls"], {"kind": "kernel", "ready": False}),
        ("missing", ["mount.nfs4"], {"kind": "user", "ready": False}),
        ("missing", ["mount.nfs4", "nfs-ls"], {"kind": "user", "ready": True}),
    ],
)
def test_client(nfsv4: str, programs: list[str], found: dict[str, Any]) -> None:
    assert client(nfsv4, programs) == found
