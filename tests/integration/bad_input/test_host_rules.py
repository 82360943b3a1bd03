# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What this computer cannot give: refused with value, rule and remedy before anything is touched."""

from __future__ import annotations

import ipaddress
import json
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import Cluster


def placed_in(subnet: ipaddress.IPv4Network) -> dict[str, Any]:
    """The cluster of the other tests, in another subnet."""
    hosts = ("hydra", "chimera", "cerberus", "nfs")
    return {
        "dind_cluster_network": {"name": "hydra-bad", "subnet": str(subnet)},
        "hosts": {h: {"swarm_node_address": str(subnet[i + 2])} for i, h in enumerate(hosts)},
    }


def own_network() -> tuple[str, ipaddress.IPv4Network]:
    """The network that this computer's default route goes through."""
    rows = [line.split() for line in Path("/proc/net/route").read_text().splitlines()[1:]]
    outward = next(row[0] for row in rows if row[1] == "00000000")
    for interface, destination, _gateway, _flags, _ref, _use, _metric, mask, *_rest in rows:
        if interface == outward and destination != "00000000":
            address, netmask = (socket.inet_ntoa(struct.pack("<L", int(text, 16))) for text in (destination, mask))
            return interface, ipaddress.IPv4Network(f"{address}/{netmask}")
    raise AssertionError("this computer has a default route, but no network it goes through")


def test_subnet_overlaps_a_docker_network(refused: Any) -> None:
    refused(
        "subnet 172.31.240.0/25 overlaps 172.31.240.0/24 of Docker network 'hydra-test'", "choose another subnet",
        **placed_in(ipaddress.IPv4Network("172.31.240.0/25")),
    )  # fmt: skip


def test_subnet_overlaps_a_route(refused: Any) -> None:
    interface, network = own_network()
    words = (f"subnet {network} overlaps {network} of the host's route through {interface}", "choose another subnet")
    refused(*words, **placed_in(network))


def test_port_taken_by_a_program(refused: Any) -> None:
    with socket.create_server(("127.0.0.4", 8080)):
        refused(
            "bad-hydra-node: port 8080 on 127.0.0.4 is taken by another program", "stop that, or publish another port"
        )


def test_port_taken_by_a_container(refused: Any) -> None:
    refused(
        "bad-hydra-node: port 6969 on 127.0.0.2 is taken by container 'test-hydra-node'", "stop that, or publish another",
        dind_cluster_bind_address="127.0.0.2",
    )  # fmt: skip


def test_port_on_an_address_of_nobody(refused: Any) -> None:
    words = ("192.0.2.1", "not an address of this host")
    refused(*words, dind_cluster_bind_address="192.0.2.1")


def test_port_wanted_twice(refused: Any) -> None:
    words = ("port 127.0.0.4:6969", "already published by bad-hydra-node")
    refused(*words, hosts={"cerberus": {"dind_node_ports": [6969]}})


def test_too_little_disk_space(refused: Any) -> None:
    refused("GiB are free", "1e+06 GiB are needed", "make room", dind_cluster_min_free_gb=1000000)


@pytest.fixture(params=["container", "network", "volume"])
def foreign(request: pytest.FixtureRequest, cluster: Cluster) -> Iterator[tuple[str, str]]:
    """Something of a name that the cluster wants, but not the cluster's."""
    make = {
        "container": ("container", "create", "--name", "bad-chimera-node", "--entrypoint", "true"),
        "network": ("network", "create", "--subnet", "172.31.243.0/24", "hydra-bad"),
        "volume": ("volume", "create", "bad-chimera-node-data"),
    }[request.param]
    image = (
        [json.loads(cluster.docker("inspect", cluster.names[0]))[0]["Image"]] if request.param == "container" else []
    )
    cluster.docker(*make, *image)
    name = "bad-chimera-node" if request.param == "container" else make[-1]
    yield request.param, name
    cluster.docker(request.param, "rm", name)


def test_a_name_that_something_else_has(
    foreign: tuple[str, str], cluster: Cluster, request: pytest.FixtureRequest
) -> None:
    refused = request.getfixturevalue("refused")
    kind, name = foreign
    refused(f"{kind} '{name}' exists and is not of cluster hydra-bad", "remove or rename it, or choose another name")


def test_another_subnet_than_that_of_the_running_cluster(cluster: Cluster) -> None:
    before = cluster.footprint()
    ran = cluster.play(
        "swarm-up", check=False, dind_cluster_network={"name": "hydra-test", "subnet": "172.31.240.0/25"}
    )
    assert ran.status != 0
    assert "'hydra-test' is 172.31.240.0/24 with gateway 172.31.240.1, not 172.31.240.0/25" in ran.said
    assert "go back to the old subnet, or remove the cluster" in ran.said
    assert cluster.footprint() == before
