# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The only manager loses its swarm, and the NFS server its data: both come back from a backup, over SSH and as root by sudo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import Lab

HOMES = "/exports/student-volumes"
SHOWS = f"cd {HOMES} && find . -printf '%p %U:%G %m\\n' | sort && cat ada/ml/data"


@pytest.fixture
def kept(lab: Lab) -> Iterator[str]:
    """The manager, with a secret and a student's data."""
    manager = lab.names[0]
    make = f"mkdir -p {HOMES}/ada/ml; cd {HOMES}/ada/ml; echo kept > data; chown -R 70001:70001 .; chmod 2700 ."
    lab.inside(manager, "sh", "-ec", f"echo hush | docker secret create kept - >/dev/null; {make}")
    yield manager
    lab.inside(manager, "sh", "-c", f"docker secret rm kept; rm -r {HOMES}/ada", check=False)


def test_a_manager_that_lost_everything_is_restored(lab: Lab, kept: str, tmp_path: Path) -> None:
    # The program that makes keys comes with the one that seals; here the control host need not have it.
    lab.inside(kept, "sh", "-c", "command -v age-keygen || apt-get install -yq age")
    key = tmp_path / "key.txt"
    key.write_text(lab.inside(kept, "age-keygen") + "\n")
    ids = {name: node.id for name, node in lab.nodes().items()}
    swarm, data = lab.swarm_id(), lab.inside(kept, "sh", "-c", SHOWS)
    public = re.findall(r"public key: (age1\w+)", key.read_text())
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text(f"swarm_backup_recipients: {public}\n")
    (tmp_path / "more.yml").write_text("all: {}\n")
    lab.but(tmp_path / "more.yml").play("backup", backup_to=str(tmp_path), backup_keep=3)
    (archive,) = tmp_path.glob("*.backup.tar")
    assert archive.stat().st_mode & 0o777 == 0o600
    assert lab.inside(kept, "find", "/var/tmp", "/tmp", "-name", "*hydra-backup*") == ""

    lab.inside(kept, "sh", "-c", f"docker swarm leave --force; find {HOMES} /exports/openwebui -mindepth 1 -delete")
    said = lab.play("restore", restore_from=str(archive), backup_key=str(key)).said
    assert "The swarm is up." in said and "Join the swarm" not in said
    assert (lab.swarm_id(), {name: node.id for name, node in lab.nodes().items()}) == (swarm, ids)
    assert "kept" in lab.inside(kept, "docker", "secret", "ls", "--format", "{{.Name}}").split()
    assert lab.inside(kept, "sh", "-c", SHOWS) == data
    lab.assert_healthy()
