# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a container of a server reaches of the machines, in each tool: by default nothing."""

from __future__ import annotations

import json
import sys

import pytest
from harness import until
from spaces import (
    CONTAINER,
    GOSSIP,
    HIDDEN,
    MEMBER,
    OPEN,
    OTHER,
    SERVER,
    SSH,
    STRANGER,
    SWARM,
    UDP,
    V4,
    V6,
    WEB,
    Server,
    answers,
    inside,
    reached,
)

DNS = {53}
# A member, by IPv4 and IPv6, and the server itself as containers find it: at its address, and at its end of their bridge.
MEMBERS = ("10.99.0.2", "fd99::2")
ITSELF = (V4, V6, "172.18.0.1", "fd18::1")
# Reaches every host of a network, the server too; who of them answers, for each address and port.
SHOUT = """
import concurrent.futures, json, socket, sys
def shout(place):
    address, port = place.split(":")
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    one.settimeout(1)
    one.sendto(b"ping", (address, int(port)))
    heard = []
    try:
        while True:
            heard.append(one.recvfrom(99)[1][0])
    except OSError:
        return heard
with concurrent.futures.ThreadPoolExecutor() as pool:
    print(json.dumps(list(pool.map(shout, sys.argv[1:]))))
"""


def hear(*shouts: tuple[str, int]) -> list[bool]:
    """Whether the server does; other containers may."""
    said = inside(CONTAINER, sys.executable, "-c", SHOUT, *(f"{address}:{port}" for address, port in shouts))
    return [ITSELF[2] in one for one in json.loads(said)]


@pytest.mark.parametrize("strangers", [True, False])
def test_a_container_reaches_no_machine(server: Server, strangers: bool) -> None:
    """Whether or not the rest of the firewall is on."""
    found: dict[str, tuple[set[int], set[int]]] = {}

    def all_answer() -> bool:
        found.update(answers(CONTAINER, *MEMBERS, *ITSELF, more=DNS))
        return all(tcp >= SWARM | {OTHER} | DNS for tcp, _udp in found.values())

    until("all ports of all machines", all_answer, 20)
    for address in (*MEMBERS, *ITSELF[2:]):  # from its other address the server answers as its end of the bridge
        assert found[address][1] == UDP | DNS
    shouts = (("172.18.255.255", GOSSIP), ("172.18.255.255", 4789))
    assert hear(*shouts) == [True, True]
    server.play(strangers=strangers)
    # A name server may be one of the machines.
    assert answers(CONTAINER, *MEMBERS, *ITSELF, more=DNS) == {
        **dict.fromkeys((*MEMBERS, *ITSELF[2:]), (DNS, DNS)),
        **dict.fromkeys(ITSELF[:2], (DNS, set())),
    }
    assert hear(*shouts) == [False, False]
    if not strangers:  # who comes in over a bridge of the server's own is no container
        assert reached(STRANGER) >= SWARM | OPEN
    assert not server.play(strangers=strangers)["changed"]


def test_what_a_container_needs_is_left_alone(server: Server) -> None:
    server.play()
    found = answers(CONTAINER, "10.99.0.3", "fd99::3", "172.18.0.3", "fd18::3", more=DNS)
    # What is neither a machine nor the swarm's: the internet. NFS of others is theirs to close.
    assert found["10.99.0.3"][0] == OPEN | {WEB, 2049} | DNS
    assert found["fd99::3"][1] == DNS
    # The bridge that all tasks share is for what they send elsewhere.
    assert found["172.18.0.3"] == found["fd18::3"] == (set(), set())
    # It answers who comes for a published port, a member as well.
    assert {WEB, HIDDEN} <= reached(MEMBER)
    assert {WEB, HIDDEN} <= reached(STRANGER)


def test_what_else_is_closed_and_what_is_opened(server: Server) -> None:
    server.play(
        containers_closed=["10.99.0.3", "fd99::3"],
        containers_reach=[
            "10.99.0.3",
            {"to": ["10.99.0.2", "fd99::2"], "ports": [f"{OTHER}/tcp"]},
            {"ports": [f"{WEB}/tcp", f"{SSH}/tcp"]},
        ],
    )
    found = answers(CONTAINER, "10.99.0.3", "fd99::3", *MEMBERS, V4)
    assert {address: tcp for address, (tcp, _udp) in found.items()} == {
        "10.99.0.3": OPEN | {WEB},
        "fd99::3": {WEB, SSH},
        **{address: {OTHER, WEB, SSH} for address in MEMBERS},
        V4: {SSH},
    }


def test_machines_that_are_no_members_and_servers_that_leave_containers_alone(server: Server) -> None:
    server.play(machines=["10.99.0.3"])
    assert reached(CONTAINER, "10.99.0.3") == set()
    assert server.play(containers=False, machines=["10.99.0.3"])["changed"]
    assert reached(CONTAINER, "10.99.0.3") >= SWARM | OPEN


def test_it_does_not_hang_on_the_engines_own_rules(server: Server) -> None:
    server.play()
    inside(SERVER, "iptables", "-F")
    assert reached(CONTAINER, "10.99.0.2") == set()
