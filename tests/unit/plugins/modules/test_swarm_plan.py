# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import HydraError
from ansible_collections.hydra.swarm.plugins.modules import swarm_plan

SETTINGS: dict[str, Any] = {"settings": {}, "set": None, "refuse_with": None}
MEMBER = {
    "host": "hydra",
    "name": "hydra-node",
    "node_id": "",
    "role": "manager",
    "availability": None,
    "labels": {},
    "address": "10.0.0.1",
}


def test_what_a_later_task_returned_counts_also_if_it_is_nothing() -> None:
    looks = {"hydra": {"state": "active", "node_id": "id1", "manager": True, "nodes": [], "networks": [{"name": "x"}]}}
    params = {"members": [MEMBER], "looks": looks, "managers": ["hydra"], "networks": [], "owner": "test", **SETTINGS}
    result = swarm_plan.run(SimpleNamespace(params={**params, "nodes": None, "present": []}))
    assert (result["changed"], result["lead"], result["present"]) == (False, "hydra", [])
    assert result["broken"] == ["hydra-node is not listed"]
    assert result["images"] == {"services": [], "bring": []}


def test_a_node_that_joins_is_to_have_what_services_need() -> None:
    image = {"service": "web_app", "id": f"sha256:{'a' * 64}", "lacking": []}
    look = {"state": "active", "node_id": "id1", "manager": True, "nodes": [], "networks": [], "images": [image]}
    worker = {**MEMBER, "host": "chimera", "name": "chimera-node", "role": "worker"}
    params = {
        "looks": {"hydra": look},
        "managers": ["hydra"],
        "networks": [],
        "owner": "test",
        **SETTINGS,
        "nodes": None,
        "present": None,
    }
    result = swarm_plan.run(SimpleNamespace(params={**params, "members": [MEMBER, worker]}))
    assert result["images"] == {"services": [image], "bring": [image["id"]]}
    alone = swarm_plan.run(SimpleNamespace(params={**params, "members": [MEMBER]}))
    assert alone["images"]["bring"] == []


def test_what_is_broken_is_refused_where_that_is_asked_for() -> None:
    params = {
        "members": [MEMBER],
        "looks": {},
        "managers": [],
        "networks": [],
        "owner": "test",
        "nodes": [],
        "present": [],
        **SETTINGS,
    }
    with pytest.raises(HydraError) as refused:
        swarm_plan.run(SimpleNamespace(params={**params, "refuse_with": ["service web lacks its image"]}))
    assert str(refused.value) == (
        "2 promise(s) of the inventory are not kept:\n- hydra-node is not listed\n- service web lacks its image"
    )
    kept = swarm_plan.run(SimpleNamespace(params={**params, "members": [], "refuse_with": []}))
    assert kept["broken"] == []
