# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Students' storage on a server whose file system has quotas (molecule/kernel/prepare.yml made it), as tasks see it over NFS."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator

import pytest
from lab import Lab

MIB = 2**20


@pytest.fixture
def bob(lab: Lab) -> Iterator[str]:
    """His directory on the NFS server, which may hold 8 MiB."""
    lab.play("student-volume", student="bob", project="ml", quota="8m", student_volume_quota_required="true")
    yield "/exports/student-volumes/bob/ml"
    for name in lab.names:
        lab.inside(name, "docker", "volume", "rm", "--force", "bob.ml", check=False)
    lab.inside(lab.names[0], "rm", "-rf", "/exports/student-volumes/bob")


@pytest.fixture
def write(lab: Lab, bob: str, tiny: str) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A container on a server that writes so many MiB into a file of bob's storage, all the way to the NFS server."""

    own = lab.inside(lab.names[0], "stat", "-c", "%u", bob)

    def run(server: str, file: str, size: int) -> subprocess.CompletedProcess[str]:
        words = f"busybox dd if=/dev/zero of=/data/{file} bs={MIB} count={size} conv=fsync"
        return lab.ssh(server, f"docker run --rm --user {own} -v bob.ml:/data {tiny} {words}")

    return run


def test_a_quota_holds_on_every_server_together(
    lab: Lab, bob: str, write: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    first = write("chimera", "one", 5)
    assert first.returncode == 0, first.stderr
    second = write("hydra", "two", 5)
    assert second.returncode != 0 and "quota exceeded" in second.stderr, second.stderr
    held = int(lab.inside(lab.names[0], "du", "-s", "--block-size=1", bob).split()[0])
    assert 5 * MIB <= held <= 8.1 * MIB
