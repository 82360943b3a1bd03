# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common import addresses

SUBNET = "172.30.0.0/16"


@pytest.mark.parametrize(
    ("pairs", "subnet", "gateway", "problems"),
    [
        ([("a", "172.30.0.10"), ("b", "172.30.0.20")], SUBNET, None, []),
        ([("a", "172.30.0.1")], SUBNET, "172.30.0.254", []),
        (
            [("a", "172.30.0.10"), ("b", "172.30.0.10")],
            SUBNET,
            None,
            ["b: address 172.30.0.10 is already that of a: give every machine its own"],
        ),
        (
            [("a", "172.30.0.300")],
            SUBNET,
            None,
            ["a: address '172.30.0.300' is not an IPv4 address: write four numbers like 172.30.0.10"],
        ),
        (
            [("a", "None")],
            SUBNET,
            None,
            ["a: address 'None' is not an IPv4 address: write four numbers like 172.30.0.10"],
        ),
        (
            [("a", "172.31.0.10")],
            SUBNET,
            None,
            ["a: address 172.31.0.10 is outside the subnet 172.30.0.0/16: choose one inside it"],
        ),
        (
            [("a", "172.30.0.1"), ("b", "172.30.0.0"), ("c", "172.30.255.255")],
            SUBNET,
            None,
            [
                "a: address 172.30.0.1 is the gateway of 172.30.0.0/16: choose another",
                "b: address 172.30.0.0 is the network's or broadcast address of 172.30.0.0/16: choose another",
                "c: address 172.30.255.255 is the network's or broadcast address of 172.30.0.0/16: choose another",
            ],
        ),
        (
            [("a", "172.30.0.254")],
            SUBNET,
            "172.30.0.254",
            ["a: address 172.30.0.254 is the gateway of 172.30.0.0/16: choose another"],
        ),
        (
            [("a", "172.30.0.10")],
            "172.30.0.10/16",
            None,
            [
                "subnet '172.30.0.10/16' is not an IPv4 network (172.30.0.10/16 has host bits set): write it like "
                "172.30.0.0/16"
            ],
        ),
        (
            [("a", "172.30.0.10")],
            SUBNET,
            "172.31.0.1",
            ["gateway '172.31.0.1' is no address inside the subnet 172.30.0.0/16: choose one, or leave it out"],
        ),
        (
            [("a", "172.30.0.10")],
            SUBNET,
            "router",
            ["gateway 'router' is no address inside the subnet 172.30.0.0/16: choose one, or leave it out"],
        ),
    ],
)
def test_address_problems(pairs: list[tuple[str, str]], subnet: str, gateway: str | None, problems: list[str]) -> None:
    assert addresses.address_problems(pairs, subnet, gateway) == problems


@pytest.mark.parametrize(
    ("others", "sentences"),
    [
        ({}, []),
        ({"Docker network 'bridge'": ["172.17.0.0/16", "fd00::/64"]}, []),
        (
            {"Docker network 'mine'": ["172.30.128.0/17"]},
            [
                "subnet 172.30.0.0/16 overlaps 172.30.128.0/17 of Docker network 'mine': choose another subnet or "
                "remove that one"
            ],
        ),
        (
            {"the host's route through tun0": ["10.8.0.0/24", "172.16.0.0/12"]},
            [
                "subnet 172.30.0.0/16 overlaps 172.16.0.0/12 of the host's route through tun0: choose another subnet "
                "or remove that one"
            ],
        ),
    ],
)
def test_overlaps(others: dict[str, list[str]], sentences: list[str]) -> None:
    assert addresses.overlaps(SUBNET, others) == sentences
