# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.machine import network_faults, world_network

A, B = "127.0.0.1", "127.0.0.3"
Serve = Callable[[str, int], int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A name server at that address that answers with a code; all have one port."""
    sockets: list[socket.socket] = []

    def start(address: str, code: int) -> int:
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind((address, sockets[0].getsockname()[1] if sockets else 0))
        sockets.append(server)

        def answer() -> None:
            with contextlib.suppress(OSError):
                while True:
                    asked, who = server.recvfrom(512)
                    assert b"\x07chimera\x04node\x00\x00\x01\x00\x01" in asked
                    server.sendto(b"xx" + asked[2:], who)  # somebody else's
                    server.sendto(asked[:2] + bytes([0x81, 0x80 | code]) + asked[4:], who)

        threading.Thread(target=answer, daemon=True).start()
        return int(server.getsockname()[1])

    yield start
    for server in sockets:
        server.close()


@pytest.mark.parametrize(
    ("codes", "found"),
    [
        ({A: 0}, {A: 0}),
        ({A: 3}, {A: 3}),
        ({A: 5, B: 5}, {A: 5, B: 5}),
        ({B: 0}, {B: 0}),  # nobody is at the first
    ],
)
def test_name_servers_are_asked_until_one_serves(serve: Serve, codes: dict[str, int], found: dict[str, int]) -> None:
    ports = {serve(address, code) for address, code in codes.items()}
    (port,) = ports
    servers = [A, B] if len(codes) > 1 or B in codes else [A]
    assert world_network.ask(servers, "chimera.node", port, 3) == found


def test_one_that_is_silent_is_missing() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((A, 0))
        assert world_network.ask([A, "no address"], "chimera", silent.getsockname()[1], 0.3) == {}


def test_which_servers_a_resolver_asks() -> None:
    text = "# nameserver 10.0.0.9\nsearch a\nnameserver 10.0.0.1\nnameserver\n nameserver fe80::1%eth0 \nnameserver 3\nnameserver 4\n"
    assert world_network.nameservers(text) == ["10.0.0.1", "fe80::1%eth0", "3"]


def test_as_a_program_it_needs_nothing_of_ours() -> None:
    done = subprocess.run(
        [sys.executable, "-ISc", Path(world_network.__file__).read_text(encoding="utf-8")],
        capture_output=True,
        text=True,
        check=True,
    )
    look = json.loads(done.stdout)
    assert set(look) == set(world_network.look())
    network_faults.faults(look)
