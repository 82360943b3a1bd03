# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A lab of user-mode Linux where that cannot run: for this one run, this computer's shared memory holds no programs. As root."""

from __future__ import annotations

import subprocess
from pathlib import Path

from harness import ROOT
from lab import Lab

NAME = "lab-trial"
NOWHERE = 'mount -t tmpfs -o noexec none /dev/shm && exec "$@"'


def test_it_is_told_in_one_line_before_anything_is_made(tmp_path: Path) -> None:
    lab = Lab("kernel").but(
        lab_folder=str(tmp_path / "lab"),
        lab_host_name=NAME,
        lab_host_gateway="172.27.8.1/24",
        lab_host_guests=[{"name": "one", "address": "172.27.8.10"}],
    )
    words = ["unshare", "--mount", "sh", "-c", NOWHERE, "sh", *lab.command("lab-up")]
    done = subprocess.run(
        words, cwd=ROOT, env=lab.environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode != 0
    assert (
        "FAILED [localhost]: user-mode Linux does not run on this computer; its kernel says: "
        "/dev/shm must be not mounted noexec. Another kind of server runs here: lab_host_backend=container\n"
    ) in done.stdout
    assert not (tmp_path / "lab").exists()
    assert subprocess.run(["ip", "link", "show", NAME], capture_output=True, check=False).returncode != 0
