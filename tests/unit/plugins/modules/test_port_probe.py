# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two probes on this computer's loopback are in test_world_probe.py; here is what the module takes and refuses."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.modules import port_probe


def free() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_a_peer_that_does_not_listen_is_found_out(call: Any) -> None:
    port = f"{free()}/tcp"
    peer = {"name": "chimera", "address": "127.0.0.1", "ports": [port]}
    result = call(port_probe, address="127.0.0.1", peers=[peer], timeout=0.5, grace=0.1)
    (reached,) = result["reached"]
    assert (result["changed"], reached["peer"], reached["port"], reached["ok"]) == (False, "chimera", port, False)
    assert reached["error"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"address": "hydra"}, "'hydra' is not an IPv4 address: write four numbers like 192.0.2.10"),
        ({"listen": ["2377"]}, "port '2377': write a number and tcp or udp, like 7946/udp"),
        ({"listen": ["70000/tcp"]}, "port '70000/tcp': write a number and tcp or udp, like 7946/udp"),
        (
            {"peers": [{"name": "c", "address": "::1", "ports": []}]},
            "'::1' is not an IPv4 address: write four numbers like 192.0.2.10",
        ),
        (
            {"peers": [{"name": "c", "address": "127.0.0.1", "ports": ["x/udp"]}]},
            "port 'x/udp': write a number and tcp or udp, like 7946/udp",
        ),
    ],
)
def test_what_is_refused(call: Any, arguments: dict[str, Any], said: str) -> None:
    assert call(port_probe, **{"address": "127.0.0.1", **arguments})["msg"] == said
