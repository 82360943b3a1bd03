# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The overlay networks connect what is on them across nodes, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from harness import Cluster, until

SERVER = "test-chimera-node"
CLIENT = "test-cerberus-node"
# An engine that finds nobody to gossip with tries again only after a minute; workers wait for their manager to avoid that.
GOSSIP = 30


@pytest.fixture(scope="module")
def server(cluster: Cluster, tiny: str) -> Iterator[str]:
    """Address on hydra_public of the web server public-web, which is on no other network; and two clients elsewhere."""
    try:
        cluster.inside(
            SERVER, "docker", "run", "-d", "--rm", "--name", "public-web", "--network", "hydra_public",
            tiny, "httpd", "-f", "-h", "/www",
        )  # fmt: skip
        for name in ("hydra_public", "hydra_students_net"):
            cluster.inside(
                CLIENT, "docker", "run", "-d", "--rm", "--name", f"on-{name}", "--network", name, tiny, "sleep", "600"
            )
        shown = json.loads(cluster.inside(SERVER, "docker", "inspect", "public-web"))[0]
        yield shown["NetworkSettings"]["Networks"]["hydra_public"]["IPAddress"]
    finally:
        cluster.inside(SERVER, "docker", "rm", "-f", "public-web", check=False)
        cluster.inside(CLIENT, "docker", "rm", "-f", "on-hydra_public", "on-hydra_students_net", check=False)


def fetches(cluster: Cluster, client: str, host: str) -> bool:
    return cluster.succeeds(
        "exec", CLIENT, "docker", "exec", client, "wget", "-q", "-T", "2", "-O", "-", f"http://{host}/"
    )


@pytest.mark.parametrize("name", ["hydra_public", "hydra_students_net"])
def test_network(cluster: Cluster, name: str) -> None:
    network = json.loads(cluster.inside("test-hydra-node", "docker", "network", "inspect", name))[0]
    assert (network["Driver"], network["Scope"], network["Attachable"], network["Internal"]) == (
        "overlay",
        "swarm",
        True,
        False,
    )


def test_two_nodes_reach_each_other_by_name(cluster: Cluster, server: str) -> None:
    until("public-web to answer on another node", lambda: fetches(cluster, "on-hydra_public", "public-web"), GOSSIP)


def test_nothing_on_the_students_network_reaches_what_is_only_on_hydra_public(cluster: Cluster, server: str) -> None:
    until("the server to be there at all", lambda: fetches(cluster, "on-hydra_public", server), GOSSIP)
    assert not fetches(cluster, "on-hydra_students_net", "public-web")
    assert not fetches(cluster, "on-hydra_students_net", server)
