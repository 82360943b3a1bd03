# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""On a kernel that has everything a stack is deployed as it is written, and works: ingress port, virtual address, NFS volume.

But for one thing, which is the NFS server's: as root is nobody there, nothing of an image is copied into a volume.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator

import pytest
import yaml
from harness import TINY, Cluster, Ran, until
from lab import Lab

from .conftest import SERVER

PORT = 8088
STACK = "test-as-written"
SHARED = "/exports/student-volumes"
# What root of a container writes, who is nobody on the server.
PLACE = f"{SHARED}/test-as-written"
# A directory that the image has, with a file in it.
MOUNTED = "/www"
# One question to each address, all from one process: on a server that is slow each start costs.
ASK = """
import sys, urllib.request
for address in sys.argv[2:]:
    with urllib.request.urlopen(f"http://{address}:{sys.argv[1]}/", timeout=5) as response:
        print(address, response.read().decode().strip())
"""
SERVE = f"cat /etc/hostname > /index.html; cat /etc/hostname > {MOUNTED}/of-$$HOSTNAME; exec httpd -f -p 80 -h /"


def test_nothing_is_lacking(cluster: Cluster) -> None:
    status = json.loads(cluster.play("swarm-status", format="json").printed)
    assert {node["name"]: node["consequences"] for node in status["nodes"]} == {name: [] for name in cluster.names}


def test_a_second_swarm_up_changes_nothing_and_says_of_nothing_that_it_lacks(cluster: Cluster) -> None:
    ran = cluster.play("swarm-up")
    assert ran.changed == 0
    assert "The swarm is up." in ran.said
    assert "no IPVS" not in ran.said and "no NFS client" not in ran.said


def test_nodes_have_cgroup_v2_and_its_limits(cluster: Cluster, tiny: str) -> None:
    for name in cluster.names:
        assert cluster.inside(name, "stat", "-f", "-c", "%T", "/sys/fs/cgroup") == "cgroup2fs"
        assert cluster.inside(name, "docker", "info", "--format", "{{.CgroupVersion}}") == "2"
    limit = cluster.inside(
        cluster.names[0], "docker", "run", "--rm", "--memory", "64m", tiny, "cat", "/sys/fs/cgroup/memory.max"
    )
    assert limit == str(64 * 2**20)


