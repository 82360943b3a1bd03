# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ipaddress import IPv4Interface

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.lab.network import (
    Network,
    clashes,
    links,
    rules,
    steps,
    wanted_links,
)

NETWORK = Network("lab", IPv4Interface("172.27.0.1/24"), ["lab-one"], "eth0")
BRIDGE = {
    "ifname": "lab",
    "ifalias": "hydra.swarm.lab=lab",
    "addr_info": [{"family": "inet", "local": "172.27.0.1", "prefixlen": 24}, {"family": "inet6", "local": "fe80::1"}],
}
TAP = {"ifname": "lab-one", "ifalias": "hydra.swarm.lab=lab", "master": "lab"}


def test_only_the_labs_own_addresses_go_out() -> None:
    nat, out, back = rules(NETWORK)
    assert nat[:6] == ["nat", "POSTROUTING", "-s", "172.27.0.0/24", "!", "-d"] and nat[-1] == "MASQUERADE"
    assert out[:4] == ["filter", "FORWARD", "-i", "lab"]
    assert back[2:4] == ["-o", "lab"] and "RELATED,ESTABLISHED" in back
    assert all("hydra.swarm.lab=lab" in rule for rule in (nat, out, back))


def test_what_is_there_is_recognised() -> None:
    assert links([BRIDGE, TAP, {"ifname": "eth0"}], NETWORK) == wanted_links(NETWORK)
    assert steps(NETWORK, wanted_links(NETWORK)) == []


def test_an_interface_of_somebody_else_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        links([{"ifname": "lab", "ifalias": "theirs"}], NETWORK)
    assert str(refused.value) == (
        "interface lab is there and is not this lab's: remove or rename it, or name the lab differently"
    )


def test_what_is_missing_is_made() -> None:
    assert steps(NETWORK, {"lab": "172.27.0.1/24"}) == [
        ["ip", "tuntap", "add", "lab-one", "mode", "tap"],
        ["ip", "link", "set", "lab-one", "alias", "hydra.swarm.lab=lab"],
        ["ip", "link", "set", "lab-one", "master", "lab"],
        ["ip", "link", "set", "lab-one", "up"],
    ]


def test_what_is_otherwise_is_made_anew() -> None:
    made = steps(NETWORK, {"lab": "10.0.0.1/24", "lab-one": "on lab"})
    assert made[:2] == [["ip", "link", "delete", "lab"], ["ip", "link", "add", "lab", "type", "bridge"]]


def test_a_subnet_that_is_taken() -> None:
    clashes([{"dst": "default", "dev": "eth0"}, {"dst": "172.27.0.0/24", "dev": "lab"}, {"dst": "fe80::/64"}], NETWORK)
    with pytest.raises(Refusal) as refused:
        clashes([{"dst": "172.16.0.0/12", "dev": "vpn"}], NETWORK)
    assert str(refused.value) == (
        "subnet 172.27.0.0/24 overlaps 172.16.0.0/12, this computer's route through vpn: choose another"
    )
