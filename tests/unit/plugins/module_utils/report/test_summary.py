# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.report import summary


def node(name: str, role: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "role": role,
        "status": "ready",
        "availability": "active",
        "address": "172.30.0.10",
        "labels": {},
        "leader": False,
        **more,
    }


NODES = [
    node("chimera-node", "worker", labels={"gpu": "true", "a": "b"}),
    node("hydra-node", "manager", leader=True, availability="drain"),
]


def test_a_swarm() -> None:
    kernel = {"ipvs": True, "nfs_client": True, "cgroup": 2}
    networks = [
        {"name": "hydra_students_net"},
        {"name": "old", "state": "absent"},
        {"name": "hydra_public", "state": "present"},
    ]
    assert summary.summary(NODES, networks, ["/exports/a"], "172.30.0.5", kernel, "Next: make help") == (
        "The swarm is up.\n"
        "\n"
        "NODE          STATUS         ROLE             ADDRESS      LABELS\n"
        "hydra-node    ready, drain   manager, leader  172.30.0.10\n"
        "chimera-node  ready, active  worker           172.30.0.10  a=b gpu=true\n"
        "\n"
        "Networks: hydra_public, hydra_students_net\n"
        "NFS:      172.30.0.5:/exports/a\n"
        "\n"
        "Next: make help"
    )


def test_nothing_but_nodes_on_a_kernel_that_lacks_something() -> None:
    lines = summary.summary(NODES, [], [], "", {"ipvs": False, "nfs_client": False, "cgroup": 1}).splitlines()
    assert lines[-4:] == [
        "Networks: none",
        "NFS:      none",
        "Kernel:   no IPVS: virtual IPs of services and ports published in ingress mode do not answer; use "
        "endpoint_mode: dnsrr and ports with mode: host",
        "Kernel:   no NFS client: NFS volumes cannot be mounted; they are binds where nodes share the NFS server's storage, "
        "and refused elsewhere",
    ]


def test_a_kernel_nobody_asked_is_not_judged() -> None:
    assert summary.summary(NODES, [], [], "", {}).splitlines()[-1] == "NFS:      none"


def test_numbered_networks_are_told_by_their_first_and_last() -> None:
    names = ["hydra_public", "lab_1", "lab_2", "s_08", "s_09", "s_10", "s_12", "t_13"]
    assert summary.runs(names) == ["hydra_public", "lab_1, lab_2", "s_08 to s_10", "s_12", "t_13"]


@pytest.mark.parametrize(
    ("sources", "line"),
    [
        (["/x/inventories/dev"], "Next: make swarm-status, make exec NODE=hydra, make help"),
        (
            ["/x/inventories/lab"],
            "Next: make swarm-status INVENTORY=inventories/lab, make exec NODE=hydra INVENTORY=inventories/lab, make help",
        ),
        (
            ["/mine/the lab"],
            "Next: make swarm-status INVENTORY='/mine/the lab', make exec NODE=hydra INVENTORY='/mine/the lab', make help",
        ),
        (
            ["/x/inventories/dev", "/mine/more.yml"],
            "Next: ansible-playbook playbooks/swarm-status.yml -i inventories/dev -i /mine/more.yml",
        ),
    ],
)
def test_what_is_next_is_called_for_the_inventory_that_was_used(sources: list[str], line: str) -> None:
    assert summary.following(sources, "/x", "hydra") == line


@pytest.mark.parametrize(
    ("sources", "lines"),
    [
        (
            ["/x/inventories/lab"],
            [
                "Next: make swarm-up INVENTORY=inventories/lab",
                "      make lab-ssh NODE=hydra, make lab-status, make lab-down",
            ],
        ),
        (
            ["/mine/the lab"],
            [
                "Next: make swarm-up INVENTORY='/mine/the lab'",
                "      make lab-ssh NODE=hydra LAB='/mine/the lab', make lab-status LAB='/mine/the lab', make lab-down "
                "LAB='/mine/the lab'",
            ],
        ),
        (
            ["/x/inventories/lab", "/mine/more.yml"],
            [
                "Next: ansible-playbook -i inventories/lab -i /mine/more.yml, with playbooks/swarm-up.yml, "
                "playbooks/lab-status.yml, playbooks/lab-down.yml"
            ],
        ),
    ],
)
def test_what_is_next_in_a_lab_is_called_for_the_one_that_was_made(sources: list[str], lines: list[str]) -> None:
    assert summary.following_lab(sources, "/x", "hydra").splitlines() == lines


def test_what_a_cluster_holds() -> None:
    nodes = [{"name": "hydra-node", "actions": ["removed"]}, {"name": "chimera-node", "actions": ["removed"]}]
    removed = {"networks": ["hydra"], "volumes": ["hydra-node-data"]}
    assert summary.holdings({"nodes": nodes, "removed": removed}) == (
        "machines chimera-node, hydra-node; networks hydra; volumes hydra-node-data"
    )
    assert (
        summary.holdings({"nodes": [], "removed": {"networks": [], "volumes": []}}) == "nothing, as there is none of it"
    )
    assert summary.holdings({"skipped": True}) == "no engine answers here, so what it holds is not known"
