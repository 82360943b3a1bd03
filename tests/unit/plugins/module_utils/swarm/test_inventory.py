# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.swarm import inventory

NETWORK = {"subnet": "172.30.0.0/16"}


def host(name: str, **more: Any) -> dict[str, Any]:
    return {"inventory_hostname": name, "swarm_node_name": f"{name}-node", "swarm_node_role": "worker", **more}


HYDRA = host("hydra", swarm_node_role="manager", swarm_node_address="172.30.0.10", swarm_node_labels={"storage": "nfs"})
CHIMERA = host("chimera", swarm_node_address="172.30.0.20", swarm_node_labels={"gpu": True})


def problems(*hosts: dict[str, Any]) -> list[str]:
    """Those of hosts that are all members and machines."""
    return inventory.problems(map(inventory.member_of, hosts), map(inventory.machine_of, hosts), NETWORK)


@pytest.mark.parametrize(
    ("hosts", "found"),
    [
        ([HYDRA, CHIMERA], []),
        (
            [CHIMERA],
            [
                "no host has swarm_node_role: manager: a swarm needs one, three or five managers; put a host in the "
                "group"
            ],
        ),
        (
            [HYDRA, {**CHIMERA, "swarm_node_role": "manager"}],
            [
                "2 managers (hydra-node, chimera-node): an even number survives no more failures than one fewer; make "
                "it 1 or 3"
            ],
        ),
        (
            [HYDRA, {**CHIMERA, "swarm_node_address": "172.30.0.10"}],
            ["chimera-node: address 172.30.0.10 is already that of hydra-node: give every machine its own"],
        ),
        (
            [HYDRA, {**CHIMERA, "swarm_node_address": "172.30.0.1"}],
            ["chimera-node: address 172.30.0.1 is the gateway of 172.30.0.0/16: choose another"],
        ),
        (
            [HYDRA, host("cerberus")],
            ["cerberus-node: address 'None' is not an IPv4 address: write four numbers like 172.30.0.10"],
        ),
        (
            [HYDRA, {**CHIMERA, "swarm_node_name": "hydra-node"}],
            ["swarm_node_name 'hydra-node' is that of chimera and hydra: give every host its own"],
        ),
        (
            [HYDRA, {**CHIMERA, "swarm_node_name": "chimera_node"}],
            ["'chimera_node' is no host name: use letters, digits and '-', at most 63 between dots"],
        ),
        (
            [HYDRA, {**CHIMERA, "swarm_node_role": "boss", "swarm_node_availability": "idle"}],
            [
                "chimera-node: swarm_node_role 'boss' is none of manager, worker",
                "chimera-node: swarm_node_availability 'idle' is none of active, pause, drain",
            ],
        ),
        (
            [HYDRA, {**CHIMERA, "swarm_node_labels": ["gpu"]}],
            ["chimera-node: swarm_node_labels is no mapping: write it like {gpu: true, workload: jupyter}"],
        ),
        (
            [HYDRA, {**CHIMERA, "swarm_node_labels": {"a b": 1, "gpu": None}}],
            [
                "chimera-node: label key 'a b': no placement constraint can name it; use letters, digits, '.', '_' and "
                "'-'",
                "chimera-node: label 'gpu': it has no value; write '' for an empty one",
            ],
        ),
        ([HYDRA, {**CHIMERA, "swarm_node_gpus": 2}], []),
        # What holds for all hosts is told once.
        (
            [{**host, "swarm_node_swarm_settings": {"heartbeat": "soon"}} for host in (HYDRA, CHIMERA)],
            ["swarm_node_swarm_settings: heartbeat 'soon' is not a duration of at least 1s, for example heartbeat: 5s"],
        ),
        (
            [HYDRA, {**CHIMERA, "swarm_node_gpus": -1}],
            [
                "chimera-node: swarm_node_gpus '-1' is no number of GPUs: write how many GPUs it has, 0 to 64, or a list "
                "of their UUIDs"
            ],
        ),
        (
            [HYDRA, {**CHIMERA, "swarm_node_gpus": 0}],
            [
                "chimera-node: label gpu is 'true', but swarm_node_gpus says 0: leave gpu out of swarm_node_labels, it "
                "follows from swarm_node_gpus"
            ],
        ),
        (
            [{**HYDRA, "swarm_node_gpus": ["GPU-1f"]}, {**CHIMERA, "swarm_node_gpus": ["GPU-1f"]}],
            [
                "swarm_node_gpus lists GPU-1f 2 times, for chimera-node and hydra-node: each GPU has a UUID of its own",
            ],
        ),
        (
            [
                HYDRA,
                {
                    **CHIMERA,
                    "swarm_node_gpus": 1,
                    "dind_node_settings": {"node-generic-resources": ["NVIDIA-GPU=GPU-1f"]},
                },
            ],
            [
                "chimera-node: dind_node_settings lists NVIDIA-GPU=GPU-1f, and swarm_node_gpus declares 1 more: declare "
                "all GPUs in swarm_node_gpus"
            ],
        ),
        (
            [HYDRA, {**CHIMERA, "dind_node_memory": "lots", "dind_node_ports": ["http", 80]}],
            [
                "chimera-node: size 'lots' is not a number with one of the units b, k, m, g, t: write it like 512m or "
                "2g",
                "chimera-node: port 'http' is not [[ADDRESS:]HOST:]CONTAINER[/tcp|udp|sctp] with ports from 1 to 65535",
            ],
        ),
    ],
)
def test_problems(hosts: list[dict[str, Any]], found: list[str]) -> None:
    assert problems(*hosts) == found


