# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A backup, and the way back from it: over a swarm that lives, and from nothing at all. In the order of the file."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness import Cluster, Ran, until
from images import Images

STACK, SERVICE = "kept", "kept_web"
IMAGE = "hydra-test/kept:1"
HOMES = "/exports/student-volumes"
SHOWS = f"cd {HOMES} && find . -printf '%p %U:%G %m %s\\n' | sort && cat ada/ml/data"
# Secrets, one after the other, for as long as the copy takes; each number is written once its secret is there.
ENOUGH = "/run/hydra-test-enough"
BUSY = f"i=0; while [ ! -e {ENOUGH} ] && docker secret create load$i /etc/hostname >/dev/null && echo $i; do i=$((i + 1)); done"


class Kept:
    """What was copied, and where the archive is."""

    def __init__(self, cluster: Cluster, folder: Path, nfs: str):
        self.cluster, self.folder, self.nfs = cluster, folder, nfs
        self.key = folder / "key.txt"
        self.before: dict[str, Any] = {}
        self.acknowledged = 0

    @property
    def archive(self) -> Path:
        (found,) = self.folder.glob("*.backup.tar")
        return found

    def docker(self, *command: str) -> str:
        return self.cluster.inside(self.cluster.names[0], "docker", *command)

    def state(self) -> dict[str, Any]:
        """All that is to be there again, but for the secrets that came while it was copied."""
        secrets = self.docker("secret", "ls", "--format", "{{.Name}} {{.ID}}").splitlines()
        networks = self.docker("network", "ls", "--filter", "driver=overlay", "--format", "{{.Name}} {{.ID}}")
        return {
            "swarm": self.cluster.swarm_id(),
            "token": self.docker("swarm", "join-token", "-q", "worker"),
            "secrets": sorted(line for line in secrets if not line.startswith("load")),
            "configs": self.docker("config", "ls", "--format", "{{.Name}} {{.ID}}"),
            "service": json.loads(self.docker("service", "inspect", SERVICE))[0]["ID"],
            "networks": sorted(networks.splitlines()),
            "labels": {name: node.labels for name, node in self.cluster.nodes().items()},
            "data": self.cluster.inside(self.nfs, "sh", "-c", SHOWS),
        }

    def restore(self, archive: Path | None = None, check: bool = True, **extra: Any) -> Ran:
        given = {"restore_from": str(archive or self.archive), "backup_key": str(self.key), **extra}
        return self.cluster.play("restore", check=check, **given)

    def loaded(self) -> list[int]:
        names = self.docker("secret", "ls", "--filter", "name=load", "--format", "{{.Name}}").split()
        return sorted(int(name.removeprefix("load")) for name in names)


