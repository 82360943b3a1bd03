# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The NFS server of the lab, the kernel's or NFS-Ganesha as its kernel lets it, asked by clients in user space."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import Ran, until
from lab import Lab

EXPORT = "/exports/student-volumes"
SERVICES = {"kernel": "nfs-server", "ganesha": "nfs-ganesha"}
STORAGE = ("swarm-up", "--tags", "storage")


@pytest.fixture(scope="module")
def server(lab: Lab) -> str:
    return next(name for name in lab.names if lab.machines[name]["swarm_node_labels"].get("storage") == "nfs")


@pytest.fixture(scope="module")
def client(lab: Lab, server: str) -> str:
    """Another member, with programs that are NFS clients by themselves."""
    name = next(name for name in lab.names if name != server)
    lab.shell(name, "command -v nfs-ls || apt-get install -qy --no-install-recommends libnfs-utils")
    return name


@pytest.fixture(scope="module")
def knfsd(lab: Lab, server: str) -> bool:
    """Whether the server's kernel has an NFS server."""
    return lab.ssh(server, "sh -c 'grep -qw nfsd /proc/filesystems || modprobe -qn nfsd'").returncode == 0


@pytest.fixture(scope="module")
def service(knfsd: bool) -> str:
    return SERVICES["kernel" if knfsd else "ganesha"]


@pytest.fixture
def folder(lab: Lab, server: str) -> Iterator[str]:
    """A directory on the server in which everybody may write."""
    path = f"{EXPORT}/test-of-nfs"
    lab.shell(server, f"mkdir -m 0777 {path}; chmod 0777 {path}")
    yield path
    lab.inside(server, "rm", "-r", path)


def url(lab: Lab, server: str, path: str, **options: Any) -> str:
    words = "&".join(f"{key}={value}" for key, value in {"version": 4, **options}.items())
    return f"nfs://{lab.address(server)}{path}?{words}"


def write(lab: Lab, client: str, place: str) -> None:
    """Right after a start of the server it may take 90 s until something new can be opened."""
    lab.inside(client, "sh", "-c", "echo hello > /run/test-of-nfs")
    until(f"{place} to be written", lambda: "copied" in lab.inside(client, "nfs-cp", "/run/test-of-nfs", place), 100)


def listing(lab: Lab, client: str, server: str) -> subprocess.CompletedProcess[str]:
    return lab.ssh(client, f"timeout 20 nfs-ls '{url(lab, server, EXPORT)}'")


def run(lab: Lab, *arguments: str, check: bool = True, **extra: Any) -> Ran:
    return lab.play(*STORAGE, *arguments, check=check, **extra)


def test_preflight_says_which_one_serves_and_why(lab: Lab, server: str, knfsd: bool) -> None:
    lines = json.loads(lab.play("preflight", format="json").printed)
    assert [(line["host"], line["level"], line["text"]) for line in lines if line["check"] == "nfs"] == [
        (server, "ok", "served by the kernel's NFS server, since this kernel has one")
        if knfsd
        else (server, "ok", "served by NFS-Ganesha, since this kernel has no NFS server")
    ]


def test_it_runs_now_and_at_boot_and_nothing_is_left_to_do(lab: Lab, server: str, service: str) -> None:
    assert lab.inside(server, "systemctl", "is-active", service) == "active"
    assert lab.inside(server, "systemctl", "is-enabled", service) == "enabled"
    assert lab.inside(server, "systemctl", "is-system-running") == "running"
    assert run(lab).changed == 0
    assert run(lab, "--check", "--diff").changed == 0


def test_users_are_who_the_export_says(lab: Lab, server: str, client: str, folder: str) -> None:
    """Root, and the group root, are nobody; others are themselves."""
    for name, who in {
        "root": {},
        "user": {"uid": 1000, "gid": 1000},
        "group": {"uid": 1000, "gid": 0},
    }.items():
        write(lab, client, url(lab, server, f"{folder}/{name}", **who))
        assert lab.inside(client, "nfs-cat", url(lab, server, f"{folder}/{name}", **who)) == "hello"
    owners = lab.shell(server, f"cd {folder}; stat -c '%n %u:%g' *").splitlines()
    assert owners == ["group 1000:65534", "root 65534:65534", "user 1000:1000"]


