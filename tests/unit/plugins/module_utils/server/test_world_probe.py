# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.server.world_probe import TIMED_OUT, Probe

A, B = "127.0.0.2", "127.0.0.3"


@pytest.fixture
def free() -> list[str]:
    """Ports that are free on both addresses."""
    ports = []
    for kind, protocol in ((socket.SOCK_STREAM, "tcp"), (socket.SOCK_DGRAM, "udp")):
        with socket.socket(socket.AF_INET, kind) as one:
            one.bind((A, 0))
            ports.append(f"{one.getsockname()[1]}/{protocol}")
    return ports


def peer(address: str, ports: list[str], in_use: tuple[str, ...] = (), mtu: int = 0) -> dict[str, Any]:
    return {"name": address, "address": address, "ports": ports, "in_use": list(in_use), "mtu": mtu}


def together(*probes: Probe) -> list[dict[str, Any]]:
    results: dict[int, dict[str, Any]] = {}
    threads = [
        threading.Thread(target=lambda at=at: results.update({at: probes[at].run()})) for at in range(len(probes))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[at] for at in range(len(probes))]


def test_two_servers_reach_each_other(free: list[str]) -> None:
    one = Probe(A, free, [peer(B, free)], [B], 10, 3)
    two = Probe(B, free, [peer(A, free)], [A], 10, 3)
    for result, other in zip(together(one, two), (B, A), strict=True):
        assert result["reached"] == [{"peer": other, "port": port, "size": 0, "ok": True, "error": ""} for port in free]
        assert (result["not_listening"], result["seconds"] < 5) == ({}, True)


def test_large_datagrams_are_tried_on_the_port_of_vxlan() -> None:
    ports = ["4789/udp"]
    results = together(
        Probe(A, ports, [peer(B, ports, mtu=1500)], [B], 10, 3), Probe(B, ports, [peer(A, ports, mtu=1500)], [A], 10, 3)
    )
    for result in results:
        assert result["not_listening"] or [(one["size"], one["ok"]) for one in result["reached"]] == [
            (0, True),
            (1472, True),
        ]


def test_a_server_that_does_not_take_part_is_waited_for_and_named(free: list[str]) -> None:
    result = Probe(A, [], [peer(B, free)], [], 0.6, 3).run()
    assert [(one["ok"], one["error"]) for one in result["reached"]] == [(False, "refused (nothing listens there)")] * 2
    assert 0.5 < result["seconds"] < 2


def test_of_a_server_that_takes_part_a_port_is_not_waited_for_long(free: list[str]) -> None:
    tcp, udp = free
    one = Probe(A, [udp], [peer(B, [udp])], [B], 20, 0.5)
    two = Probe(B, [udp], [peer(A, [tcp, udp])], [A], 20, 0.5)
    result = together(one, two)[1]
    assert [(one["port"], one["ok"]) for one in result["reached"]] == [(tcp, False), (udp, True)]
    assert result["seconds"] < 5


def test_what_listens_there_already_is_only_connected_to() -> None:
    with socket.create_server((B, 0)) as server:
        port = f"{server.getsockname()[1]}/tcp"
        result = Probe(A, [], [peer(B, [port], (port,))], [], 10, 3).run()
    assert [one["ok"] for one in result["reached"]] == [True]


def test_a_port_that_cannot_be_listened_on_is_said() -> None:
    with socket.create_server((A, 0)) as server:
        port = f"{server.getsockname()[1]}/tcp"
        assert Probe(A, [port], [], [B], 0.2, 0.2).run()["not_listening"] == {port: "Address already in use"}


def test_silence_is_a_firewall_perhaps() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((B, 0))
        port = f"{silent.getsockname()[1]}/udp"
        result = Probe(A, [], [peer(B, [port], (port,))], [], 10, 0.3).run()
    assert result["reached"] == [{"peer": B, "port": port, "size": 0, "ok": False, "error": TIMED_OUT}]


def test_strangers_get_no_answer() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((A, 0))
        port = one.getsockname()[1]
    probe = Probe(A, [f"{port}/udp"], [], [B], 0.6, 0.6)
    thread = threading.Thread(target=probe.run)
    thread.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.4", 0))
        stranger.settimeout(0.3)
        stranger.sendto(b"hydra.swarm probe", (A, port))
        with pytest.raises((TimeoutError, ConnectionError)):
            stranger.recv(100)
    thread.join()
