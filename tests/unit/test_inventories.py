# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inventories, as Ansible reads them, are the cluster that was asked for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.swarm import inventory

ROOT = Path(__file__).resolve().parents[2]
NODES = {
    "hydra": ("hydra-node", "172.30.0.10", "manager", {"role": "manager", "storage": "nfs"}),
    "chimera": ("chimera-node", "172.30.0.20", "worker", {"role": "worker", "gpu": "true", "workload": "jupyter"}),
    "cerberus": ("cerberus-node", "172.30.0.30", "worker", {"role": "worker", "gpu": "true", "workload": "ollama"}),
}
# All that a lab may say otherwise than production does: where its servers are, how they are reached, and what GPUs they pretend to have.
REACHED = {"swarm_node_address", "lab_folder", "ansible_ssh_common_args", "ansible_control_path"}
PRETENDED = {"nvidia_gpu_simulated", "swarm_node_gpus"}


class Inventory:
    def __init__(self, name: str):
        command = [str(Path(sys.executable).with_name("ansible-inventory")), "-i", f"inventories/{name}", "--list"]
        listed = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
        self.vars: dict[str, Any] = listed["_meta"]["hostvars"]
        self._groups = listed

    def groups(self) -> dict[str, Any]:
        return {name: group for name, group in self._groups.items() if name != "_meta"}

    def group(self, name: str) -> set[str]:
        group = self._groups.get(name, {})
        return set(group.get("hosts", [])).union(*(self.group(child) for child in group.get("children", [])))

    def members(self) -> dict[str, dict[str, Any]]:
        return {
            host: inventory.member_of({"inventory_hostname": host, **self.vars[host]}) for host in self.group("swarm")
        }

    def labels(self) -> dict[str, dict[str, str]]:
        """As the engine will have them: words."""
        return {
            host: {k: str(v).replace("True", "true") for k, v in m["labels"].items()}
            for host, m in self.members().items()
        }


@pytest.fixture(scope="module")
def dev() -> Inventory:
    return Inventory("dev")


@pytest.fixture(scope="module")
def prod() -> Inventory:
    return Inventory("prod")


@pytest.fixture(scope="module")
def lab() -> Inventory:
    return Inventory("lab")


def test_the_development_cluster(dev: Inventory) -> None:
    seen = {host: (m["name"], m["address"], m["role"], dev.labels()[host]) for host, m in dev.members().items()}
    assert seen == NODES
    assert dev.group("managers") == {"hydra"}
    assert dev.group("workers") == {"chimera", "cerberus"}
    assert dev.group("nfs_servers") == {"nfs"}
    assert dev.group("dind") == {*NODES, "nfs"} == set(dev.vars)


def test_its_machines_break_no_rule(dev: Inventory) -> None:
    hosts = [{"inventory_hostname": host, **dev.vars[host]} for host in dev.group("dind")]
    network = dev.vars["nfs"]["dind_cluster_network"]
    assert inventory.problems(dev.members().values(), map(inventory.machine_of, hosts), network) == []
    assert network["subnet"] == "172.30.0.0/16"


def test_its_gpus_are_simulated(dev: Inventory) -> None:
    machines = {host: inventory.machine_of({"inventory_hostname": host, **dev.vars[host]}) for host in NODES}
    offered = {host: one["settings"].get("node-generic-resources", []) for host, one in machines.items()}
    assert {host: len(entries) for host, entries in offered.items()} == {"hydra": 0, "chimera": 1, "cerberus": 1}
    assert all(entry.startswith("NVIDIA-GPU=GPU-") for entries in offered.values() for entry in entries)
    assert offered["chimera"] != offered["cerberus"]


def test_what_is_reachable_from_this_computer(dev: Inventory) -> None:
    assert {host: seen["dind_node_ports"] for host, seen in dev.vars.items() if "dind_node_ports" in seen} == {
        "hydra": [80, 443, 6969, 8080, 8081, 11434, 7070]
    }
    assert {seen["dind_cluster_bind_address"] for seen in dev.vars.values()} == {"127.0.0.1"}


