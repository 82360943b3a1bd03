# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's servers, driven as an operator drives real ones: playbooks over SSH; and looked at over SSH."""

from __future__ import annotations

import functools
import json
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness import ROOT, Cluster

# A shell, a web server and a client in 2 MB, from a package of the servers' own release.
PACK = """
cd "$(mktemp -d)"
apt-get download -q busybox-static >&2 || { apt-get update -q >&2; apt-get download -q busybox-static >&2; }
dpkg-deb -x busybox-static_*.deb unpacked
mkdir -p bin www
cp "$(find unpacked -type f -path '*/bin/busybox')" bin/busybox
for applet in sh httpd wget sleep cat env hostname ls; do ln -s busybox "bin/$applet"; done
tar -c bin www | docker import --change 'ENV PATH=/bin' - hydra-test/tiny:1 >&2
rm -r "$PWD"
docker save hydra-test/tiny:1
"""


class Lab(Cluster):
    """The servers of a scenario; C(inside) is a command over SSH, as root."""

    def __init__(self, scenario: str, *inventories: Path | str, extra: dict[str, Any] | None = None):
        super().__init__(*(inventories or (ROOT / f"molecule/{scenario}/inventory",)), extra=extra)
        self.scenario = scenario
        self.folder = Path.home() / f".local/state/hydra-swarm-lab-{scenario}"

    def but(self, *inventories: Path | str, **extra: Any) -> Lab:
        return Lab(self.scenario, *self.inventories, *inventories, extra={**self.extra, **extra})

    def with_swarm(self) -> Lab:
        """Itself, with the swarm on its servers, made if it is not there yet."""
        assert "running" in self.play("lab-status").output, (
            f"the lab is not up: scripts/molecule create {self.scenario}"
        )
        if self.ssh(self.names[0], "docker node ls").returncode != 0:
            self.play("swarm-up")
        return self

    @contextmanager
    def tiny(self) -> Iterator[str]:
        """ID of an image with a shell, a web server and a client, on every server; no registry is asked for an ID."""
        first, *others = self.names
        packed = self.pour(b"", first, "bash", "-euc", PACK)
        for name in others:
            self.pour(packed, name, "docker", "load", "-q")
        yield self.inside(first, "docker", "image", "inspect", "--format", "{{.Id}}", "hydra-test/tiny:1")
        for name in self.names:
            self.inside(name, "docker", "image", "rm", "--force", "hydra-test/tiny:1", check=False)

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

    def _reach(self, machine: str) -> list[str]:
        kept = ["-o", "ControlMaster=auto", "-o", f"ControlPath={self.folder}/%n.ssh", "-o", "ControlPersist=20"]
        return ["ssh", "-F", f"{self.folder}/ssh_config", "-o", "ConnectTimeout=5", *kept, machine]

    def close(self) -> None:
        """End the connections that are kept open."""
        for name in self.machines:
            subprocess.run([*self._reach(name), "-O", "exit"], capture_output=True, check=False)
