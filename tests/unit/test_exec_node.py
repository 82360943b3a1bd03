# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A shell on a node is reached as Ansible reaches it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOSTS = {
    "hydra": {
        "gate": "gate.example.edu",
        "ansible_host": "192.0.2.10",
        "ansible_user": "ops",
        "ansible_port": 2222,
        "ansible_ssh_private_key_file": "/keys/of ops",
        "ansible_ssh_common_args": "-o 'ProxyCommand=ssh -W %h:%p {{ gate }}'",
        "ansible_ssh_extra_args": "-v",
    },
    "chimera": {"swarm_node_name": "chimera-node"},
    "inside": {"ansible_connection": "community.docker.docker", "swarm_node_name": "inside-node"},
}
AS_OPS = ["-l", "ops", "-p", "2222", "-i", "/keys/of ops"]


@pytest.mark.parametrize(
    ("arguments", "reached"),
    [
        (
            ["--node=hydra", "--command=docker ps"],
            ["ssh", "-o", "ProxyCommand=ssh -W %h:%p gate.example.edu", "-v", *AS_OPS, "--", "192.0.2.10", "docker ps"],
        ),
        (["--node=chimera-node"], ["ssh", "--", "chimera", "bash"]),
        # What its shell does is asked for by naming that shell.
        (
            ["--node=chimera", "--command=sh -c 'ls | wc' ; $HOME"],
            ["ssh", "--", "chimera", "sh -c 'ls | wc' ';' '$HOME'"],
        ),
        (["--node=inside"], ["docker", "exec", "-i", "--", "inside-node", "bash"]),
        (["--node=inside", "--command=ls -l ';x'"], ["docker", "exec", "-i", "--", "inside-node", "ls", "-l", ";x"]),
    ],
)
def test_the_way_in(tmp_path: Path, arguments: list[str], reached: list[str]) -> None:
    for program in ("ssh", "docker"):
        path = tmp_path / program
        path.write_text(f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(['{program}', *sys.argv[1:]]))\n")
        path.chmod(0o755)
    inventory = tmp_path / "hosts.json"
    inventory.write_text(json.dumps({"all": {"hosts": HOSTS}}))
    path = f"{tmp_path}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    ran = subprocess.run(
        [sys.executable, ROOT / "scripts/exec-node", f"--inventory={inventory}", *arguments],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert json.loads(ran.stdout) == reached
