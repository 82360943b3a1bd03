# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the inventory may not say: refused with value, rule and remedy before anything is touched."""

from __future__ import annotations

from typing import Any

import pytest

ADDRESS = [
    (
        "172.31.242.20",
        ["bad-cerberus-node", "172.31.242.20", "already that of bad-chimera-node", "give every machine its own"],
    ),
    ("172.31.242.300", ["bad-cerberus-node", "'172.31.242.300'", "not an IPv4 address", "write four numbers"]),
    ("10.9.9.9", ["bad-cerberus-node", "10.9.9.9", "outside the subnet 172.31.242.0/24", "choose one inside"]),
    ("172.31.242.1", ["bad-cerberus-node", "172.31.242.1", "is the gateway", "choose another"]),
    ("172.31.242.255", ["bad-cerberus-node", "172.31.242.255", "broadcast address", "choose another"]),
]
LABELS = [
    (
        {"my label": "x"},
        ["bad-chimera-node", "'my label'", "no placement constraint can name it", "use letters, digits"],
    ),
    (
        {"owner": "söphie"},
        ["bad-chimera-node", "'söphie'", "no placement constraint can name it", "use letters, digits"],
    ),
    ({"owner": None}, ["bad-chimera-node", "'owner'", "it has no value", "write ''"]),
    ("gpu", ["bad-chimera-node", "swarm_node_labels is no mapping", "write it like"]),
]
HOST = [
    (
        {"swarm_node_name": "bad-chimera-node"},
        ["'bad-chimera-node' is that of cerberus and chimera", "give every host its own"],
    ),
    ({"swarm_node_name": "bad_node!"}, ["'bad_node!' is no host name", "use letters, digits and '-'"]),
    ({"swarm_node_role": "boss"}, ["bad-cerberus-node", "'boss' is none of manager, worker"]),
    ({"swarm_node_availability": "maybe"}, ["bad-cerberus-node", "'maybe' is none of active, pause, drain"]),
    ({"dind_node_memory": "lots"}, ["bad-cerberus-node", "'lots'", "write it like 512m or 2g"]),
    ({"dind_node_ports": ["80:99999"]}, ["bad-cerberus-node", "'80:99999'", "ports from 1 to 65535"]),
]


@pytest.mark.parametrize(("address", "words"), ADDRESS, ids=[address for address, _words in ADDRESS])
def test_address(refused: Any, address: str, words: list[str]) -> None:
    refused(*words, hosts={"cerberus": {"swarm_node_address": address}})


def test_subnet(refused: Any) -> None:
    network = {"name": "hydra-bad", "subnet": "172.31.242.0/33"}
    refused("'172.31.242.0/33'", "is not an IPv4 network", "write it like", dind_cluster_network=network)


def test_even_number_of_managers(refused: Any) -> None:
    refused(
        "2 managers (bad-hydra-node, bad-chimera-node)", "even number", "make it 1 or 3",
        hosts={"chimera": {"swarm_node_role": "manager"}},
    )  # fmt: skip


def test_no_manager(refused: Any) -> None:
    refused(
        "no host has swarm_node_role: manager", "one, three or five", "put a host in the group",
        hosts={"hydra": {"swarm_node_role": "worker"}},
    )  # fmt: skip


@pytest.mark.parametrize(("labels", "words"), LABELS, ids=str)
def test_labels(refused: Any, labels: Any, words: list[str]) -> None:
    refused(*words, hosts={"chimera": {"swarm_node_labels": labels}})


@pytest.mark.parametrize(("values", "words"), HOST, ids=str)
def test_host(refused: Any, values: dict[str, Any], words: list[str]) -> None:
    refused(*words, hosts={"cerberus": values})


def test_every_broken_rule_is_named_at_once(refused: Any) -> None:
    refused(
        "breaks 3 rule(s)", "'my label'", "10.9.9.9", "2 managers",
        hosts={
            "chimera": {"swarm_node_role": "manager"},
            "cerberus": {"swarm_node_address": "10.9.9.9", "swarm_node_labels": {"my label": "x"}},
        },
    )  # fmt: skip