def test_servers_have_no_machines_to_check() -> None:
    assert inventory.problems([inventory.member_of(HYDRA)], [], {}) == []


def test_a_node_is_a_machine_with_engine_settings() -> None:
    assert inventory.machine_of({**HYDRA, "dind_node_ports": [80], "dind_node_cpus": 2, "dind_node_memory": "4g"}) == {
        "name": "hydra-node",
        "address": "172.30.0.10",
        "address_is_final": True,
        "service": "engine",
        "ports": ["80"],
        "cpus": 2,
        "memory": "4g",
        "mounts": [],
        "volume": None,
        "settings": {},
        "containers": {"closed": [], "reach": []},
    }


def test_what_containers_of_a_machine_reach() -> None:
    told = {"dind_cluster_network": {"subnet": "172.30.0.0/16"}, "firewall_containers_closed": ["192.0.2.0/24"]}
    told["firewall_containers_reach"] = ["192.0.2.7"]
    assert inventory.machine_of({**HYDRA, **told})["containers"] == {
        "closed": ["172.30.0.0/16", "192.0.2.0/24"],
        "reach": ["192.0.2.7"],
    }
    assert "containers" not in inventory.machine_of({**HYDRA, **told, "firewall_containers": False})
    wrong = {**HYDRA, "firewall_containers_closed": ["far"]}
    (said,) = problems(wrong)
    assert said.startswith("firewall_containers_closed: 'far' is no address")


def test_gpus_are_engine_settings_of_a_machine_and_a_label_of_a_member() -> None:
    variables = {
        **HYDRA,
        "swarm_node_gpus": ["GPU-1f", "GPU-2e"],
        "dind_node_settings": {"debug": True, "node-generic-resources": ["SSD=1"]},
    }
    assert inventory.machine_of(variables)["settings"] == {
        "debug": True,
        "node-generic-resources": ["SSD=1", "NVIDIA-GPU=GPU-1f", "NVIDIA-GPU=GPU-2e"],
    }
    assert inventory.member_of(variables)["labels"] == {"storage": "nfs", "gpu": "true"}


@pytest.mark.parametrize(
    ("declared", "found", "labelled"),
    [
        (1, None, True),  # not looked for, or the driver does not work: what is declared counts
        (None, None, False),
        (None, ["GPU-1f"], True),
        (None, [], False),
        (1, [], False),
        (0, [], False),
    ],
)
def test_the_label_of_a_server_follows_what_is_found(declared: Any, found: Any, labelled: bool) -> None:
    member = inventory.member_of({**HYDRA, "swarm_node_gpus": declared, "nvidia_gpu_uuids": found})
    assert ("gpu" in member["labels"], member["gpus"]) == (labelled, declared)


