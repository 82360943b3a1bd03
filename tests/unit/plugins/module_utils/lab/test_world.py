# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from ipaddress import IPv4Interface
from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import HydraError
from ansible_collections.hydra.swarm.plugins.module_utils.lab.servers import Guest, Lab, SeedFile
from ansible_collections.hydra.swarm.plugins.module_utils.lab.world import Servers, _packed

ONE = Guest("one", "127.0.0.1")


@pytest.fixture
def servers(tmp_path: Path) -> Servers:
    lab = Lab("lab", str(tmp_path), IPv4Interface("127.0.0.1/8"), "uml", 64)
    for name in ("id_ed25519", "host_ed25519"):
        (tmp_path / name).write_text("key\n")
        (tmp_path / f"{name}.pub").write_text("ssh-ed25519 AAAA lab\n")
    return Servers(lab, {"disk": "/disk.ext4", "kernel": f"{tmp_path}/the kernel/kernel"}, (os.getuid(), os.getgid()))


def test_a_kernel_that_starts_anew_has_nothing_open_from_before(servers: Servers, tmp_path: Path) -> None:
    """The recipe's starter is run for real, beside a program in the kernel's place that lists what it has open."""
    recipe = Path(__file__).resolve().parents[5] / "roles/lab_host/files/recipe/uml"
    (tmp_path / "the kernel").mkdir()
    shutil.copy(recipe / "start", tmp_path / "the kernel/kernel")
    stand_in = tmp_path / "the kernel/linux"
    stand_in.write_text("#!/bin/bash\necho $1; echo $LD_PRELOAD; echo $0; ls /proc/$$/fd | tr '\\n' ' '\n")
    stand_in.chmod(0o755)
    servers.create(ONE, [ONE])
    held = os.open("/dev/null", os.O_RDONLY)
    done = subprocess.run(
        [tmp_path / "one/kernel", "mem=1M"], pass_fds=[held], capture_output=True, text=True, check=True
    )
    os.close(held)
    word, preload, _program, opened = done.stdout.splitlines()
    assert (word, preload) == ("mem=1M", "./lib/xstate.so")
    assert str(held) not in opened.split()


def test_a_server_that_ends_at_once_is_told_with_its_last_words(servers: Servers, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one/console.log").write_text("Booting\nno such disk\n")
    ended = subprocess.Popen(["sh", "-c", "exit 3"])
    ended.wait()
    with pytest.raises(HydraError) as refused:
        servers.await_ssh(Guest("one", "127.0.0.1"), 5, ended)
    log = tmp_path / "one/console.log"
    assert str(refused.value) == f"server one ended with 3: Booting / no such disk (see {log})"


def test_a_seed_is_whole_blocks_and_a_users_folder_comes_before_its_files() -> None:
    packed = _packed(
        [SeedFile("home/ops/.ssh/authorized_keys", "key\n", 0o600, 1000), SeedFile("etc/hostname", "one\n")]
    )
    assert len(packed) % 512 == 0
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        entries = [(entry.name, oct(entry.mode), entry.uid) for entry in archive.getmembers()]
    assert entries == [
        ("home/ops/.ssh", "0o700", 1000),
        ("home/ops/.ssh/authorized_keys", "0o600", 1000),
        ("etc/hostname", "0o644", 0),
    ]
