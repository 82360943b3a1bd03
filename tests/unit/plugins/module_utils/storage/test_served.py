# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the words of NFS clients mean, as nfs-ls and mount.nfs4 really say them; and the script, in a real shell."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.storage import served

SERVER = "172.30.0.5"
CLOSED = 'Failed to opendir("") opendir call failed with "NFS4: (path /) failed with NFS4ERR_ACCESS(-13)"'
NO_ENTRY = "Failed to mount nfs share : mount_cb: NFS4: (path /exports/b) failed with NFS4ERR_NOENT(-2)"
# What is mounted is a directory inside a closed one: the engine could not mount it either.
BEHIND = "Failed to mount nfs share : mount_cb: NFS4: (path /exports/b/c) failed with NFS4ERR_ACCESS(-13)"
NO_SERVICE = "Failed to mount nfs share : nfs_service failed"
MOUNT = "mount.nfs4: mounting 172.30.0.5:/exports/b failed, reason given by server: No such file or directory"


@pytest.mark.parametrize(
    ("said", "reasons"),
    [
        (["0"], []),
        (["0", "0"], []),
        ([f"10 {CLOSED} "], []),
        (["0", f"254 {NO_ENTRY} "], [f"/exports/b: {NO_ENTRY.replace('(path /exports/b) ', '')}"]),
        (["0", f"243 {BEHIND}"], [f"/exports/b: {BEHIND.replace('(path /exports/b/c) ', '')}"]),
        ([f"251 {NO_SERVICE}", f"251 {NO_SERVICE}"], [f"/exports/a, /exports/b: {NO_SERVICE}"]),
        (["0", f"32 {MOUNT}"], [f"/exports/b: {MOUNT}"]),
        ([f"10 {CLOSED}", f"254 {NO_ENTRY}"], [f"/exports/b: {NO_ENTRY.replace('(path /exports/b) ', '')}"]),
        # Nobody else was asked after it.
        (["0", "124"], ["/exports/b: no answer within 7 s"]),
        (["124"], ["/exports/a, /exports/b: no answer within 7 s"]),
        # The port alone was tried.
        (["1 connect: Connection refused"], ["/exports/a, /exports/b: connect: Connection refused"]),
        (["0", "3"], ["/exports/b: exit status 3"]),
    ],
)
def test_what_an_answer_means(said: list[str], reasons: list[str]) -> None:
    printed = "".join(f"hydra-nfs {line}\n" for line in said)
    found = served.unserved(SERVER, ["/exports/a", "/exports/b"], 7, f"a banner of the shell's\n{printed}")
    assert found == [f"NFS server {SERVER} does not serve {reason}" for reason in reasons]


def test_a_shell_that_could_not_ask_is_quoted() -> None:
    assert served.unserved(SERVER, ["/exports/a"], 7, "sudo: a password is\nrequired\n") == [
        f"NFS server {SERVER} does not serve /exports/a: sudo: a password is required"
    ]


def test_no_paths_are_no_question() -> None:
    assert served.unserved(SERVER, [], 7, "") == []


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with all that the script calls, but for clients of NFS."""
    for name in ("sh", "bash", "timeout", "sleep"):
        real = next(path for path in (Path(f"/bin/{name}"), Path(f"/usr/bin/{name}")) if path.exists())
        (tmp_path / name).symlink_to(real)
    return tmp_path


def asked(folder: Path, paths: list[str], seconds: int = 20, server: str = SERVER) -> list[str]:
    script = served.question(server, paths, seconds)
    done = subprocess.run(
        [str(folder / "sh"), "-c", script],
        env={**os.environ, "PATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return served.unserved(server, paths, seconds, done.stdout)


def client(folder: Path, script: str) -> None:
    (folder / "nfs-ls").write_text(f"#!{folder}/sh\n{script}\n", encoding="utf-8")
    (folder / "nfs-ls").chmod(0o755)


def test_what_a_path_is_made_of_reaches_the_client_as_it_is(programs: Path) -> None:
    client(programs, 'echo "for $1" >&2; exit 1')
    paths = ["/exports/it's a $(test)", "/exports/*"]
    assert asked(programs, paths) == [
        f"NFS server {SERVER} does not serve /exports/it's a $(test): for nfs://{SERVER}/exports/it%27s%20a%20%24%28test%29?version=4",
        f"NFS server {SERVER} does not serve /exports/*: for nfs://{SERVER}/exports/%2A?version=4",
    ]


def test_what_is_listed_is_not_what_is_said(programs: Path) -> None:
    client(programs, "echo 'drwx------ 2 0 0 4096 Failed to opendir'")
    assert asked(programs, ["/exports/a"]) == []


def test_after_one_that_does_not_answer_no_other_is_asked(programs: Path) -> None:
    client(programs, f'echo "$1" >> {programs}/asked; exec sleep 30')
    assert asked(programs, ["/exports/a", "/exports/b"], seconds=1) == [
        f"NFS server {SERVER} does not serve /exports/a, /exports/b: no answer within 1 s"
    ]
    assert len((programs / "asked").read_text().splitlines()) == 1


def test_without_a_client_the_port_is_tried(programs: Path) -> None:
    (sentence,) = asked(programs, ["/exports/a", "/exports/b"], server="127.9.9.9")
    assert sentence.startswith("NFS server 127.9.9.9 does not serve /exports/a, /exports/b: ")
    assert "Connection refused" in sentence


@pytest.mark.parametrize("lies", ["1/2049; echo > {0}; <", "$(echo > {0})", "`echo > {0}`", "' ; echo > {0} '"])
def test_an_address_that_is_none_is_no_command(programs: Path, lies: str) -> None:
    canary = programs / "canary"
    asked(programs, ["/exports/a"], server=lies.format(canary))
    client(programs, 'echo "for $1" >&2; exit 1')
    asked(programs, ["/exports/a"], server=lies.format(canary))
    assert not canary.exists()
