# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.report.status import combine


def listed(name: str, identity: str = "", status: str = "ready") -> dict[str, Any]:
    return {"id": identity or f"id-{name}", "name": name, "status": status, "availability": "active"}


def machine(*consequences: str, error: str = "") -> dict[str, Any]:
    kernel = {"release": "6.1", "cgroup": 2, "ipvs": not consequences, "nfs_client": True}
    told = {"cpu": 1, "memory": 2, "disk": 3, "kernel": kernel, "consequences": list(consequences)}
    return {"changed": False, "node": {**told, "engine": {"error": error}}}


def seen(*nodes: dict[str, Any], services: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"swarm": {"nodes": list(nodes), "networks": [], "services": list(services)}}


UNREACHABLE = {"unreachable": True, "msg": "Task failed: no route to host\nmore"}
NAMES = {"hydra": "hydra-node", "chimera": "chimera-node"}


def brief(state: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(node["name"], node["status"], node["host"], node["reachable"], node["error"]) for node in state["nodes"]]


def test_a_machine_that_is_unreachable_is_told_of_and_the_rest_is_still_there() -> None:
    state = combine(
        NAMES,
        {"hydra": machine("no IPVS: so"), "chimera": UNREACHABLE},
        {"hydra": seen(listed("hydra-node"), listed("chimera-node", status="down")), "chimera": {"skipped": True}},
        {"nfs": UNREACHABLE, "hydra": {"skipped": True}, "chimera": {}},
    )
    assert (state["up"], state["error"]) == (True, "")
    assert brief(state) == [
        ("hydra-node", "ready", "hydra", True, ""),
        ("chimera-node", "down", "chimera", False, "unreachable (no route to host)"),
    ]
    assert state["nodes"][0]["usage"] == {"cpu": 1, "memory": 2, "disk": 3}
    assert state["lacking"] == [{"consequence": "no IPVS: so", "nodes": ["hydra-node"]}]
    assert state["nfs"] == [{"host": "nfs", "error": "unreachable (no route to host)", "exports": []}]


def test_what_a_machine_tells_belongs_to_the_entry_that_is_ready() -> None:
    state = combine(
        NAMES,
        {"hydra": machine(), "chimera": machine()},
        {"hydra": seen(listed("chimera-node", "old", "down"), listed("chimera-node", "new"), listed("lerna"))},
        {},
    )
    assert brief(state) == [
        ("chimera-node", "down", "", False, ""),
        ("chimera-node", "ready", "chimera", True, ""),
        ("lerna", "ready", "", False, "it is not in the inventory: make node-remove NODE=lerna"),
        ("hydra-node", "not in the swarm", "hydra", True, ""),
    ]


def test_a_node_that_is_called_otherwise_in_the_swarm_is_still_ours_and_named() -> None:
    told = machine()
    told["node"]["engine"]["node_id"] = "id-x"
    state = combine(
        NAMES, {"hydra": machine(), "chimera": told}, {"hydra": seen(listed("hydra-node"), listed("x"))}, {}
    )
    assert brief(state) == [
        ("hydra-node", "ready", "hydra", True, ""),
        (
            "x",
            "ready",
            "chimera",
            True,
            "chimera-node is called x in the swarm: somebody changed its host name. Change it back and restart its engine, "
            "or start its container anew (docker restart)",
        ),
    ]


def test_what_is_wrong_with_a_machine_s_network_is_told_with_what_mends_it() -> None:
    told = machine()
    told["node"]["faults"] = [
        {"kind": "rules", "mends": True, "words": "its rules are gone"},
        {"kind": "names", "mends": False, "words": "it resolves no names"},
    ]
    state = combine(NAMES, {"hydra": told}, {"hydra": seen(listed("hydra-node"))}, {})
    node = state["nodes"][0]
    assert (node["error"], len(node["faults"])) == (
        "its rules are gone; it resolves no names. Mend it with: make swarm-up",
        2,
    )
    told["node"]["faults"].pop(0)
    state = combine(NAMES, {"hydra": told}, {"hydra": seen(listed("hydra-node"))}, {})
    assert state["nodes"][0]["error"] == "it resolves no names"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"msg": "this engine is in no swarm"}, "hydra: this engine is in no swarm"),
        (UNREACHABLE, "hydra: unreachable (no route to host)"),
        (
            {"msg": "Module result deserialization failed: x", "module_stderr": "No such container: hydra-node\n"},
            "hydra: No such container: hydra-node",
        ),
        ({"failed": True}, "hydra: no answer"),
        ({"msg": "Module result deserialization failed: x"}, "hydra: its program ended without an answer"),
    ],
)
def test_a_cluster_that_is_not_up(answer: dict[str, Any], error: str) -> None:
    state = combine(
        NAMES, {"hydra": machine(error="docker GET /info: no answer"), "chimera": {}}, {"hydra": answer}, {}
    )
    assert (state["up"], state["error"]) == (False, error)
    assert brief(state) == [
        ("hydra-node", "unknown", "hydra", True, "docker GET /info: no answer"),
        ("chimera-node", "unknown", "chimera", False, "no answer"),
    ]


def test_of_several_managers_one_that_answers_is_enough() -> None:
    state = combine({}, {}, {"hydra": UNREACHABLE, "chimera": seen(listed("chimera-node"))}, {})
    assert (state["up"], state["error"]) == (True, "")


def test_exports_with_their_use_and_no_manager_asked() -> None:
    use = {"size_bytes": 10, "used_bytes": 4, "free_bytes": 6}
    exports = [{"path": "/exports/a", "clients": []}, {"path": "/exports/gone", "clients": []}]
    state = combine({}, {}, {}, {"nfs": {"exports": exports, "usage": {"/exports/a": use}}})
    assert state["up"] is None
    assert state["nfs"] == [
        {
            "host": "nfs",
            "error": "",
            "exports": [
                {"path": "/exports/a", "clients": [], "usage": use},
                {"path": "/exports/gone", "clients": [], "usage": None},
            ],
        }
    ]


def test_a_pending_task_says_what_it_needs() -> None:
    task = {"state": "pending", "error": "no suitable node (max replicas per node limit exceed)"}
    service = {"name": "web", "max_per_node": 1, "tasks": [task]}
    state = combine({}, {}, {"hydra": seen(services=(service,))}, {})
    assert state["services"][0]["tasks"][0]["error"] == (
        "no suitable node (max replicas per node limit exceed); needs a node with fewer than 1 of its tasks"
    )
