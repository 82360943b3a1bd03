# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One C(docker save), read once and written to the engines of many nodes at the same time.

The slowest node sets the pace, so that what waits in memory is bounded; one that takes nothing for too long, or dies,
is given up and named, and the others go on.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import queue
import select
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..common.errors import EngineError
from . import world_receiver
from .stream import Piece, Sieve

CHUNK = 1 << 20
WAITING = 8  # parts of the archive that wait for one node
REACH = 2  # seconds in which a node on this computer accepts a connection
NO_CLI = "the docker command line is missing on the control host: install the package docker-cli (or docker.io)"


@dataclass(frozen=True)
class Target:
    """A node, its address, and the layers it can do without; without an address standard input is used."""

    node: str
    address: str = ""
    skip: frozenset[str] = frozenset()


@dataclass
class Outcome:
    """What became of one node."""

    ids: list[str] = field(default_factory=list)
    trouble: str = ""
    stuck: bool = False  # whether it was given up, so that trying again would take as long
    sent: Counter[str | None] = field(default_factory=Counter)  # bytes of each layer


class Receiver:
    """One node that reads the archive, through a connection where this computer reaches it, else through a pipe."""

    def __init__(self, target: Target, names: list[str], patience: float):
        self.target, self.outcome = target, Outcome()
        self._patience = patience
        self._waiting: queue.Queue[list[memoryview] | None] = queue.Queue(WAITING)
        command = ["python3", "-c", inspect.getsource(world_receiver), target.address or "127.0.0.1", *names]
        try:
            self._process: Any = subprocess.Popen(
                ["docker", "exec", "-i", target.node, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except FileNotFoundError as error:
            raise EngineError(NO_CLI) from error
        self._socket: socket.socket | None = None
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._writer.start()

    @property
    def alive(self) -> bool:
        return not self.outcome.trouble and self._process.poll() is None

    def offer(self, pieces: list[Piece]) -> None:
        """Hand it the next part of the archive; give it up if it takes none for too long."""
        wanted = []
        for layer, piece in pieces:
            if layer not in self.target.skip:
                self.outcome.sent[layer] += len(piece)
                wanted.append(piece)
        if wanted:
            self._put(wanted)

    def finish(self) -> None:
        """Wait until it has loaded what it got."""
        self._put(None)
        try:
            self._process.wait(self._patience)
        except subprocess.TimeoutExpired:
            self.give_up(f"not done within {self._patience:g} s")
        if self.outcome.trouble:
            return
        printed = self._process.stdout.read().decode(errors="replace").splitlines()
        complained = self._process.stderr.read().decode(errors="replace").strip()
        try:
            answer = json.loads(printed[-1])
            self.outcome.trouble, self.outcome.ids = answer.get("error", ""), answer.get("ids", [])
        except (IndexError, ValueError, AttributeError):
            # The last line of a traceback, or of what docker itself says, is the one that tells.
            status = f"ended with status {self._process.returncode}"
            self.outcome.trouble = complained.rpartition("\n")[2] or status

    def close(self) -> None:
        """Break off whatever is still going on."""
        if self._socket:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(None)

    def give_up(self, why: str) -> None:
        self.outcome.trouble, self.outcome.stuck = self.outcome.trouble or why, True
        self.close()

    def _put(self, wanted: list[memoryview] | None) -> None:
        try:
            if self.alive:
                self._waiting.put(wanted, timeout=self._patience)
        except queue.Full:
            self.give_up(f"took nothing for {self._patience:g} s")

    def _write(self) -> None:
        try:
            write, end = self._connected()
            while pieces := self._waiting.get():
                for piece in pieces:
                    write(piece)
            end()
        except (OSError, ValueError):
            # It ended before the archive did, and says why. Whoever waits to hand over more must not.
            while self._process.poll() is None or not self._waiting.empty():
                with contextlib.suppress(queue.Empty):
                    self._waiting.get(timeout=0.1)

    def _connected(self) -> tuple[Callable[[memoryview], object], Callable[[], object]]:
        """How to write to the node, and how to end it."""
        pipe, printed = self._process.stdin, self._process.stdout
        port, asked, answered = printed.readline().split()
        connection = self._reach(int(port), asked, answered) if self.target.address else None
        pipe.write(b"tcp\n" if connection else b"pipe\n")
        pipe.flush()
        if connection is None:
            return pipe.write, pipe.close
        self._socket = connection

        def end() -> None:
            connection.shutdown(socket.SHUT_WR)
            pipe.write(b"end\n")
            pipe.close()

        return connection.sendall, end

    def _reach(self, port: int, asked: bytes, answered: bytes) -> socket.socket | None:
        """A connection to the node, if it is the one that was started and nobody else at that address."""
        try:
            connection = socket.create_connection((self.target.address, port), REACH)
        except OSError:
            return None
        with contextlib.suppress(OSError):
            connection.sendall(asked)
            if connection.recv(len(answered), socket.MSG_WAITALL) == answered:
                connection.settimeout(None)
                return connection
        connection.close()
        return None


def pour(
    source: Iterable[bytes],
    layers: Iterable[tuple[str, ...]],
    targets: Iterable[Target],
    names: list[str],
    patience: float,
) -> dict[str, Outcome]:
    """Send an archive of images with these layers to every target; what became of each node, with the IDs of names."""
    receivers: list[Receiver] = []
    try:
        for target in targets:
            receivers.append(Receiver(target, names, patience))
        sieve = Sieve(layers)
        for chunk in source:
            pieces = list(sieve.feed(chunk))
            for receiver in receivers:
                receiver.offer(pieces)
            if not any(receiver.alive for receiver in receivers):
                break
        for receiver in receivers:
            receiver.finish()
        return {receiver.target.node: receiver.outcome for receiver in receivers}
    finally:
        for receiver in receivers:
            receiver.close()


def archive(client: Any, names: list[str], patience: float) -> Iterator[bytes]:
    """What C(docker save NAMES) writes; layers that images share are in it once."""
    import requests
    import urllib3

    what = f"docker save {' '.join(names)}"
    try:
        # The SDK's own function saves one image only.
        url = f"{client.base_url}/v{client.api_version}/images/get"
        with client.get(url, params={"names": names}, stream=True, timeout=(patience, patience)) as response:
            if response.status_code >= 400:
                raise EngineError(f"{what}: {response.text.strip()}", response.status_code)
            while chunk := response.raw.read(CHUNK):
                yield chunk
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise EngineError(f"{what}: {error}") from error


def archive_of(node: str, names: list[str], patience: float) -> Iterator[bytes]:
    """The same of the engine in a node."""
    what = f"{node}: docker save {' '.join(names)}"
    command = ["docker", "exec", node, "docker", "save", *names]
    pipe = subprocess.PIPE
    process: Any = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe)
    try:
        while select.select([process.stdout], [], [], patience)[0]:
            if chunk := os.read(process.stdout.fileno(), CHUNK):
                yield chunk
                continue
            complained = process.stderr.read().decode(errors="replace").strip()
            if process.wait(patience):
                raise EngineError(f"{what}: {complained.rpartition(chr(10))[2] or process.returncode}")
            return
        raise EngineError(f"{what}: nothing came for {patience:g} s")
    finally:
        process.kill()
        process.wait()