@pytest.fixture(scope="module")
def deployed(cluster: Cluster, tiny: str, nfs: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    """What deploying said: a task on each node, which serves its node's name and writes it to NFS; and a client."""
    path = tmp_path_factory.mktemp("stack") / "stack.yml"
    server = cluster.machines[nfs]["swarm_node_address"]
    document = {
        "version": "3.8",
        "services": {
            "web": {
                "image": TINY,
                "hostname": "{{.Node.Hostname}}",
                "command": ["sh", "-c", SERVE],
                "ports": [f"{PORT}:80"],
                "networks": ["hydra_public"],
                "volumes": [f"data:{MOUNTED}"],
                "deploy": {"replicas": 3, "placement": {"max_replicas_per_node": 1}},
            },
            "client": {"image": TINY, "command": ["sleep", "1d"], "networks": ["hydra_public"]},
        },
        "networks": {"hydra_public": {"external": True}},
        "volumes": {"data": {"driver_opts": {"type": "nfs", "o": f"addr={server},nfsvers=4.2", "device": f":{PLACE}"}}},
    }
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    cluster.inside(nfs, "sh", "-c", f"mkdir -p {PLACE} && chown nobody:nogroup {PLACE}")
    yield cluster.play("deploy-stack", stack=STACK, file=str(path), swarm_stack_timeout=300)
    cluster.inside(cluster.names[0], "docker", "stack", "rm", STACK)
    cluster.inside(nfs, "rm", "-r", PLACE)


@pytest.fixture(scope="module")
def tasks(cluster: Cluster, deployed: Ran) -> dict[str, str]:
    """Container of the task on each node."""
    return until("a task on every node", lambda: t if len(t := cluster.tasks(f"{STACK}_web")) == 3 else None, 120)


def test_the_stack_is_deployed_as_it_is_written(cluster: Cluster, deployed: Ran) -> None:
    for word in ("dnsrr", "host mode", "bind", "IPVS", "no NFS"):
        assert word not in deployed.said
    service = json.loads(cluster.inside(cluster.names[0], "docker", "service", "inspect", f"{STACK}_web"))[0]
    assert service["Endpoint"]["Spec"]["Mode"] == "vip"
    assert [port["PublishMode"] for port in service["Endpoint"]["Ports"]] == ["ingress"]
    (mount,) = service["Spec"]["TaskTemplate"]["ContainerSpec"]["Mounts"]
    assert (mount["Type"], mount["VolumeOptions"]["NoCopy"]) == ("volume", True)
    assert f"web: root is nobody on export {SHARED}, so volume data at {MOUNTED} gets nocopy" in deployed.said


def test_the_routing_mesh_answers_on_every_node_for_every_task(
    cluster: Cluster, lab: Lab, tasks: dict[str, str]
) -> None:
    addresses = [cluster.machines[name]["swarm_node_address"] for name in cluster.names]
    asked = ("python3", "-c", ASK, str(PORT), *addresses * len(tasks))

    def answers() -> set[tuple[str, ...]] | None:
        found = {tuple(line.split()) for line in lab.inside(SERVER, *asked).splitlines()}
        # One after the other: in as many questions as there are tasks, each node hands one to every task.
        return found if found == {(address, name) for address in addresses for name in tasks} else None

    until("every task's answer on every node's address", answers, 90)


def test_the_virtual_address_answers(cluster: Cluster, tasks: dict[str, str]) -> None:
    ((node, client),) = cluster.tasks(f"{STACK}_client").items()

    def ask() -> str:
        return cluster.inside(node, "docker", "exec", client, "wget", "-q", "-T", "3", "-O", "-", "http://web/")

    asked = until("an answer of the service's name", ask, 60)
    assert {asked, ask(), ask()} == set(tasks)
    addresses = cluster.inside(node, "docker", "exec", client, "busybox", "nslookup", "web", check=False)
    assert len(set(re.findall(r"\b10\.\d+\.\d+\.\d+\b", addresses))) == 1, "one address for three tasks"


def test_three_tasks_write_to_one_export_over_nfs(cluster: Cluster, nfs: str, tasks: dict[str, str]) -> None:
    server = cluster.machines[nfs]["swarm_node_address"]
    written = "\n".join(sorted(tasks))

    def seen(node: str) -> str | None:
        look = ("docker", "exec", tasks[node], "sh", "-c", f"cat {MOUNTED}/of-* /proc/mounts")
        return found if (found := cluster.inside(node, *look)).startswith(written) else None

    for name in tasks:
        mounts = str(until(f"what all wrote, on {name}", functools.partial(seen, name)))
        assert re.search(rf"^:{PLACE} {MOUNTED} nfs4 .*vers=4\.2.*addr={re.escape(server)}", mounts, re.M), mounts
    assert cluster.inside(nfs, "sh", "-c", f"cat {PLACE}/of-*") == written


def test_students_volumes_are_nfs_too(cluster: Cluster, nfs: str, tiny: str) -> None:
    cluster.play("student-volume", student="ada", project="ml")
    own = cluster.inside(nfs, "stat", "-c", "%u", f"{SHARED}/ada/ml")
    run = ("docker", "run", "--rm", "--user", own, "--hostname", "of-ada", "-v", "ada.ml:/data", tiny)
    try:
        mounts = cluster.inside(cluster.names[1], *run, "sh", "-c", "cat /etc/hostname > /data/note; cat /proc/mounts")
        assert re.search(rf"^:{SHARED}/ada/ml /data nfs4 ", mounts, re.M), mounts
        assert cluster.inside(cluster.names[2], *run, "cat", "/data/note") == "of-ada"
        assert cluster.inside(nfs, "stat", "-c", "%u %s", f"{SHARED}/ada/ml/note") == f"{own} 7"
    finally:
        for name in cluster.names:
            cluster.inside(name, "docker", "volume", "rm", "--force", "ada.ml", check=False)
        cluster.inside(nfs, "rm", "-rf", f"{SHARED}/ada")
