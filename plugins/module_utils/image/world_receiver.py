# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What runs in a node to load an archive of images: C(python3 -c SOURCE ADDRESS IMAGE...), the source of this file.

It needs nothing but the standard library. It listens on the node's own address, since a connection there takes a third
of the work that standard input through C(docker exec) does, and prints the port and two secrets: whoever connects sends
the first and gets the second, so that both know who the other is. The first line of standard input then says where the
archive comes from: C(tcp), that connection, or C(pipe), standard input. At the end it prints, as JSON, the IDs of the
images, or what went wrong.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import select
import socket
import sys
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

ENGINE = "/var/run/docker.sock"
CHUNK = 1 << 20


class Engine(http.client.HTTPConnection):
    """The node's engine."""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(ENGINE)


def greeted(listener: socket.socket, asked: bytes, answered: bytes) -> socket.socket | None:
    """The next connection, if it is from whoever started this."""
    connection, _address = listener.accept()
    connection.settimeout(10)
    try:
        if connection.recv(len(asked), socket.MSG_WAITALL) == asked:
            connection.sendall(answered)
            connection.settimeout(None)
            return connection
    except OSError:
        pass
    connection.close()
    return None


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def archive(listener: socket.socket) -> Callable[[memoryview], int]:
    """Where the archive comes from, as something to read it from."""
    asked, answered = secrets.token_hex(16), secrets.token_hex(16)
    say(f"{listener.getsockname()[1]} {asked} {answered}")
    pipe = sys.stdin.fileno()
    connection = None
    while True:
        ready, _writable, _failing = select.select([listener, pipe], [], [], 60)
        if listener in ready:
            connection = greeted(listener, asked.encode(), answered.encode()) or connection
            continue
        word = first_line(pipe) if ready else b""
        if word == b"tcp\n" and connection:
            return partial(received, connection, pipe)
        if word == b"pipe\n":
            return lambda part: os.readv(pipe, [part])
        raise OSError("nobody sends an archive")


def received(connection: socket.socket, pipe: int, part: memoryview) -> int:
    """How much came; none is the end only if standard input says so."""
    count = connection.recv_into(part)
    if not count and first_line(pipe) != b"end\n":
        raise OSError("the archive broke off")
    return count


def first_line(pipe: int) -> bytes:
    """What comes before the archive, byte by byte, since the rest is to be read elsewhere."""
    word = b""
    while not word.endswith(b"\n") and (byte := os.read(pipe, 1)):
        word += byte
    return word


def sent(engine: socket.socket, *parts: bytes | memoryview) -> bool:
    """Whether the engine took it; if it has had enough, its answer says why."""
    try:
        for part in parts:
            engine.sendall(part)
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def load(read_into: Callable[[memoryview], int]) -> str:
    """Send what comes to the engine; returns what it complained of."""
    engine = Engine("localhost")
    engine.putrequest("POST", "/images/load?quiet=1")
    engine.putheader("Content-Type", "application/x-tar")
    engine.putheader("Transfer-Encoding", "chunked")
    engine.endheaders()
    part = memoryview(bytearray(CHUNK))
    while count := read_into(part):
        if not sent(engine.sock, b"%x\r\n" % count, part[:count], b"\r\n"):
            break
    else:
        sent(engine.sock, b"0\r\n\r\n")
    response = engine.getresponse()
    lines = [line for line in response.read().decode(errors="replace").splitlines() if line.strip()]
    for line in lines:
        told = json.loads(line)
        if response.status >= 400 or "error" in told:
            return str(told.get("error") or told.get("message") or line)
    return "" if response.status < 400 else f"status {response.status}"


def image_id(name: str) -> str:
    engine = Engine("localhost")
    engine.request("GET", f"/images/{quote(name)}/json")
    answer = json.loads(engine.getresponse().read())
    if "Id" not in answer:
        raise OSError(f"{name} is not there after loading it: {answer.get('message')}")
    return str(answer["Id"])


def main(address: str, *names: str) -> None:
    try:
        with socket.create_server((address, 0)) as listener:
            read_into = archive(listener)
        trouble = load(read_into)
        say(json.dumps({"error": trouble} if trouble else {"ids": [image_id(name) for name in names]}))
    except (OSError, ValueError, http.client.HTTPException) as error:
        say(json.dumps({"error": f"{type(error).__name__}: {error}"}))


if __name__ == "__main__":
    main(*sys.argv[1:])