@pytest.fixture(scope="module")
def kept(cluster: Cluster, images: Images, nfs: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A stack with a config, a secret and a replica on each worker; a student's data; and a backup, made under load."""
    folder = tmp_path_factory.mktemp("backup")
    made = Kept(cluster, folder, nfs)
    manager = cluster.names[0]
    made.key.write_text(cluster.inside(manager, "age-keygen") + "\n")
    images.stand_in(IMAGE, ports="80")
    for name in ("site", "password"):
        (folder / name).write_text(f"the {name} of {STACK}")
    service = {
        "image": IMAGE,
        "configs": ["site"],
        "secrets": ["password"],
        "deploy": {"mode": "global", "placement": {"constraints": ["node.role == worker"]}},
    }
    document = {"services": {"web": service}}
    document |= {kind: {name: {"file": f"./{name}"}} for kind, name in (("configs", "site"), ("secrets", "password"))}
    (folder / "stack.yml").write_text(yaml.safe_dump({"version": "3.8", **document}))
    cluster.play("deploy-stack", stack=STACK, file=str(folder / "stack.yml"))
    cluster.inside(
        nfs, "sh", "-ec",
        f"mkdir -p {HOMES}/ada/ml; cd {HOMES}/ada/ml; echo kept > data; ln -s data link; chown -hR 70001:70001 .; chmod 700 .; chmod 4640 data",
    )  # fmt: skip
    made.before = made.state()
    command = ["docker", "exec", manager, "sh", "-c", BUSY]
    busy = subprocess.Popen(command, env=cluster.environment, stdout=subprocess.PIPE, text=True)
    try:
        assert busy.stdout
        for line in busy.stdout:
            made.acknowledged = int(line)
            if made.acknowledged >= 20:
                break
        ran = cluster.make("backup", f"TO={folder}", f"KEYFILE={made.key}")
        assert busy.poll() is None, "the swarm took no more secrets while it was copied"
    finally:
        cluster.inside(manager, "touch", ENOUGH)
        busy.communicate(timeout=60)
        cluster.inside(manager, "rm", ENOUGH)
    assert re.search(r"The manager's engine stood still for [\d.]+ s", ran.said)
    assert f"make restore FROM={made.archive}" in ran.said
    yield made
    with contextlib.suppress(AssertionError):
        cluster.play("remove-stack", stack=STACK)
    cluster.inside(
        manager, "sh", "-c", "docker secret ls -q --filter name=load | xargs -r docker secret rm", check=False
    )
    cluster.inside(nfs, "rm", "-rf", f"{HOMES}/ada")


def test_the_archive_is_sealed_and_its_owners_alone(kept: Kept) -> None:
    assert kept.archive.stat().st_mode & 0o777 == 0o600
    content = kept.archive.read_bytes()
    for secret in (b"the password of kept", b"ada/ml", b"AGE-SECRET-KEY", b"-----BEGIN"):
        assert secret not in content
    assert b"age-encryption.org/v1" in content
    # Nothing is left where it was made.
    assert sorted(path.name for path in kept.folder.iterdir()) == sorted(
        ["key.txt", "stack.yml", "site", "password", kept.archive.name]
    )
    for machine in (kept.cluster.names[0], kept.nfs):
        assert kept.cluster.inside(machine, "find", "/var/tmp", "/tmp", "-name", "*hydra-backup*") == ""


def test_the_status_says_how_old_it_is(kept: Kept) -> None:
    assert re.search(r"Last backup: (less than a minute|\d+ minutes?) ago", kept.cluster.make("swarm-status").said)


def test_what_is_no_archive_of_this_cluster_is_refused(kept: Kept, tmp_path: Path) -> None:
    content = kept.archive.read_bytes()
    damaged = bytearray(content)
    damaged[content.index(b"age-encryption.org/v1") + 300] ^= 1
    tries = {
        "damaged": (bytes(damaged), "does not have the checksum"),
        "cut": (content[: len(content) // 2], "cut off"),
    }
    newer = content.replace(b'"format": 1', b'"format": 9')
    tries["newer"] = (newer, "made by a later version of this project")
    for name, (bytes_, words) in tries.items():
        (tmp_path / name).write_bytes(bytes_)
        ran = kept.restore(tmp_path / name, check=False, confirm="yes")
        assert (ran.status != 0, ran.changed) == (True, 0)
        assert words in ran.said, name
    foreign = kept.cluster.but(dind_cluster_name="another")
    ran = foreign.play("restore", check=False, restore_from=str(kept.archive), backup_key=str(kept.key), confirm="yes")
    assert "and this inventory is of cluster another" in ran.said and ran.changed == 0
    assert kept.state() == kept.before


def test_what_lives_is_not_overwritten(kept: Kept) -> None:
    ran = kept.restore(check=False)
    assert "Nothing was touched: hydra is in a swarm (state active, ID: the same); nfs has data in" in ran.said
    assert (ran.changed, kept.state()) == (0, kept.before)


def test_a_key_that_does_not_fit_opens_nothing(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(kept.cluster.inside(kept.cluster.names[0], "age-keygen") + "\n")
    ran = kept.restore(check=False, backup_key=str(tmp_path / "key"), confirm="yes")
    assert "this key does not open the archive" in ran.said and "AGE-SECRET" not in ran.output
    assert kept.state() == kept.before


def test_a_swarm_goes_back_to_what_it_was_and_its_workers_return(kept: Kept) -> None:
    """By force, while it lives: what came after the backup is gone, and no worker has to join."""
    ids = {name: node.id for name, node in kept.cluster.nodes().items()}
    kept.cluster.inside(kept.cluster.names[0], "sh", "-c", "echo x | docker secret create later -")
    ran = kept.restore(confirm="yes")
    assert kept.state() == kept.before
    assert {name: node.id for name, node in kept.cluster.nodes().items()} == ids
    assert "Join the swarm" not in ran.said
    loaded = kept.loaded()
    # Of a moment: all that was acknowledged before, and nothing without what came before it.
    assert loaded == list(range(len(loaded))) and len(loaded) > kept.acknowledged


def test_everything_comes_back_from_nothing(kept: Kept) -> None:
    """No machine is left, and no data but the archive."""
    kept.cluster.play("swarm-clean", confirm="yes", dind_cluster_keep_image=True)
    ran = kept.restore()
    assert kept.state() == kept.before
    assert "The swarm is up." in ran.said
    assert len(kept.loaded()) > kept.acknowledged
    kept.cluster.heals()
    until("its tasks to run", lambda: sorted(kept.cluster.tasks(SERVICE)) == sorted(kept.cluster.names[1:]))
    ((node, container), *_others) = kept.cluster.tasks(SERVICE).items()
    read = ("docker", "exec", container, "cat", "/run/secrets/password")
    assert kept.cluster.inside(node, *read) == f"the password of {STACK}"
    assert kept.cluster.play("swarm-up").changed == 0
