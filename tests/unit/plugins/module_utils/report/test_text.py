# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.report import text

EMPTY: dict[str, Any] = {"nodes": [], "networks": [], "services": [], "nfs": [], "lacking": []}
KERNEL = {"release": "6.18", "cgroup": 1, "ipvs": False, "nfs_client": True}
USAGE = {
    "cpu": {"percent": 3.5, "count": 2},
    "memory": {"used": 2**20, "limit": 2**30},
    "disk": {"path": "/var/lib/docker", "used": 1, "total": 2**40},
}
HYDRA = {
    "id": "n1",
    "name": "hydra-node",
    "host": "hydra",
    "status": "ready",
    "availability": "active",
    "role": "manager",
    "leader": True,
    "reachability": "reachable",
    "address": "172.30.0.10",
    "engine": "26.1.5",
    "labels": {"storage": "nfs", "role": "manager"},
    "generic_resources": {"NVIDIA-GPU": ["GPU-a", "GPU-b"], "slots": 3},
    "usage": USAGE,
    "kernel": KERNEL,
    "error": "",
}
LERNA = {
    **HYDRA,
    "id": "n2",
    "name": "lerna-node",
    "host": "lerna",
    "status": "down",
    "leader": False,
    "reachability": "unreachable",
    "labels": {},
    "generic_resources": {},
    "usage": None,
    "kernel": None,
    "error": "unreachable (no route to host)",
}
GUEST = {**LERNA, "id": "n3", "name": "guest", "host": "", "role": "worker", "reachability": "", "error": ""}
NETWORK = {"name": "public", "driver": "overlay", "subnets": ["10.0.1.0/24"], "attachable": True, "internal": False}
WEB = {
    "name": "web",
    "mode": "replicated",
    "image": "web:1",
    "desired": 3,
    "running": 1,
    "endpoint_mode": "dnsrr",
    "ports": [{"published": 8080, "target": 80, "protocol": "tcp", "mode": "host"}],
    "tasks": [
        {"name": "web.1", "node": "hydra-node", "state": "running", "desired": "running", "error": ""},
        {"name": "web.2", "node": "lerna-node", "state": "running", "desired": "shutdown", "error": ""},
        {"name": "web.2", "node": "", "state": "pending", "desired": "running", "error": "no suitable node"},
    ],
}
CLIENT = {"host": "172.30.0.0/16", "access": "rw"}
USED = {"size_bytes": 2**40, "used_bytes": 2**30}
NFS = [
    {
        "host": "nfs",
        "error": "",
        "exports": [
            {"path": "/exports/a", "clients": [CLIENT], "usage": USED},
            {"path": "/exports/b", "clients": [CLIENT], "usage": None},
        ],
    },
    {"host": "nfs2", "error": "no answer", "exports": []},
    {"host": "nfs3", "error": "", "exports": []},
]


def test_everything() -> None:
    state = {
        "up": True,
        "error": "",
        "nodes": [HYDRA, LERNA, GUEST],
        "networks": [{**NETWORK, "ingress": False, "cluster": "hydra"}],
        "services": [WEB],
        "nfs": NFS,
        "lacking": [{"consequence": "no IPVS: so", "nodes": ["hydra-node"]}],
    }
    assert (
        text.status(state)
        == """\
1 of 3 nodes ready, 1 of 3 tasks of 1 services running

NODE        STATUS  AVAILABILITY  ROLE                   ADDRESS      ENGINE  CPU          MEMORY          DISK
hydra-node  ready   active        manager (leader)       172.30.0.10  26.1.5  3.5% of 2    1 MiB of 1 GiB  1 B of 1 TiB
lerna-node  down    active        manager (unreachable)  172.30.0.10  26.1.5  unreachable
guest       down    active        worker                 172.30.0.10  26.1.5  not ours

TROUBLE     WHY
lerna-node  unreachable (no route to host)

NODE        LABELS                    RESOURCES
hydra-node  role=manager storage=nfs  NVIDIA-GPU=GPU-a,GPU-b slots=3
lerna-node
guest

NETWORK  DRIVER   SUBNETS      KIND        CLUSTER
public   overlay  10.0.1.0/24  attachable  hydra

SERVICE  MODE        TASKS  ENDPOINT  PORTS                IMAGE
web      replicated  1/3    dnsrr     8080->80/tcp (host)  web:1

TASK   NODE        STATE     WHY
web.1  hydra-node  running
web.2  lerna-node  stopping
web.2  -           pending   no suitable node

NFS SERVER  EXPORT      CLIENTS             USED
nfs         /exports/a  172.30.0.0/16 (rw)  1 GiB of 1 TiB
nfs         /exports/b  172.30.0.0/16 (rw)  no such directory
nfs2        -           -                   no answer
nfs3        none

KERNEL      RELEASE  CGROUP  IPVS  NFS CLIENT
hydra-node  6.18     v1      no    yes

all nodes: no IPVS: so"""
    )


def test_a_cluster_that_is_not_up() -> None:
    assert text.status({**EMPTY, "up": False, "error": "hydra: No such container: hydra-node"}) == (
        "The cluster is not up. Make or resume it with: make swarm-up\nhydra: No such container: hydra-node"
    )


def test_only_what_was_asked_for_is_shown() -> None:
    assert text.status({**EMPTY, "up": None, "error": "", "nfs": NFS[2:]}) == (
        "NFS SERVER  EXPORT  CLIENTS  USED\nnfs3        none"
    )


def drain(availability: str, **tasks: list[dict[str, Any]]) -> dict[str, Any]:
    node = {"name": "chimera-node", "status": "ready", "availability": availability}
    nothing = {"affected": [], "moved": [], "pending": [], "started": [], "stopped": []}
    return {"node": node, "diff": {"after": {"availability": "drain"}}, **nothing, **tasks}


def test_a_drain() -> None:
    result = drain(
        "drain",
        affected=[{"task": "web.1"}],
        moved=[{"task": "web.1", "from": "chimera-node", "to": "hydra-node"}],
        stopped=[{"task": "agent.chimera-node"}],
        started=[{"task": "web.2"}],
        pending=[{"task": "jupyter.1", "reason": "no suitable node"}, {"task": "gpu.1", "reason": "none free"}],
    )
    assert (
        text.drained(result)
        == """\
chimera-node is ready, availability drain
moved:
  web.1  chimera-node -> hydra-node
started here:
  web.2
stopped, as a global service has nowhere to move:
  agent.chimera-node
pending:
  jupyter.1  no suitable node
  gpu.1      none free"""
    )


def test_a_rehearsed_drain() -> None:
    assert (
        text.drained(drain("active", affected=[{"task": "web.1"}]))
        == """\
chimera-node is ready, availability active and would become drain
would end here:
  web.1"""
    )
