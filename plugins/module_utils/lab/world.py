# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A lab's servers on this computer: their files, and the processes that they are."""

from __future__ import annotations

import contextlib
import io
import os
import select
import shlex
import shutil
import signal
import socket
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..common.errors import HydraError
from ..common.world_wait import until
from .kinds import KINDS
from .servers import Guest, Lab, SeedFile, command, known_hosts, resolvers, seed, ssh_config

RESOLV_CONF = ("/etc/resolv.conf", "/run/systemd/resolve/resolv.conf")


def has_kvm() -> bool:
    """Whether root, who starts the servers, may use it."""
    return os.access("/dev/kvm", os.R_OK | os.W_OK) if os.geteuid() == 0 else os.path.exists("/dev/kvm")


def processor_flags() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2] for line in lines if line.startswith("flags")), "")


def kind_there(folder: Path) -> str:
    """Which kind of lab is there: what was noted before it was made, else what its files show; empty, there is none."""
    with contextlib.suppress(OSError):
        noted = (folder / "kind").read_text(encoding="utf-8").strip()
        if noted in KINDS:
            return noted
    made = [path.parent for path in folder.glob("*/seed.tar")]
    return "" if not made else "uml" if any((server / "kernel").exists() for server in made) else "qemu"


def name_servers() -> tuple[str, ...]:
    return resolvers(Path(path).read_text(encoding="utf-8") for path in RESOLV_CONF if Path(path).exists())


