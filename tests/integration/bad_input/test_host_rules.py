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


# Everything that is in the way of the machines.
IN_THE_WAY = (
    "bad-hydra-node: port 8080 on 127.0.0.4 is taken by another program: stop that, or publish another port",
    "bad-chimera-node: port 6969 on 127.0.0.2 is taken by container 'test-hydra-node': stop that, or publish another",
    "bad-chimera-node: port 9001 cannot be published on 192.0.2.1: that is not an address of this host",
    "port 127.0.0.4:6969 is already published by bad-hydra-node",
    "bad-chimera-node: cpus 4096, and this host has",
    "bad-cerberus-node: the engine refuses its settings: the following directives don't match any configuration option: "
    "bogus; correct that setting",
    "GiB are free where the engine keeps its data, 1e+06 GiB are needed: make room",
    *(
        f"{thing} exists and is not of cluster hydra-bad (no label hydra.swarm.cluster=hydra-bad): "
        "remove or rename it, or choose another name"
        for thing in ("container 'bad-chimera-node'", "volume 'bad-chimera-node-data'", "network 'hydra-bad'")
    ),
)


@pytest.fixture
def foreign(cluster: Cluster) -> Iterator[None]:
    """Things of names that the cluster wants, but not the cluster's."""
    image = cluster.docker("inspect", "--format", "{{.Image}}", cluster.names[0])
    made = {
        ("container", "bad-chimera-node"): ("--name", "bad-chimera-node", "--entrypoint", "true", image),
        ("network", "hydra-bad"): ("--subnet", "172.31.243.0/24", "hydra-bad"),
        ("volume", "bad-chimera-node-data"): ("bad-chimera-node-data",),
    }
    try:
        for (kind, _name), words in made.items():
            cluster.docker(kind, "create", *words)
        yield
    finally:
        for kind, name in made:
            cluster.docker(kind, "rm", name, check=False)


def test_all_that_is_in_the_way_is_named_at_once(foreign: None, refused: Any) -> None:
    ports = {
        "chimera": {"dind_node_ports": ["127.0.0.2:6969:6969", "192.0.2.1:9001:80"], "dind_node_cpus": 4096},
        "cerberus": {"dind_node_ports": [6969], "dind_node_settings": {"bogus": 1}},
    }
    with socket.create_server(("127.0.0.4", 8080)):
        refused(*IN_THE_WAY, hosts=ports, dind_cluster_min_free_gb=1000000)


def test_ports_of_the_cluster_itself_are_free_for_it(cluster: Cluster, tmp_path: Path) -> None:
    """A node's own port may lead elsewhere, or to another node; an engine that runs is asked about new settings."""
    first, worker = cluster.names[:2]
    manager, other = cluster.machines[first], cluster.machines[worker]["host"]
    ports = [str(port) for port in manager["dind_node_ports"]]
    moved = {
        manager["host"]: {"dind_node_ports": [f"{port}:8080" for port in ports[:-1]]},
        other: {"dind_node_ports": [f"{ports[-1]}:80"]},
    }
    before = cluster.footprint()
    more = tmp_path / "more.yml"
    more.write_text(json.dumps({"all": {"hosts": moved}}))
    assert cluster.but(more).play("swarm-up", "--check").status == 0
    more.write_text(json.dumps({"all": {"hosts": {other: {"dind_node_settings": {"mtu": -4}}}}}))
    ran = cluster.but(more).play("swarm-up", "--check", check=False)
    assert f"{worker}: the engine refuses its settings: invalid default MTU: -4; correct that setting" in ran.said
    assert cluster.footprint() == before


def test_another_subnet_than_that_of_the_running_cluster(cluster: Cluster) -> None:
    before = cluster.footprint()
    ran = cluster.play(
        "swarm-up", check=False, dind_cluster_network={"name": "hydra-test", "subnet": "172.31.240.0/25"}
    )
    assert ran.status != 0
    assert "'hydra-test' is 172.31.240.0/24 with gateway 172.31.240.1, not 172.31.240.0/25" in ran.said
    assert "go back to the old subnet, or remove the cluster" in ran.said
    assert cluster.footprint() == before
