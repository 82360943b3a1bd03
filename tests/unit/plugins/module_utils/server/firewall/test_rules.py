# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall.containers import containers
from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall.rules import (
    Policy,
    Rule,
    plan,
    policy,
    ports_of_sshd,
)

MEMBERS = ("192.0.2.10", "192.0.2.20")


def wanted(**fields: Any) -> dict[str, Any]:
    usual = {"members": list(MEMBERS), "manager": False, "nfs": False, "nfs_clients": [], "published": []}
    usual |= {"strangers": True, "containers": False, "machines": [], "containers_closed": [], "containers_reach": []}
    return {**usual, "default_deny": False, **fields}


def only(protocol: str, ports: str, *sources: str) -> tuple[Rule, Rule]:
    return Rule("accept", protocol, ports, sources), Rule("drop", protocol, ports)


BETWEEN = (*only("tcp", "7946", *MEMBERS), *only("udp", "7946", *MEMBERS), *only("udp", "4789", *MEMBERS))


def test_a_worker() -> None:
    expected = (Rule("accept", "tcp", "22"), Rule("drop", "tcp", "2377"), *BETWEEN)
    assert policy(wanted(), [22]) == Policy(expected)


def test_a_manager_that_serves_nfs_to_others_too() -> None:
    found = policy(wanted(manager=True, nfs=True, nfs_clients=["198.51.100.0/24"]), [2222, 22, 22])
    ssh = (Rule("accept", "tcp", "22"), Rule("accept", "tcp", "2222"))
    nfs = only("tcp", "2049", *MEMBERS, "198.51.100.0/24")
    assert found == Policy((*ssh, *only("tcp", "2377", *MEMBERS), *BETWEEN, *nfs))


def test_containers_are_kept_from_every_machine_also_where_the_rest_is_off() -> None:
    more = {"machines": ["192.0.2.5"], "containers_closed": ["198.51.100.0/24"], "containers_reach": ["198.51.100.7"]}
    kept = containers(["192.0.2.5", *MEMBERS, "198.51.100.0/24"], ["198.51.100.7"])
    assert policy(wanted(containers=True, strangers=False, **more), [22], ["br-lan"]) == Policy(
        containers=kept, spared=("br-lan",)
    )
    assert policy(wanted(containers=True, **more), [22]).containers == kept
    assert policy(wanted(strangers=False), [22]) == Policy()


def test_published_ports() -> None:
    entries = ["443/tcp", {"port": "60000-60010/udp"}, {"port": "8080/tcp", "sources": ["198.51.100.7"]}]
    found = policy(wanted(published=entries), [22])
    assert found.guard[-4:] == (
        Rule("accept", "tcp", "443"),
        Rule("accept", "udp", "60000-60010"),
        *only("tcp", "8080", *MEMBERS, "198.51.100.7"),
    )
    listed = (Rule("accept", "tcp", "443"), Rule("accept", "udp", "60000-60010"), Rule("accept", "tcp", "8080"))
    assert found.published == (Rule("accept", sources=MEMBERS), *listed, Rule("drop"))


def test_everything_else_may_be_closed() -> None:
    assert policy(wanted(default_deny=True), [22]).guard[-2:] == (Rule("accept", sources=MEMBERS), Rule("drop"))


def test_what_a_closed_firewall_has_to_let_in() -> None:
    found = policy(wanted(published=["80/tcp"]), [22]).opened()
    assert found[0] == Rule("accept", "tcp", "22") and found[-1] == Rule("accept", "tcp", "80")
    assert {rule.verdict for rule in found} == {"accept"}


def test_addresses_inside_others_are_left_out() -> None:
    found = policy(wanted(members=["192.0.2.0/28", "192.0.2.1", "2001:db8::1/128", "192.0.2.0/28"]), [22])
    assert found.guard[2].sources == ("192.0.2.0/28", "2001:db8::1")