def test_what_is_changed_beside_the_server_counts_at_once(lab: Lab, server: str, client: str, folder: str) -> None:
    write(lab, client, url(lab, server, f"{folder}/mine", uid=1000, gid=1000))
    place = url(lab, server, folder, uid=1000, gid=1000)
    assert "mine" in lab.inside(client, "nfs-ls", place)
    lab.inside(server, "mkdir", f"{folder}/new")
    assert "new" in lab.inside(client, "nfs-ls", place)
    lab.shell(server, f"chown root:root {folder}; chmod 0700 {folder}")
    assert "NFS4ERR_ACCESS" in lab.ssh(client, f"nfs-ls '{place}'").stdout


def test_changes_are_taken_over_without_a_restart(
    lab: Lab, server: str, client: str, service: str, folder: str
) -> None:
    start = ("systemctl", "show", "--property=InvocationID", service)
    before = lab.inside(server, *start)
    reader = {"path": EXPORT, "clients": [{"host": lab.address(client), "access": "ro"}]}
    assert run(lab, nfs_server_exports=[reader]).changed
    assert listing(lab, client, server).returncode == 0
    written = lab.ssh(client, f"nfs-cp /etc/hostname '{url(lab, server, f'{folder}/no')}'")
    assert "NFS4ERR_ROFS" in written.stderr, written
    assert run(lab, nfs_server_exports=[{**reader, "clients": [{"host": lab.address(server)}]}]).changed
    refused = listing(lab, client, server)
    assert refused.returncode not in (0, 124) and "NFS4ERR" in refused.stderr, refused
    assert run(lab).changed
    assert listing(lab, client, server).returncode == 0
    assert lab.inside(server, *start) == before


def test_what_somebody_stopped_or_changed_is_mended(
    lab: Lab, server: str, client: str, service: str, knfsd: bool
) -> None:
    lab.inside(server, "systemctl", "disable", "--now", service)
    if not knfsd:
        lab.shell(server, "echo '# by hand' >> /etc/ganesha/hydra.conf; echo > /etc/ganesha/exports.conf")
    told = lab.play("swarm-up", "--tags", "verify", "-e", "swarm_verify_timeout=5", check=False)
    assert f"NFS server {lab.address(server)} does not serve {EXPORT}" in told.said
    assert run(lab).changed > 0
    assert listing(lab, client, server).returncode == 0
    assert run(lab).changed == 0


def test_a_server_of_a_kernel_that_has_none_is_refused(lab: Lab, knfsd: bool) -> None:
    if knfsd:
        pytest.skip("this kernel has an NFS server")
    ran = lab.play("swarm-up", nfs_server_implementation="kernel", check=False)
    assert "Nothing was touched: 1 check(s) failed." in ran.said
    assert "this kernel has no NFS server (nfsd), and nfs_server_implementation is 'kernel'" in ran.said
    assert ran.changed == 0


def test_ganesha_refuses_what_it_would_serve_otherwise_than_the_kernel(lab: Lab, server: str, knfsd: bool) -> None:
    if knfsd:
        pytest.skip("NFS-Ganesha does not serve here")
    place = f"{EXPORT}/disk"
    lab.shell(server, f"mkdir {place}; mount -t tmpfs none {place}")
    try:
        ran = run(lab, check=False)
    finally:
        lab.shell(server, f"umount {place}; rmdir {place}")
    assert f"exports: {EXPORT}: {place} is a file system of its own, and NFS-Ganesha would serve it" in ran.said
    kerberos = [{"path": EXPORT, "clients": [{"host": lab.address(server)}], "security": "krb5"}]
    refused = run(lab, nfs_server_exports=kerberos, check=False)
    assert "NFS-Ganesha is set up without Kerberos" in refused.said and refused.changed == 0


def test_a_stack_with_a_volume_that_cannot_be_mounted_is_refused(lab: Lab, server: str, tmp_path: Path) -> None:
    if lab.ssh(server, "sh -c 'grep -qw nfs4 /proc/filesystems || modprobe -qn nfsv4'").returncode == 0:
        pytest.skip("this kernel has an NFS client")
    file = tmp_path / "web.yml"
    options = {"type": "nfs", "o": f"addr={lab.address(server)},nfsvers=4.2", "device": f":{EXPORT}"}
    services = {"web": {"image": "busybox", "volumes": ["data:/data"]}}
    file.write_text(json.dumps({"services": services, "volumes": {"data": {"driver_opts": options}}}))
    ran = lab.play("deploy-stack", stack="test-nfs", file=str(file), check=False)
    assert "volume data: no NFS client, and no storage that the nodes share with an NFS server is known" in ran.said
    assert ran.changed == 0