@pytest.mark.parametrize(("role", "final"), [("manager", True), ("worker", False), (None, False)])
def test_only_a_managers_address_is_final(role: str | None, final: bool) -> None:
    assert inventory.machine_of({**HYDRA, "swarm_node_role": role})["address_is_final"] is final


def test_an_nfs_server_is_a_machine_without_engine_settings() -> None:
    machine = inventory.machine_of({"inventory_hostname": "nfs", "dind_node_service": "nfs", "dind_node_settings": {}})
    assert (machine["name"], machine["service"], "settings" in machine) == ("nfs", "nfs", False)


@pytest.mark.parametrize(
    ("engines", "node_id"),
    [(None, ""), ({}, ""), ({"hydra-node": {"node_id": "id1"}}, "id1"), ({"hydra-node": None}, "")],
)
def test_what_the_run_knows_of_a_node(engines: dict[str, Any] | None, node_id: str) -> None:
    assert inventory.member_of({**HYDRA, "swarm_node_availability": ""}, engines) == {
        "host": "hydra",
        "name": "hydra-node",
        "node": node_id or "hydra-node",
        "node_id": node_id,
        "trouble": "",
        "address": "172.30.0.10",
        "role": "manager",
        "labels": {"storage": "nfs"},
        "gpus": None,
        "availability": None,
        "settings": {},
        "containers": {"closed": [], "reach": []},
    }


def test_nodes_are_called_what_their_hosts_say_or_are() -> None:
    hostvars = {"hydra": HYDRA, "chimera": {"inventory_hostname": "chimera"}}
    assert inventory.node_names(["hydra", "chimera"], hostvars) == {"hydra": "hydra-node", "chimera": "chimera"}


def test_a_machine_that_could_not_be_brought_up_is_told_of_once() -> None:
    troubles = {"hydra-node": "start: no space", "nfs-server": "it ends"}
    assert inventory.member_of(HYDRA, {"hydra-node": {"trouble": "start: no space"}})["trouble"] == "start: no space"
    assert inventory.sentences(troubles, ["hydra-node"]) == ["nfs-server: it ends"]
    assert inventory.sentences(troubles) == ["hydra-node: start: no space", "nfs-server: it ends"]


def test_pick() -> None:
    things = [{"node": "a", "role": "worker", "availability": None}, {"node": "b", "availability": "drain"}]
    assert inventory.pick(things, "node", "availability") == [{"node": "a"}, {"node": "b", "availability": "drain"}]


def test_a_second_nfs_server_is_refused() -> None:
    def problems(*hosts: str) -> list[str]:
        return inventory.problems([inventory.member_of(HYDRA)], [], {}, hosts)

    assert problems() == problems("nfs") == []
    assert problems("nfs", "store") == [
        "2 NFS servers (nfs, store): every volume is looked for on one, so a second would never be asked; leave one of "
        "them in the group, and list all exports there"
    ]


def test_a_host_with_two_roles() -> None:
    assert inventory.problems(map(inventory.member_of, [HYDRA, CHIMERA]), [], None, two_roles=["chimera"]) == [
        "host chimera is in group managers and in group workers, and a node has one role: take it out of one of them"
    ]


@pytest.mark.parametrize(
    ("machines", "servers", "names"),
    [
        ([{"name": "hydra-node"}], [], ["hydra"]),
        ([], [], ["hydra"]),
        ([], ["10.0.0.2", "10.0.0.1", "10.0.0.2"], ["server-10.0.0.1", "server-10.0.0.2"]),
        ([], ["fd00::1"], ["server-fd00::1"]),
        # Containers belong to the cluster whose name they bear, servers to whoever names them.
        ([{"name": "hydra-node"}], ["10.0.0.1"], ["hydra", "server-10.0.0.1"]),
    ],
)
def test_what_a_run_locks(machines: list[dict[str, str]], servers: list[str], names: list[str]) -> None:
    hosts = [{"inventory_hostname": "any", "swarm_node_address": address} for address in servers]
    assert inventory.lock_names("hydra", machines, hosts) == names


def test_a_server_without_an_address_is_locked_by_its_name() -> None:
    assert inventory.lock_names("swarm", [], [{"inventory_hostname": "chimera"}]) == ["server-chimera"]
