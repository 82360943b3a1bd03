# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The machines and the swarm are what the inventory says."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest
from harness import OWNER, Cluster, Ran, until

NODES = {
    "test-hydra-node": ("manager", {"role": "manager", "storage": "nfs"}),
    "test-chimera-node": ("worker", {"role": "worker", "gpu": "true", "workload": "jupyter"}),
    "test-cerberus-node": ("worker", {"role": "worker", "gpu": "true", "workload": "ollama"}),
}
MACHINES = {
    "test-hydra-node": "172.31.240.10",
    "test-chimera-node": "172.31.240.20",
    "test-cerberus-node": "172.31.240.30",
    "test-nfs-server": "172.31.240.5",
}
PORTS = [80, 443, 6969, 8080, 8081, 11434, 7070]


def test_the_swarm_is_healthy_and_has_no_other_nodes(cluster: Cluster) -> None:
    assert sorted(cluster.assert_healthy()) == sorted(NODES)


@pytest.mark.parametrize("name", NODES)
def test_role_labels_and_engine(cluster: Cluster, host_of: Any, name: str) -> None:
    node = cluster.nodes()[name]
    assert (node.role, node.labels) == NODES[name]
    assert node.engine == host_of(name).check_output("docker version --format '{{.Server.Version}}'")
    assert tuple(int(part) for part in node.engine.split(".")[:2]) >= (20, 10)


@pytest.mark.parametrize("name", MACHINES)
def test_container(cluster: Cluster, host_of: Any, name: str) -> None:
    container = json.loads(cluster.docker("inspect", name))[0]
    assert container["Config"]["Hostname"] == name == host_of(name).check_output("hostname")
    assert container["Config"]["Labels"][OWNER] == "hydra-test"
    assert container["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"
    assert {n: e["IPAddress"] for n, e in container["NetworkSettings"]["Networks"].items()} == {
        "hydra-test": MACHINES[name]
    }
    assert MACHINES[name] in host_of(name).check_output("hostname -I").split()


@pytest.mark.parametrize("name", MACHINES)
def test_state_lives_in_a_named_volume_of_ours(cluster: Cluster, name: str) -> None:
    path = "/exports" if name == "test-nfs-server" else "/var/lib/docker"
    mounts = json.loads(cluster.docker("inspect", name))[0]["Mounts"]
    volume = next(mount["Name"] for mount in mounts if mount["Destination"] == path)
    assert volume == f"{name}-data"
    assert cluster.docker("volume", "inspect", "--format", f'{{{{index .Labels "{OWNER}"}}}}', volume) == "hydra-test"


def test_ports_are_published_on_the_bind_address_alone(cluster: Cluster) -> None:
    published = json.loads(cluster.docker("inspect", "test-hydra-node"))[0]["NetworkSettings"]["Ports"]
    assert published == {f"{port}/tcp": [{"HostIp": "127.0.0.2", "HostPort": str(port)}] for port in PORTS}


def test_a_service_answers_on_a_published_port(cluster: Cluster, tiny: str) -> None:
    cluster.inside(
        "test-hydra-node", "docker", "service", "create", "--detach", "--no-resolve-image", "--name", "web",
        "--endpoint-mode", "dnsrr", "--network", "hydra_public", "--publish", "mode=host,published=6969,target=80",
        "--constraint", "node.labels.role == manager", tiny, "httpd", "-f", "-h", "/www",
    )  # fmt: skip

    def answer() -> str:
        try:
            with urllib.request.urlopen("http://127.0.0.2:6969/", timeout=2) as page:
                return str(page.read().decode().strip())
        except OSError as error:
            raise AssertionError(error) from None

    try:
        assert until("an answer on 127.0.0.2:6969", answer, 40) == "test-hydra-node"
    finally:
        cluster.inside("test-hydra-node", "docker", "service", "rm", "web")


def test_a_second_swarm_up_changes_nothing(again: Ran) -> None:
    assert again.changed == 0


def test_a_rehearsal_changes_nothing(cluster: Cluster) -> None:
    assert cluster.play("swarm-up", "--check", "--diff").changed == 0
