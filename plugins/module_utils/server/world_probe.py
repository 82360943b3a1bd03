# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tries whether servers reach each other's ports, each of them doing its part at the same time.

Every server listens on those of its ports that are free, on its own address alone, and connects to the others. It ends
as soon as it reached all of them and was reached by all, or when no more is to be expected.
"""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..common.ports import VXLAN

PAUSE = 0.2  # seconds between two attempts
PATIENCE = 1.5  # seconds one attempt to connect may take
LINGER = 0.5  # seconds in which a peer whose answer was lost may ask again
MAGIC = b"hydra.swarm probe"
ANSWER = b"hydra.swarm answer"
HEADERS, LARGEST = 28, 65507  # of IPv4 and UDP; what one datagram can carry
# Linux, <linux/in.h>: send with "do not fragment", whatever was learned of the path before.
IP_MTU_DISCOVER, IP_PMTUDISC_PROBE = 10, 3
REASONS = {
    errno.ECONNREFUSED: "refused (nothing listens there)",
    errno.EHOSTUNREACH: "no route to that host (a firewall that rejects, or a wrong address?)",
    errno.ENETUNREACH: "no route to that network",
    errno.EACCES: "forbidden by this host's own firewall",
    errno.EPERM: "forbidden by this host's own firewall",
}
TIMED_OUT = "timed out (a firewall?)"


@dataclass
class Target:
    """One port of a peer, served by its own probe or by what is C(in_use) there.

    C(size) is that of the datagrams sent to it, for a path that drops large ones.
    """

    peer: str
    address: str
    port: str
    in_use: bool = False
    size: int = 0
    reached: bool = False
    error: str = TIMED_OUT
    due: float = 0
    until: float = 0
    link: socket.socket | None = None

    @property
    def where(self) -> tuple[str, int]:
        return self.address, int(self.port.partition("/")[0])


@dataclass
class Probe:
    """One server's part; C(grace) is how long a port may take once its server has shown that it is at it, too."""

    address: str
    listen: Sequence[str]
    peers: Sequence[Mapping[str, Any]]
    expected: Sequence[str]
    timeout: float
    grace: float
    targets: list[Target] = field(default_factory=list)
    awaited: set[tuple[str, str, bool]] = field(default_factory=set)  # who has not come to which port, with how much
    met: dict[str, float] = field(default_factory=dict)  # address -> when it was first heard of
    trouble: dict[str, str] = field(default_factory=dict)  # ports that could not be listened on

    def run(self) -> dict[str, Any]:
        self.selector = selectors.DefaultSelector()
        self.start = start = time.monotonic()
        try:
            self._open()
            while time.monotonic() - start < self.timeout and self._pending():
                self._attempt()
                self._look()
            end = time.monotonic() + LINGER
            while self.expected and time.monotonic() < end:
                self._look()
        finally:
            for key in list((self.selector.get_map() or {}).values()):
                self._close(key.fileobj)
            self.selector.close()
        return {
            "reached": [
                {"peer": t.peer, "port": t.port, "size": t.size, "ok": t.reached, "error": "" if t.reached else t.error}
                for t in self.targets
            ],
            "not_listening": dict(self.trouble),
            "seconds": round(time.monotonic() - start, 2),
        }

    def _look(self) -> None:
        for key, _events in self.selector.select(PAUSE / 4):
            key.data[0](key.fileobj, *key.data[1:])

    def _open(self) -> None:
        for port in self.listen:
            try:
                self._listen(port)
            except OSError as error:
                self.trouble[port] = os.strerror(error.errno or 0)
        for peer in self.peers:
            for port in peer["ports"]:
                in_use = port in peer["in_use"]
                self.targets.append(Target(peer["name"], peer["address"], port, in_use))
                if port == VXLAN and peer["mtu"]:
                    size = min(peer["mtu"] - HEADERS, LARGEST)
                    self.targets.append(Target(peer["name"], peer["address"], port, in_use, size))
        for port in (port for port in self.listen if port not in self.trouble):
            kinds = (False, True) if port == VXLAN else (False,)
            self.awaited |= {(address, port, large) for address in self.expected for large in kinds}

    def _listen(self, port: str) -> None:
        number, _sign, protocol = port.partition("/")
        kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
        server = socket.socket(socket.AF_INET, kind)
        server.setblocking(False)
        try:
            if protocol == "tcp":
                # Connections of the last run may still be winding down.
                server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((self.address, int(number)))
            if protocol == "tcp":
                server.listen(64)
        except OSError:
            server.close()
            raise
        self.selector.register(server, selectors.EVENT_READ, (self._accept if protocol == "tcp" else self._echo, port))

    def _accept(self, server: socket.socket, port: str) -> None:
        try:
            link, (address, _port) = server.accept()
        except OSError:
            return
        link.close()
        self._came(address, port, False)

    def _echo(self, server: socket.socket, port: str) -> None:
        try:
            data, where = server.recvfrom(65535)
            if data.startswith(MAGIC) and where[0] in self.expected:
                server.sendto(ANSWER + str(len(data)).encode(), where)
                self._came(where[0], port, len(data) > len(MAGIC))
        except OSError:
            return

    def _came(self, address: str, port: str, large: bool) -> None:
        self.met.setdefault(address, time.monotonic())
        self.awaited.discard((address, port, large))

    def _pending(self) -> bool:
        """Whether something may still come: from a server that is at it, too, only for a while."""
        now = time.monotonic()
        since = [
            self.start if target.in_use else self.met.get(target.address, now)
            for target in self.targets
            if not target.reached
        ]
        since += [self.met.get(address, now) for address, _port, _large in self.awaited]
        return any(now - moment < self.grace for moment in since)

    def _attempt(self) -> None:
        now = time.monotonic()
        for target in self.targets:
            if target.reached or now < target.due:
                continue
            if target.link is not None and target.port.endswith("/tcp"):
                if now < target.until:
                    continue
                self._failed(target, TIMED_OUT)
            self._send(target) if target.port.endswith("/udp") else self._connect(target)

    def _connect(self, target: Target) -> None:
        link = self._socket(target, socket.SOCK_STREAM)
        if link is None:
            return
        target.until = time.monotonic() + PATIENCE
        code = link.connect_ex(target.where)
        if code not in (0, errno.EINPROGRESS):
            link.close()
            self._failed(target, REASONS.get(code, os.strerror(code)))
            return
        target.link = link
        self.selector.register(link, selectors.EVENT_WRITE, (self._connected, target))

    def _connected(self, link: socket.socket, target: Target) -> None:
        code = link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            self._failed(target, REASONS.get(code, os.strerror(code)))
        else:
            self._done(target)

    def _send(self, target: Target) -> None:
        if target.link is None:
            target.link = self._socket(target, socket.SOCK_DGRAM)
            if target.link is None:
                return
            if target.size:
                target.link.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE)
            target.link.connect(target.where)
            self.selector.register(target.link, selectors.EVENT_READ, (self._answered, target))
        target.due = time.monotonic() + PAUSE
        try:
            target.link.send(MAGIC.ljust(target.size or len(MAGIC)))
        except OSError as error:
            target.error = REASONS.get(error.errno or 0, os.strerror(error.errno or 0))

    def _answered(self, link: socket.socket, target: Target) -> None:
        try:
            data = link.recv(2048)
        except OSError as error:  # what came back instead is that nobody listens (yet)
            target.error = REASONS.get(error.errno or 0, os.strerror(error.errno or 0))
            return
        if data.startswith(ANSWER):
            self._done(target)

    def _socket(self, target: Target, kind: socket.SocketKind) -> socket.socket | None:
        link = socket.socket(socket.AF_INET, kind)
        link.setblocking(False)
        try:
            link.bind((self.address, 0))
        except OSError as error:
            link.close()
            self._failed(target, f"{self.address}: {os.strerror(error.errno or 0)}")
            return None
        return link

    def _done(self, target: Target) -> None:
        target.reached = True
        if not target.in_use:
            self.met.setdefault(target.address, time.monotonic())
        self._drop(target)

    def _failed(self, target: Target, error: str) -> None:
        target.error, target.due = error, time.monotonic() + PAUSE
        self._drop(target)

    def _drop(self, target: Target) -> None:
        if target.link is not None:
            self._close(target.link)
            target.link = None

    def _close(self, link: Any) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self.selector.unregister(link)
        link.close()
