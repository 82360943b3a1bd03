# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.machine import world as machine_world

NETWORKS: dict[str, dict[str, Any]] = {
    "bridge": {"IPAM": {"Config": [{"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.1"}]}},
    "host": {"IPAM": {"Config": []}},
    "none": {"IPAM": None},
    "odd": {"IPAM": {"Config": [{"Gateway": "10.0.0.1"}, {"Subnet": "fd00::/64"}]}},
    "hydra": {"IPAM": {"Config": [{"Subnet": "172.30.0.0/16"}]}, "Labels": {"hydra.swarm.cluster": "hydra"}},
}

ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010210AC\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000210AC\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
eth0\t00010A0A\t010210AC\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0
tun0\t00000000\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0
tun0\t00000080\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0
tun0\t000010AC\t0100080A\t0003\t0\t0\t0\t0000F0FF\t0\t0\t0
lo\t0000007F\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0
"""


def test_subnets_of_the_other_networks() -> None:
    assert machine_world.subnets_of(NETWORKS, "hydra") == {
        "Docker network 'bridge'": ["172.17.0.0/16"],
        "Docker network 'host'": [],
        "Docker network 'none'": [],
        "Docker network 'odd'": ["fd00::/64"],
    }


def test_owned_are_those_with_the_clusters_label() -> None:
    things = {**NETWORKS, "b": {"Labels": {"hydra.swarm.cluster": "lab"}}, "c": {"Labels": None}}
    assert machine_world.owned(things, "hydra") == ["hydra"]


def test_routes_but_the_default_ones(tmp_path: Path) -> None:
    table = tmp_path / "route"
    table.write_text(ROUTES)
    assert machine_world.host_routes(str(table)) == {
        "the host's route through eth0": ["172.16.2.0/24", "10.10.1.0/24"],
        "the host's route through tun0": ["172.16.0.0/12"],
    }


def test_no_routes_where_there_is_no_table(tmp_path: Path) -> None:
    assert machine_world.host_routes(str(tmp_path / "none")) == {}


@pytest.fixture(params=["tcp", "udp"])
def taken(request: pytest.FixtureRequest) -> Iterator[str]:
    """A port of the host that somebody has, who would share it with whoever asks for that."""
    kind = socket.SOCK_STREAM if request.param == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            holder.listen()
        yield f"127.0.0.1:{holder.getsockname()[1]}:80/{request.param}"


def container(published: str, **more: Any) -> dict[str, Any]:
    _address, port, rest = published.split(":")
    return {"Ports": [{"PrivatePort": 80}, {"PublicPort": int(port), "Type": rest.split("/")[1], **more}]}


@pytest.mark.parametrize(
    ("more", "who"),
    [
        ({"IP": "127.0.0.1"}, "container 'web'"),
        ({"IP": "0.0.0.0"}, "container 'web'"),
        ({"IP": "127.0.0.2"}, "another program"),
        ({"IP": "127.0.0.1", "Type": "sctp"}, "another program"),
        ({"IP": "127.0.0.1", "PublicPort": 1}, "another program"),
    ],
)
def test_a_port_that_is_taken(taken: str, more: dict[str, Any], who: str) -> None:
    assert machine_world.port_taken(taken, {"idle": {"Ports": None}, "web": container(taken, **more)}) == who


def test_a_port_that_is_taken_on_one_address_is_not_free_on_all(taken: str) -> None:
    everywhere = taken.replace("127.0.0.1", "0.0.0.0")
    assert machine_world.port_taken(everywhere, {}) == "another program"
    assert machine_world.port_taken(everywhere, {"web": container(taken, IP="127.0.0.1")}) == "container 'web'"


def test_a_port_that_is_free(taken: str) -> None:
    assert machine_world.port_taken(taken.replace("127.0.0.1", "127.0.0.2"), {}) is None


def test_an_address_that_the_host_does_not_have() -> None:
    assert machine_world.port_taken("192.0.2.1:8080:80/tcp", {}) == machine_world.NO_ADDRESS
