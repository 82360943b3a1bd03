# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The firewall keeps a stranger on the same network from the swarm's ports, and members' traffic flows."""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Callable, Iterator

import pytest
from harness import until
from lab import Lab

STRANGER = "172.27.1.99"
SPACE = "lab-test-alien"
CONNECT = """
import socket, sys
for word in sys.argv[2:]:
    try:
        socket.create_connection((sys.argv[1], int(word)), timeout=2).close()
        print(word, "open")
    except OSError as error:
        print(word, "dropped" if isinstance(error, TimeoutError) else "closed")
"""


def root(*command: str, check: bool = True) -> str:
    return subprocess.run(
        ["sudo", "-n", *command] if _not_root() else command, check=check, capture_output=True, text=True
    ).stdout


def _not_root() -> bool:
    return subprocess.run(["id", "-u"], check=True, capture_output=True, text=True).stdout.strip() != "0"


@pytest.fixture(scope="module")
def stranger(lab: Lab) -> Iterator[None]:
    """A machine on the lab's network, with an address that is no member's: a network namespace on its bridge."""
    bridge = root("ip", "-o", "route", "get", lab.address("hydra")).partition(" dev ")[2].split()[0]
    try:
        root("ip", "netns", "add", SPACE)
        root("ip", "link", "add", "labtestalien", "type", "veth", "peer", "name", "eth0", "netns", SPACE)
        root("ip", "link", "set", "labtestalien", "master", bridge, "up")
        root("ip", "-n", SPACE, "address", "add", f"{STRANGER}/24", "dev", "eth0")
        root("ip", "-n", SPACE, "link", "set", "eth0", "up")
        yield
    finally:
        root("ip", "netns", "delete", SPACE, check=False)
        root("ip", "link", "delete", "labtestalien", check=False)


def reached_from_outside(address: str, *ports: int) -> dict[int, str]:
    words = ["ip", "netns", "exec", SPACE, "python3", "-c", CONNECT, address, *map(str, ports)]
    return {int(port): state for port, state in (line.split() for line in root(*words).splitlines())}


def reached_from(lab: Lab, member: str, address: str, *ports: int) -> dict[int, str]:
    said = lab.inside(member, "python3", "-c", CONNECT, address, *map(str, ports))
    return {int(port): state for port, state in (line.split() for line in said.splitlines())}


def rules(lab: Lab, name: str) -> list[str]:
    """Every rule, in its order, without counters; those that an engine makes for its containers come and go.

    nft comes with the firewall, so before it there are no rules of nft's own.
    """
    tables = "for t in filter nat mangle; do iptables-save -t $t; ip6tables-save -t $t; done"
    saved = lab.shell(name, f"{tables}; nft -s list table inet hydra_swarm 2>/dev/null || true")
    kept = [re.sub(r"\[\d+:\d+\]", "", line) for line in saved.splitlines() if not line.startswith("#")]
    return [line for line in kept if "docker" not in line.lower()]


@pytest.fixture(scope="module")
def walls(lab: Lab, stranger: None) -> Iterator[Lab]:
    """The same servers with the firewall on; all of it goes at the end, and what is kept from containers comes back."""
    before = {name: rules(lab, name) for name in lab.names}
    assert reached_from_outside(lab.address("hydra"), 22, 2377, 7946, 2049) == dict.fromkeys(
        (22, 2377, 7946, 2049), "open"
    )
    closed = lab.but(firewall_enabled=True)
    ran = closed.play("swarm-up", "--tags", "firewall")
    assert ran.changed >= len(lab.names)
    yield closed
    closed.but(firewall_state="absent").play("swarm-up", "--tags", "firewall")
    for name in lab.names:
        assert [line for line in rules(lab, name) if "hydra" in line.lower()] == []
        assert lab.ssh(name, "systemctl cat hydra-swarm-firewall.service").returncode != 0
    lab.play("swarm-up", "--tags", "firewall")
    for name in lab.names:
        assert rules(lab, name) == before[name]


