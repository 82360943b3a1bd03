# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A Docker Engine of the tests' own, beside that of this computer, which nobody else is bothered by.

It has its own data, its own containerd name space and its own network stack, since two engines would fight over iptables.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from pathlib import Path

from harness import descendants, until

SUDO = [] if os.geteuid() == 0 else ["sudo", "--preserve-env"]


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


class PrivateEngine:
    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hydra-test-engine-"))
        self.host = f"unix://{self.folder}/docker.sock"
        # Holds the network stack while the engine is down.
        self.holder = subprocess.Popen([*SUDO, "unshare", "--net", "sleep", "infinity"], start_new_session=True)
        until("a network stack of its own", lambda: self._network() != Path("/proc/self/ns/net").readlink(), 10)
        # What runs with this before it sees that network stack.
        self.stack = [*SUDO, "nsenter", f"--net=/proc/{self.holder.pid}/ns/net"]
        subprocess.run([*self.stack, "ip", "link", "set", "lo", "up"], check=True)
        self.start()

    def _network(self) -> Path:
        return Path(f"/proc/{self.holder.pid}/ns/net").readlink()

    def start(self) -> None:
        log = open(self.folder / "log", "ab")  # noqa: SIM115  # the engine keeps it open
        self.daemon = subprocess.Popen(
            [
                *(*self.stack, "dockerd", "--host", self.host),
                *("--data-root", f"{self.folder}/data", "--exec-root", f"{self.folder}/exec"),
                *("--pidfile", f"{self.folder}/pid", "--bridge", "none"),
                *("--containerd-namespace", "hydra-test", "--containerd-plugins-namespace", "hydra-test-plugins"),
            ],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        until("the second engine to answer", self.answers, 60)

    def answers(self) -> bool:
        assert self.daemon.poll() is None, (self.folder / "log").read_text()[-2000:]
        asked = subprocess.run(["docker", "--host", self.host, "version"], capture_output=True, check=False)
        return asked.returncode == 0

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        containerd = Path("/proc", (self.folder / "exec/containerd/containerd.pid").read_text().strip())
        subprocess.run([*SUDO, "kill", f"-{how.value}", (self.folder / "pid").read_text().strip()], check=True)
        self.daemon.wait(timeout=90)
        # It dies with the engine, and until it is gone the next one would take it for alive.
        until("its containerd to be gone", lambda: not containerd.exists(), 30)

    def power_failure(self) -> None:
        """Everything ends at once, the containers too."""
        address = f"{self.folder}/exec/containerd/containerd.sock".encode()
        shims = [int(p.parent.name) for p in Path("/proc").glob("[0-9]*/cmdline") if address in read(p).split(b"\0")]
        doomed = [pid for shim in shims for pid in (shim, *descendants(shim))]
        self.stop(signal.SIGKILL)
        subprocess.run([*SUDO, "kill", "-KILL", *map(str, doomed)], check=False, capture_output=True)

    def load(self, image: str) -> None:
        """Give it an image that this computer's engine has."""
        save = subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE)
        subprocess.run(
            ["docker", "--host", self.host, "load", "-q"], stdin=save.stdout, check=True, capture_output=True
        )
        assert save.wait() == 0

    def remove(self) -> None:
        there = ["docker", "--host", self.host]
        containers = subprocess.run([*there, "ps", "-aq"], capture_output=True, text=True, check=False).stdout.split()
        if containers:
            subprocess.run([*there, "rm", "--force", *containers], check=False, capture_output=True)
        self.stop()
        os.killpg(self.holder.pid, signal.SIGTERM)
        self.holder.wait()
        # An engine mounts its data directory onto itself.
        subprocess.run([*SUDO, "umount", "--lazy", str(self.folder / "data")], check=False, capture_output=True)
        subprocess.run([*SUDO, "rm", "-rf", str(self.folder)], check=True)
