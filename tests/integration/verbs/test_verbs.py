# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What `make help` lists does what it says, for the inventory that is named."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from harness import ROOT, Cluster, until

NODES = ["test-hydra-node", "test-chimera-node", "test-cerberus-node"]


def test_help_lists_every_verb(cluster: Cluster) -> None:
    listed = set(re.findall(r"^  ([a-z-]+)  ", cluster.make("help").printed, re.MULTILINE))
    assert listed == set(
        re.findall(r"^([a-z-]+(?: [a-z-]+)*):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    ) - {"exec-hydra exec-chimera exec-cerberus"} | {"exec-hydra", "exec-chimera", "exec-cerberus"}


def test_status_as_a_table(cluster: Cluster) -> None:
    said = cluster.make("swarm-status").said
    for name in NODES:
        node = cluster.nodes()[name]
        assert re.search(f"{name} ready active {node.role}.*? {node.address} {re.escape(node.engine)}", said)
    for word in (
        "gpu=true role=worker workload=jupyter",
        "/exports/student-volumes",
        "hydra_public",
        "hydra_students_net",
    ):
        assert word in said


def test_status_as_json(cluster: Cluster) -> None:
    status = json.loads(cluster.make("swarm-status", "FORMAT=json").printed)
    listed = cluster.nodes()
    assert status["up"] is True
    assert {node["name"]: node["id"] for node in status["nodes"]} == {name: node.id for name, node in listed.items()}
    for node in status["nodes"]:
        entry = listed[node["name"]]
        assert (node["status"], node["availability"], node["role"]) == (entry.status, entry.availability, entry.role)
        assert (node["address"], node["engine"], node["labels"]) == (entry.address, entry.engine, entry.labels)
        assert 0 < node["usage"]["memory"]["used"] < node["usage"]["memory"]["limit"]
    exports = {export["path"] for server in status["nfs"] for export in server["exports"]}
    assert exports == {"/exports/openwebui", "/exports/student-volumes"}


def test_nfs_status(cluster: Cluster) -> None:
    members = (f"172.31.240.{number} (rw)" for number in (10, 20, 30))
    assert f"/exports/student-volumes {' '.join(members)}" in cluster.make("nfs-status").said
    (server,) = json.loads(cluster.make("nfs-status", "FORMAT=json").printed)["nfs"]
    assert server["exports"][0]["usage"]["used_bytes"] > 0


def test_logs_of_all_nodes(cluster: Cluster) -> None:
    printed = cluster.make("nodes-logs", "LINES=3").printed
    assert re.findall(r"^==== (.+)$", printed, re.MULTILINE) == ["test-nfs-server", *NODES]
    for name in NODES:
        assert cluster.docker("logs", "--tail", "1", name) in printed


@pytest.mark.parametrize("node", ["chimera", "test-chimera-node"])
def test_logs_of_one_node(cluster: Cluster, node: str) -> None:
    printed = cluster.make("nodes-logs", f"NODE={node}", "LINES=5").printed
    assert re.findall(r"^==== (.+)$", printed, re.MULTILINE) == ["test-chimera-node"]
    assert len(re.findall(r"^\d{4}-\d\d-\d\dT", printed, re.MULTILINE)) == 5


@pytest.mark.parametrize(
    ("arguments", "name"),
    [(("exec-hydra",), NODES[0]), (("exec-cerberus",), NODES[2]), (("exec", "NODE=test-chimera-node"), NODES[1])],
    ids=str,
)
def test_exec(cluster: Cluster, arguments: tuple[str, ...], name: str) -> None:
    assert cluster.make(*arguments, "CMD=hostname").printed.strip() == name


@pytest.fixture
def service(cluster: Cluster, tiny: str) -> Iterator[str]:
    """Two replicas that may run on the workers, and one that only chimera's label lets run."""
    for name, count, constraint in (("anywhere", 2, "role == worker"), ("jupyter", 1, "labels.workload == jupyter")):
        cluster.inside(
            NODES[0], "docker", "service", "create", "--detach", "--no-resolve-image", "--endpoint-mode", "dnsrr",
            "--name", name, "--replicas", str(count), "--constraint", f"node.{constraint}", tiny, "sleep", "600",
        )  # fmt: skip
    try:
        until(
            "the tasks to run",
            lambda: sorted(cluster.tasks("anywhere")) == NODES[:0:-1] and cluster.tasks("jupyter"),
            40,
        )
        yield "anywhere"
    finally:
        cluster.inside(NODES[0], "docker", "service", "rm", "anywhere", "jupyter")


def test_a_failure_is_rehearsed_and_undone(cluster: Cluster, service: str) -> None:
    try:
        failed = cluster.make("test-failure", "NODE=chimera").said
        assert [name for name, node in cluster.nodes().items() if node.availability == "drain"] == [NODES[1]]
        assert cluster.inside(NODES[1], "docker", "ps", "-q") == ""
    finally:
        cluster.make("restore-node", "NODE=chimera")
    cluster.assert_healthy()
    assert re.search(r"moved: anywhere\.\d test-chimera-node -> test-cerberus-node", failed), failed
    assert re.search(r"pending: jupyter\.1 .*needs node\.labels\.workload == jupyter", failed), failed
    until("the pending task to run", lambda: list(cluster.tasks("jupyter")) == [NODES[1]], 40)