def test_a_stranger_reaches_ssh_alone(walls: Lab) -> None:
    for name in walls.names:
        seen = reached_from_outside(walls.address(name), 22, 2377, 7946, 2049)
        # Nobody listens on 2049 where there is no NFS server.
        served = "dropped" if name == "hydra" else "closed"
        assert seen == {22: "open", 2377: "dropped", 7946: "dropped", 2049: served}


def test_members_reach_each_other(walls: Lab) -> None:
    assert reached_from(walls, "chimera", walls.address("hydra"), 2377, 7946, 2049) == dict.fromkeys(
        (2377, 7946, 2049), "open"
    )
    assert reached_from(walls, "hydra", walls.address("cerberus"), 7946) == {7946: "open"}
    walls.assert_healthy()


@pytest.fixture
def arrived(walls: Lab) -> Iterator[Callable[[str], int]]:
    """How many packets from an address to 4789/udp came past the firewall of chimera; one that nobody answers leaves no other trace."""
    watch = ["add table inet test", "add chain inet test seen { type filter hook prerouting priority -140; }"]
    for address in (STRANGER, walls.address("hydra")):
        watch.append(f"add rule inet test seen ip saddr {address} udp dport 4789 counter")
    walls.inside("chimera", "nft", "; ".join(watch))

    def count(address: str) -> int:
        listed = walls.inside("chimera", "nft", "list", "table", "inet", "test")
        return int(re.findall(rf"saddr {re.escape(address)} udp dport 4789 counter packets (\d+)", listed)[0])

    yield count
    walls.inside("chimera", "nft", "delete", "table", "inet", "test")


def test_overlay_traffic_passes_between_members_and_not_from_a_stranger(
    walls: Lab, arrived: Callable[[str], int]
) -> None:
    send = "import socket, sys; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x' * 60, (sys.argv[1], 4789))"
    root("ip", "netns", "exec", SPACE, "python3", "-c", send, walls.address("chimera"))
    walls.inside("hydra", "python3", "-c", send, walls.address("chimera"))
    until("the member's packet", lambda: arrived(walls.address("hydra")) >= 1, 10)
    assert arrived(STRANGER) == 0


def test_a_second_run_changes_nothing_and_a_change_by_hand_is_undone(walls: Lab) -> None:
    assert walls.play("swarm-up", "--tags", "firewall").changed == 0
    walls.inside("cerberus", "nft", "flush", "chain", "inet", "hydra_swarm", "guard")
    assert reached_from_outside(walls.address("cerberus"), 7946) == {7946: "open"}
    ran = walls.play("swarm-up", "--tags", "firewall")
    assert re.findall(r"changed: \[(\w+)\]", ran.output)[:1] == ["cerberus"] and "changed: [hydra]" not in ran.output
    assert reached_from_outside(walls.address("cerberus"), 7946) == {7946: "dropped"}


def test_who_locks_himself_out_is_let_in_again(walls: Lab) -> None:
    """The way in is a port that the rules do not know, since another one is redirected to it."""
    redirect = ("PREROUTING", "-p", "tcp", "--dport", "2200", "-j", "REDIRECT", "--to-ports", "22")
    walls.inside("cerberus", "iptables", "-t", "nat", "-A", *redirect)
    before = rules(walls, "cerberus")
    try:
        ran = walls.but(firewall_default_deny=True, firewall_rollback_after=30, ansible_port=2200).play(
            "swarm-up", "--tags", "firewall", "--limit", "cerberus", check=False
        )
        assert ran.status == 4 and "UNREACHABLE" in ran.output.upper()
        until("the rules of before", lambda: rules(walls, "cerberus") == before, 60)
        assert walls.inside("cerberus", "systemctl", "list-units", "--no-legend", "hydra-swarm-firewall-undo*") == ""
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            walls.inside("cerberus", "iptables", "-t", "nat", "-D", *redirect)
