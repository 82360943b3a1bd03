# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.server import probe

SERVERS = [
    {"host": "hydra", "name": "hydra", "address": "192.0.2.10", "role": "manager", "nfs": True},
    {"host": "chimera", "name": "chimera", "address": "192.0.2.20", "role": "worker", "nfs": False},
    {"host": "store", "name": "store", "address": "192.0.2.30", "role": "", "nfs": True},
]


def seen(swarm: str = "", mtu: int = 1500, interface: str = "eth0", **ports: str) -> dict[str, Any]:
    taken = [{"port": port.replace("_", "/")[1:], "program": program} for port, program in ports.items()]
    return {"host": {"address": {"interface": interface, "mtu": mtu}, "ports": taken, "engine": {"swarm": swarm}}}


BARE = {"hydra": seen(), "chimera": seen(mtu=1400), "store": seen()}
NOTHING = {"address": "", "listen": [], "peers": [], "expected": []}


def peer(name: str, address: str, ports: list[str], in_use: tuple[str, ...] = (), mtu: int = 1500) -> dict[str, Any]:
    return {"name": name, "address": address, "ports": ports, "in_use": list(in_use), "mtu": mtu}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (
            "hydra",
            {
                "address": "192.0.2.10",
                "listen": ["2377/tcp", "7946/tcp", "7946/udp", "4789/udp", "2049/tcp"],
                "peers": [
                    peer("chimera", "192.0.2.20", ["7946/tcp", "7946/udp", "4789/udp"], mtu=1400),
                    peer("store", "192.0.2.30", ["2049/tcp"]),
                ],
                "expected": ["192.0.2.20"],
            },
        ),
        (
            "store",
            {"address": "192.0.2.30", "listen": ["2049/tcp"], "peers": [], "expected": ["192.0.2.10", "192.0.2.20"]},
        ),
        ("nobody", NOTHING),
    ],
)
def test_bare_servers(host: str, expected: dict[str, Any]) -> None:
    assert probe.task(SERVERS, BARE, host) == expected


TAKEN = {"p7946_tcp": "dockerd", "p7946_udp": "dockerd", "p4789_udp": ""}
CONVERGED = {
    "hydra": seen("active", p2377_tcp="dockerd", p2049_tcp="", **TAKEN),
    "chimera": seen("active", **TAKEN),
}


def test_what_is_in_use_is_only_connected_to() -> None:
    assert probe.task(SERVERS[:2], CONVERGED, "chimera") == {
        "address": "192.0.2.20",
        "listen": [],
        "peers": [
            peer("hydra", "192.0.2.10", ["2377/tcp", "7946/tcp", "2049/tcp"], ("2377/tcp", "7946/tcp", "2049/tcp"))
        ],
        "expected": [],
    }


def test_a_converged_swarm_may_be_left_out() -> None:
    assert [probe.task(SERVERS[:2], CONVERGED, host, False) for host in ("hydra", "chimera")] == [NOTHING, NOTHING]


def test_a_server_that_joins_is_tried_though_the_others_are_in_the_swarm() -> None:
    servers = [*SERVERS[:2], {"host": "cerberus", "name": "c", "address": "192.0.2.40", "role": "worker", "nfs": False}]
    facts = {**CONVERGED, "cerberus": seen()}
    assert [one["name"] for one in probe.task(servers, facts, "chimera", False)["peers"]] == ["cerberus"]
    assert [one["name"] for one in probe.task(servers, facts, "cerberus", False)["peers"]] == ["hydra", "chimera"]


@pytest.mark.parametrize("answer", [{}, {"unreachable": True}, seen(interface="")])
def test_a_server_without_its_address_takes_no_part(answer: dict[str, Any]) -> None:
    facts = {"hydra": seen(), "chimera": answer}
    assert [probe.task(SERVERS[:2], facts, host) for host in ("hydra", "chimera")] == [NOTHING, NOTHING]


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        ({"p2377_tcp": "dockerd", "p4789_udp": "", "p2049_tcp": ""}, []),
        ({"p2049_tcp": "ganesha.nfsd"}, []),
        ({"p7946_tcp": "consul", "p2377_tcp": ""}, [("2377/tcp", ""), ("7946/tcp", "consul")]),
    ],
)
def test_strangers(ports: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert probe.strangers(SERVERS[0], seen(**ports)) == expected


def test_the_engine_of_a_member_has_its_ports_though_its_process_was_not_seen() -> None:
    ports = {"p2377_tcp": "", "p7946_tcp": "", "p7946_udp": "consul"}
    assert probe.strangers(SERVERS[0], seen("active", **ports)) == [("7946/udp", "consul")]


def test_server_of() -> None:
    variables = {"inventory_hostname": "a", "swarm_node_address": "192.0.2.1", "swarm_node_role": "worker"}
    assert probe.server_of(variables, ["b"]) == {
        "host": "a",
        "name": "a",
        "address": "192.0.2.1",
        "role": "worker",
        "nfs": False,
        "nfs_implementation": "auto",
    }