@pytest.mark.parametrize(
    ("version", "expected"),
    [(4, ("192.0.2.10",)), (6, ("2001:db8::1",))],
)
def test_each_version_of_ip_gets_its_sources(version: int, expected: tuple[str, ...]) -> None:
    assert Rule("accept", "tcp", "1", ("192.0.2.10", "2001:db8::1")).of(version) == Rule("accept", "tcp", "1", expected)


def test_a_rule_for_the_other_version_of_ip_is_none() -> None:
    assert Rule("accept", sources=("192.0.2.10",)).of(6) is None
    assert Rule("drop").of(6) == Rule("drop")


ADDRESS = "write an address or a network like 192.0.2.10 or 192.0.2.0/24"
PORT = "write it like 443/tcp, 60000-60100/udp, or {port: 443/tcp, sources: [192.0.2.0/24]}"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"members": []}, "members: nobody is listed, and a swarm without members cannot work: list their addresses"),
        (
            {"members": ["hydra"]},
            f"members: 'hydra' is no address ('hydra' does not appear to be an IPv4 or IPv6 network): {ADDRESS}",
        ),
        (
            {"members": ["192.0.2.1/24"]},
            f"members: '192.0.2.1/24' is no address (192.0.2.1/24 has host bits set): {ADDRESS}",
        ),
        ({"members": ["::/0"]}, "members: '::/0' is everybody: list the addresses that are meant"),
        (
            {"containers_closed": ["far"], "containers_reach": [{"ports": "7946/udp"}]},
            f"containers_closed: 'far' is no address ('far' does not appear to be an IPv4 or IPv6 network): {ADDRESS}; "
            "containers_reach: 7946/udp holds 7946/udp, which is for the machines alone: leave it out",
        ),
        ({"machines": [1]}, f"machines: '1' is no address (it is no text): {ADDRESS}"),
        ({"nfs_clients": [7]}, f"nfs_clients: '7' is no address (it is no text): {ADDRESS}"),
        ({"published": ["80"]}, f"published: '80' is no port: {PORT}"),
        (
            {"published": [{"port": "80/tcp", "from": 1}]},
            f"published: {{'port': '80/tcp', 'from': 1}} is no port: {PORT}",
        ),
        ({"published": ["9-8/tcp"]}, f"published: 9-8/tcp is no range of 1 to 65535: {PORT}"),
        ({"published": ["65536/tcp"]}, f"published: 65536/tcp is no range of 1 to 65535: {PORT}"),
        (
            {"published": ["2000-2100/tcp"]},
            "published: 2000-2100/tcp holds 2049/tcp, which is for members: leave it out",
        ),
        ({"published": ["1-9/udp", "5/udp"]}, "published: 5/udp overlaps 1-9/udp: list each port once"),
        (
            {"published": [{"port": "80/tcp", "sources": ["*"]}]},
            f"published: 80/tcp: '*' is no address ('*' does not appear to be an IPv4 or IPv6 network): {ADDRESS}",
        ),
    ],
)
def test_mistakes_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(Refusal) as refusal:
        policy(wanted(**fields), [22])
    assert str(refusal.value) == message


def test_all_mistakes_are_in_one_refusal() -> None:
    with pytest.raises(Refusal) as refusal:
        policy(wanted(members=["::/0"], published=["x"]), [0])
    assert str(refusal.value).count("; ") == 2
    assert "ssh_ports: 0 is no port: use 1 to 65535" in str(refusal.value)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("", set()),
        ("Port 2222\n#Port 22\n port=23 # why\n", {2222, 23}),
        (
            "ListenAddress 192.0.2.1:2200\nListenAddress [::]:2201\nListenAddress ::1\nListenAddress 0.0.0.0",
            {2200, 2201},
        ),
        ("Port x\nPort\nPort 99999\n", set()),
    ],
)
def test_ports_of_sshd(config: str, expected: set[int]) -> None:
    assert ports_of_sshd(config) == expected


def test_plan_is_the_difference() -> None:
    assert not plan({"rules": {}}, {"rules": {}}).changed
    assert plan({"rules": {}}, {"rules": {"nftables": []}}).changed
