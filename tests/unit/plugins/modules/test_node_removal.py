# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

from ansible_collections.hydra.swarm.plugins.modules import node_removal


def test_a_worker_goes_once(call: Any, swarm: Any) -> None:
    first = call(node_removal, ids=["chimera"])
    assert first["changed"]
    assert swarm.posted == [("DELETE", "/nodes/chimera", None)]
    swarm.answers["/nodes"].pop()
    second = call(node_removal, ids=["chimera"])
    assert (second["changed"], [node["id"] for node in second["nodes"]]) == (False, ["hydra"])
    assert len(swarm.posted) == 1


def test_a_worker_has_nothing_to_be_demoted_of(call: Any, swarm: Any) -> None:
    assert not call(node_removal, ids=["chimera"], state="demoted")["changed"]
    assert swarm.posted == []


def test_a_rehearsal_changes_nothing(call: Any, swarm: Any) -> None:
    assert call(node_removal, check=True, ids=["chimera"])["changed"]
    assert swarm.posted == []


def test_refusals(call: Any, swarm: Any) -> None:
    assert call(node_removal, ids=["hydra"])["msg"] == (
        "this would cost the swarm its quorum: hydra-node is the last manager; make another node a manager first"
    )
    swarm.answers["/nodes"] += [swarm.node(name, role="manager") for name in ("cerberus", "orthrus")]
    assert call(node_removal, ids=["hydra"])["msg"] == "this is the manager that it runs on; run it on another one"
    assert swarm.posted == []