def test_its_nfs_server(dev: Inventory, prod: Inventory) -> None:
    server = dev.vars["nfs"]
    assert (server["swarm_node_name"], server["swarm_node_address"]) == ("nfs-server", "172.30.0.5")
    assert server["dind_node_service"] == "nfs"
    exports = server["nfs_server_exports"]
    assert [export["path"] for export in exports] == ["/exports/student-volumes", "/exports/openwebui"]
    # To the members by address, root squashed; ansible-inventory shows expressions as they are written.
    assert exports == prod.vars["hydra"]["nfs_server_exports"]
    assert {export["clients"] for export in exports} == {exports[0]["clients"]}
    assert "groups['swarm']" in exports[0]["clients"] and "squash" not in exports[0]["clients"]


def test_the_servers_are_what_the_development_cluster_rehearses(dev: Inventory, prod: Inventory) -> None:
    assert prod.group("swarm") == dev.group("swarm") == set(NODES)
    assert prod.labels() == dev.labels()
    roles = [{host: member["role"] for host, member in each.members().items()} for each in (dev, prod)]
    assert roles[0] == roles[1]
    assert inventory.problems(prod.members().values(), [], None) == []


def test_the_servers_are_no_containers(prod: Inventory) -> None:
    assert prod.group("dind") == set()
    assert prod.group("nfs_servers") <= set(NODES)


def test_both_have_the_same_overlay_networks(dev: Inventory, prod: Inventory) -> None:
    # ansible-inventory shows variables as they are written, and both link to one file.
    assert dev.vars["hydra"]["swarm_network_networks"] == prod.vars["hydra"]["swarm_network_networks"]
    for host in [*dev.vars.values(), *prod.vars.values()]:
        assert host["swarm_network_department"] == [
            {"name": "hydra_public", "attachable": True},
            {"name": "hydra_students_net", "attachable": True},
        ]


def test_everything_on_servers_is_done_as_root_and_nothing_else_is(prod: Inventory) -> None:
    # An NFS server need not be a node; and what is said for all would hold for this computer, too.
    assert prod.group("servers") == prod.group("swarm") | prod.group("nfs_servers")
    assert all(host["ansible_become"] is True for host in prod.vars.values())
    shared = (ROOT / "inventories/prod/group_vars/all").glob("*.yml")
    assert not [path.name for path in shared if "ansible_become" in path.read_text(encoding="utf-8")]


def test_the_lab_has_the_groups_and_hosts_of_production(lab: Inventory, prod: Inventory) -> None:
    assert lab.groups() == prod.groups()
    assert lab.vars.keys() == prod.vars.keys()


def test_the_lab_differs_from_production_only_in_addresses_ssh_and_gpus(lab: Inventory, prod: Inventory) -> None:
    # As they are written, expressions included.
    nothing = object()
    differing = {
        (host, name)
        for host, variables in prod.vars.items()
        for name in variables.keys() | lab.vars[host].keys()
        if variables.get(name, nothing) != lab.vars[host].get(name, nothing)
    }
    assert {name for _host, name in differing} <= REACHED | PRETENDED
    assert {(host, "swarm_node_address") for host in NODES} <= differing
    assert all(host["nvidia_gpu_simulated"] is True for host in lab.vars.values())
    assert not any("nvidia_gpu_simulated" in host for host in prod.vars.values())
    assert inventory.problems(lab.members().values(), [], None) == []


def test_the_example_of_secrets_is_complete_and_its_values_are_encrypted(tmp_path: Path) -> None:
    example, password = ROOT / "inventories/vault.example.yml", tmp_path / "password"
    password.write_text("example", encoding="utf-8")
    ask = ["localhost", "-c", "local", "-i", "localhost,", "-m", "debug", "-a", "msg={{ vault_stacks_secrets }}"]
    command = [str(Path(sys.executable).with_name("ansible")), *ask, "-e", f"@{example}"]
    done = subprocess.run(
        [*command, "--vault-password-file", str(password)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    secrets = json.loads(done.stdout.partition("=> ")[2])["msg"]
    used = (ROOT / "inventories/shared.yml").read_text(encoding="utf-8")
    assert set(secrets) == set(re.findall(r"stacks_secrets\.(\w+)", used))
    text = example.read_text(encoding="utf-8")
    assert text.count("$ANSIBLE_VAULT;") == len(secrets)
    assert all("replace-me" in value for value in secrets.values())
