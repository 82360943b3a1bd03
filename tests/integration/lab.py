# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's servers, driven as an operator drives real ones: playbooks over SSH; and looked at over SSH."""

from __future__ import annotations

import functools
import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

from harness import ROOT, Cluster

LAB = ROOT / "molecule/prod/inventory"
FOLDER = Path.home() / ".local/state/hydra-swarm-lab-test"


class Lab(Cluster):
    """The cluster of molecule/prod/inventory; its machines are servers, so C(inside) is a command over SSH, as root."""

    def __init__(self, *inventories: Path | str, extra: dict[str, Any] | None = None, **ignored: Any):
        super().__init__(*(inventories or (LAB,)), extra=extra)

    def but(self, *inventories: Path | str, **extra: Any) -> Lab:
        return Lab(*self.inventories, *inventories, extra={**self.extra, **extra})

    @functools.cached_property
    def machines(self) -> dict[str, dict[str, Any]]:
        """The variables of every server, by its name."""
        hosts = json.loads(self._run("ansible-inventory", *self._sources(), "--list").stdout)["_meta"]["hostvars"]
        return {host: {"host": host, **variables} for host, variables in hosts.items()}

    def _run(self, *command: str, check: bool = True, given: bytes | None = None, timeout: float = 1500) -> Any:
        """Servers are slower than containers."""
        return super()._run(*command, check=check, given=given, timeout=timeout)

    def address(self, name: str) -> str:
        return str(self.machines[name]["swarm_node_address"])

    def inside(self, machine: str, *command: str, check: bool = True) -> str:
        done = self.ssh(machine, shlex.join(command))
        if check and done.returncode != 0:
            raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
        return done.stdout.strip()

    def asked(self, machine: str, command: str) -> str:
        """The standard output of a command that Ansible runs there, by its own connection."""
        words = ["ansible", *self._sources(), "-e", json.dumps(self.extra), machine, "-m", "ansible.builtin.command"]
        return str(self._run(*words, "-a", command).stdout).partition(">>\n")[2].strip()

    def shell(self, machine: str, script: str) -> str:
        """The standard output of a script in a server's shell."""
        return self.inside(machine, "bash", "-euc", script)

    def pour(self, content: bytes, machine: str, *command: str) -> bytes:
        words = [*self._reach(machine), shlex.join(["sudo", "-n", *command])]
        return bytes(self._run(*words, given=content).stdout)

    def ssh(self, machine: str, command: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        words = [*self._reach(machine), f"sudo -n -- {command}"]
        return self._run(*words, check=False, timeout=timeout)

    @staticmethod
    def _reach(machine: str) -> list[str]:
        kept = ["-o", "ControlMaster=auto", "-o", f"ControlPath={FOLDER}/%n.ssh", "-o", "ControlPersist=20"]
        return ["ssh", "-F", f"{FOLDER}/ssh_config", "-o", "ConnectTimeout=5", *kept, machine]

    def close(self) -> None:
        """End the connections that are kept open."""
        for name in self.machines:
            subprocess.run([*self._reach(name), "-O", "exit"], capture_output=True, check=False)
