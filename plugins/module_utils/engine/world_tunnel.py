# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The engine inside a machine that is a container, asked from the control host.

One exec in the container passes bytes on to the engine's socket and stays open for all requests of a task. That takes a
tenth of what shipping the module and starting a Python for it takes.
"""

from __future__ import annotations

import http.client
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from ..common import linux
from ..common.errors import EngineError
from ..common.world_files import read
from . import world_sight
from .world import DEFAULT_SOCKET, Engine
from .world_sdk import connect, doing

# Copies what arrives on either side to the other one, until one of them ends. -I and -S spare it most of its start.
RELAY = """
import os, select, socket
engine = socket.socket(socket.AF_UNIX)
engine.connect("%s")
way = {0: engine.fileno(), engine.fileno(): 1}
while True:
    for end in select.select(list(way), [], [])[0]:
        data = os.read(end, 65536)
        if not data:
            raise SystemExit
        while data:
            data = data[os.write(way[end], data):]
"""
# The files that it is called with, as JSON.
TEXTS = """
import json, os, sys
found = {}
for path in sys.argv[1:]:
    try:
        with open(path.replace("{release}", os.uname().release), encoding="utf-8", errors="replace") as stream:
            found[path] = stream.read()
    except OSError:
        pass
print(json.dumps(found))
"""
# The answers of several such programs, each with arguments of its own, since starting an exec takes more than they do.
SEVERAL = """
import io, json, sys
out, said = sys.stdout, []
for program, *words in json.loads(sys.argv[1]):
    sys.argv, sys.stdout = ["", *words], io.StringIO()
    exec(program, {"__name__": "__main__"})
    said.append(json.loads(sys.stdout.getvalue()))
print(json.dumps(said), file=out)
"""
# What is in the folder that it is called with, as JSON.
NAMES = """
import json, os, sys
try:
    print(json.dumps(sorted(os.listdir(sys.argv[1]))))
except OSError:
    print("[]")
"""


ATTEMPTS = 3


class _Output(io.RawIOBase):
    """What an exec writes to its standard output; each piece comes behind 8 bytes that say of which stream it is."""

    def __init__(self, raw: Any):
        self._raw, self._left, self.complaint = raw, 0, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            header = self._exactly(8)
            if not header:
                if self.complaint:
                    raise ConnectionError(self.complaint.decode(errors="replace").strip().splitlines()[-1])
                return 0
            length = int.from_bytes(header[4:], "big")
            if header[0] == 1:
                self._left = length
            else:
                self.complaint += self._exactly(length)
        piece = self._raw.read(min(self._left, len(buffer)))
        buffer[: len(piece)] = piece
        self._left -= len(piece)
        return len(piece)

    def _exactly(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            piece = self._raw.read(count - len(found))
            if not piece:
                return b""
            found += piece
        return found


class Conversation:
    """A program in a machine, and as much of a socket as an HTTP connection needs, of what the SDK returns for it."""

    def __init__(self, client: Any, machine: str, command: list[str], timeout: float):
        task = client.exec_create(machine, command, stdin=True)
        self._raw = client.exec_start(task["Id"], socket=True)
        self._socket = getattr(self._raw, "_sock", self._raw)
        self._socket.settimeout(timeout)

    def sendall(self, data: bytes) -> None:
        self._socket.sendall(data)

    def makefile(self, *_mode: Any) -> io.BufferedReader:
        return io.BufferedReader(_Output(self._raw))

    def close(self) -> None:
        self._raw.close()


class _Connection(http.client.HTTPConnection):
    def __init__(self, client: Any, machine: str, timeout: float):
        super().__init__("localhost", timeout=timeout)
        self._client, self._machine = client, machine

    def connect(self) -> None:
        with doing(f"{self._machine}: asking its engine"):
            command = ["python3", "-ISc", RELAY % DEFAULT_SOCKET]
            self.sock: Any = Conversation(self._client, self._machine, command, self.timeout or 60)


class TunnelledEngine(Engine):
    """Requests to the engine in the container C(machine) of this host's engine."""

    def __init__(self, machine: str, timeout: float = 60):
        super().__init__(f"{machine}:{DEFAULT_SOCKET}", timeout)
        self._machine, self._client = machine, connect()
        self._tunnel = _Connection(self._client, machine, timeout)

    @contextmanager
    def _connection(self) -> Iterator[http.client.HTTPConnection]:
        """The one that is kept open; after an error the next request opens another."""
        try:
            yield self._tunnel
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._tunnel.close()

    def reaches(self, host: str, port: int, seconds: float) -> bool:
        return self._run("timeout", f"{seconds:g}", "bash", "-c", 'exec 3<>"/dev/tcp/$0/$1"', host, str(port))[0] == 0

    def texts(self, paths: Iterable[str]) -> dict[str, str]:
        found: dict[str, str] = self._answer("reading files", TEXTS, *paths)
        return found

    def names(self, folder: str) -> list[str]:
        found: list[str] = self._answer(f"listing {folder}", NAMES, folder)
        return found

    def survey(self, paths: Iterable[str], root: str, program: ModuleType | None) -> list[Any]:
        looks = [[read(program.__file__ or "")]] if program else []
        programs = [[TEXTS, *paths], [read(world_sight.__file__), root], *looks]
        found: list[Any] = self._answer("looking around", SEVERAL, json.dumps(programs))
        return found if program else [*found, {}]

    def look(self, program: ModuleType, *arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = self._answer("looking around", read(program.__file__ or ""), *arguments)
        return found

    def routes(self) -> str:
        return self._run("cat", linux.ROUTES)[1]

    def _answer(self, doing_what: str, program: str, *arguments: str) -> Any:
        """The JSON that a program prints which only reads.

        Under load an engine can lose what a command wrote, though not how it ended; then it is asked again.
        """
        for _attempt in range(ATTEMPTS):
            code, output = self._run("python3", "-ISc", program, *arguments)
            if code:
                raise EngineError(f"{self._machine}: {doing_what} ended with {code}")
            if output:
                return json.loads(output)
        raise EngineError(f"{self._machine}: {doing_what} gave no answer, {ATTEMPTS} times")

    def _run(self, *command: str) -> tuple[int, str]:
        with doing(self._machine):
            task = self._client.exec_create(self._machine, list(command), stderr=False)
            output = self._client.exec_start(task["Id"]).decode(errors="replace")
            return self._client.exec_inspect(task["Id"])["ExitCode"], output