class Servers:
    """The servers of one lab, by their names. Whoever calls runs as root; keys go to C(owner), who uses them."""

    def __init__(self, lab: Lab, base: Mapping[str, str], owner: tuple[int, int]):
        self.lab, self.base, self.owner = lab, base, owner
        self.folder = Path(lab.folder)

    def process(self, name: str) -> int:
        """The ID of the server's process, the first of its group; 0 if it does not run."""
        mark = self.lab.mark(name).encode()
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            pid = int(entry.parent.name)
            with contextlib.suppress(OSError):
                # qemu gets the kernel's command line in one word.
                if mark in entry.read_bytes().replace(b" ", b"\0").split(b"\0") and os.getpgid(pid) == pid:
                    return pid
        return 0

    def neighbours(self) -> bool:
        """Whether servers of another lab run, which may have been started from the same disks."""
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                words = entry.read_bytes().decode(errors="replace").replace("\0", " ").split()
                if any(w.startswith("hydra.lab=") and not w.startswith(self.lab.mark("")) for w in words):
                    return True
        return False

    def look(self, guest: Guest) -> Guest:
        """The server as it is."""
        made = (self.folder / guest.name / "seed.tar").exists()
        state = "running" if self.process(guest.name) else "stopped" if made else "absent"
        return Guest(guest.name, guest.address, state)

    def others(self, names: Iterable[str]) -> list[str]:
        """Servers that have files here and are not among C(names)."""
        return sorted({path.parent.name for path in self.folder.glob("*/seed.tar")} - set(names))

    def write_shared(self, guests: list[Guest]) -> None:
        """Keys, and what ssh has to know."""
        for name in ("id_ed25519", "host_ed25519"):
            if not (self.folder / name).exists():
                self._run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", str(self.folder / name))
        public = (self.folder / "host_ed25519.pub").read_text(encoding="utf-8")
        for name, text in {
            "ssh_config": ssh_config(self.lab.folder, guests),
            "known_hosts": known_hosts(guests, {guest.name: public for guest in guests}),
        }.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        for name in ("id_ed25519", "ssh_config", "known_hosts"):
            os.chown(self.folder / name, *self.owner)

    def create(self, guest: Guest, guests: list[Guest]) -> None:
        folder = self.folder / guest.name
        folder.mkdir(exist_ok=True)
        if self.lab.backend == "qemu":
            self._run(
                "qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", self.base["disk"],
                str(folder / "disk.qcow2"),
            )  # fmt: skip
        else:
            # The server stays with this kernel, as with the disk that it comes with, also when another is built.
            (folder / "kernel").unlink(missing_ok=True)
            (folder / "kernel").symlink_to(self.base["kernel"])
        keys = {
            "authorized": (self.folder / "id_ed25519.pub").read_text(encoding="utf-8"),
            "host": (self.folder / "host_ed25519").read_text(encoding="utf-8"),
            "host_public": (self.folder / "host_ed25519.pub").read_text(encoding="utf-8"),
        }
        # Last, and in one step: a server with this file is whole.
        partial = folder / "seed.partial"
        partial.write_bytes(_packed(seed(self.lab, guest, guests, keys)))
        partial.chmod(0o600)
        partial.rename(folder / "seed.tar")

    def start(self, guest: Guest) -> subprocess.Popen[bytes]:
        (self.folder / "uml").mkdir(exist_ok=True)
        log = self.folder / guest.name / "console.log"
        made = (self.folder / guest.name / "disk.cow").exists()
        base = {**self.base, "disk": "" if made else self.base.get("disk", "")}
        with log.open("ab") as output:
            try:
                # A group of its own, and nothing of ours held open, or who reads our output waits for the server's end.
                return subprocess.Popen(
                    command(self.lab, guest, base),
                    cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                )  # fmt: skip
            except FileNotFoundError as error:
                raise HydraError(
                    f"{error.filename} is not on this computer: install it, or choose another backend"
                ) from None

    @staticmethod
    def greets(guest: Guest, way: str = "") -> bool:
        """Whether SSH answers: a server that is starting refuses the connection, or takes it and says nothing.

        C(way) is the command that leads there, if its address does not.
        """
        if way:
            return _greets_through(shlex.split(way))
        try:
            with socket.create_connection((guest.address, 22), timeout=2) as connection:
                return connection.recv(64).startswith(b"SSH-")
        except OSError:
            return False

    def await_ssh(self, guest: Guest, seconds: float, process: subprocess.Popen[bytes] | None) -> None:
        """C(process) is what was just started, if anything was; its end is told at once."""

        def observe() -> tuple[bool | None, str]:
            if process and process.poll() is not None:
                log = self.folder / guest.name / "console.log"
                last = " / ".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:])
                raise HydraError(f"server {guest.name} ended with {process.returncode}: {last} (see {log})")
            return (True, "") if self.greets(guest) else (None, "no greeting on port 22")

        until(f"ssh on {guest.name} ({guest.address})", observe, seconds, interval=0.3)

    def stop(self, name: str) -> None:
        pid = self.process(name)
        if pid:
            os.killpg(pid, signal.SIGKILL)
            until(f"server {name} to end", lambda: (None if self.process(name) else True, "it runs"), 30)

    def remove(self, name: str) -> None:
        shutil.rmtree(self.folder / name)

    def _run(self, *command: str) -> None:
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise HydraError(f"{command[0]} is not on this computer: install it") from None
        if done.returncode != 0:
            raise HydraError(f"{command[0]}: {done.stderr.strip()}")


def _greets_through(way: list[str]) -> bool:
    pipe = subprocess.PIPE
    try:
        with subprocess.Popen(way, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:
            out = process.stdout.fileno() if process.stdout else -1
            said = os.read(out, 64) if select.select([out], [], [], 5)[0] else b""
            process.kill()
            return said.startswith(b"SSH-")
    except OSError:
        return False


def _packed(files: Iterable[SeedFile]) -> bytes:
    """The files as an archive that a disk can be: whole blocks of 512 bytes; a user's directory before its files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for file in files:
            if file.owner:
                folder = tarfile.TarInfo(file.path.rpartition("/")[0])
                folder.type, folder.mode, folder.uid, folder.gid = tarfile.DIRTYPE, 0o700, file.owner, file.owner
                archive.addfile(folder)
            content = file.content.encode()
            entry = tarfile.TarInfo(file.path)
            entry.size, entry.mode, entry.uid, entry.gid = len(content), file.mode, file.owner, file.owner
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
