# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.modules import swarm_members

WORKER = {"Role": "worker", "Availability": "active", "Labels": {}}


def test_roles_and_availability_are_set_in_one_update(call: Any, swarm: Any) -> None:
    nodes = [{"node": "hydra"}, {"node": "chimera", "role": "worker", "availability": "drain"}]
    result = call(swarm_members, nodes=nodes)
    assert result["changed"] is True
    assert swarm.posted == [("POST", "/nodes/chimera/update", {**WORKER, "Availability": "drain"})]
    assert [(node["name"], node["availability"]) for node in result["nodes"]] == [
        ("chimera-node", "drain"),
        ("hydra-node", "active"),
    ]
    assert call(swarm_members, nodes=nodes)["changed"] is False


def test_a_promotion_is_waited_for(call: Any, swarm: Any) -> None:
    """This engine never takes it over, so the wait says what is missing."""
    result = call(swarm_members, nodes=[{"node": "chimera", "role": "manager"}], wait=0.1)
    assert swarm.posted == [("POST", "/nodes/chimera/update", {**WORKER, "Role": "manager"})]
    assert result["msg"].startswith("waited 0.1 s for chimera to be Ready in their roles; last seen: chimera")


@pytest.fixture
def ghost(swarm: Any) -> None:
    """An entry of an earlier life of chimera-node."""
    old = swarm.node("old")
    old["Description"]["Hostname"], old["Status"]["State"] = "chimera-node", "down"
    swarm.answers["/nodes"].append(old)


def test_an_entry_of_an_earlier_life_is_removed(call: Any, swarm: Any, ghost: None) -> None:
    result = call(swarm_members, nodes=[{"node": "hydra"}, {"node": "chimera"}])
    assert result["removed"] == [{"id": "old", "name": "chimera-node"}]
    assert swarm.posted == [("DELETE", "/nodes/old", None)]


def test_one_that_was_a_manager_of_what_is_no_more_is_not_demoted(call: Any, swarm: Any, ghost: None) -> None:
    """After a new cluster was forced it is no member of it, and Swarm refuses to demote it."""
    swarm.answers["/nodes"][-1]["Spec"]["Role"] = "manager"
    assert call(swarm_members, nodes=[{"node": "hydra"}, {"node": "chimera"}])["removed"]
    assert swarm.posted == [("DELETE", "/nodes/old", None)]


def test_it_stays_where_that_was_not_asked_for(call: Any, swarm: Any, ghost: None) -> None:
    result = call(swarm_members, nodes=[{"node": "chimera"}], remove_ghosts=False)
    assert (result["changed"], result["removed"], swarm.posted) == (False, [], [])


def test_a_rehearsal_touches_and_awaits_nothing(call: Any, swarm: Any, ghost: None) -> None:
    nodes = [{"node": "chimera", "role": "manager"}, {"node": "joins-later", "role": "worker"}]
    result = call(swarm_members, check=True, nodes=nodes)
    assert (result["changed"], result["removed"], swarm.posted) == (True, [{"id": "old", "name": "chimera-node"}], [])


def test_the_last_manager_is_not_demoted(call: Any, swarm: Any) -> None:
    result = call(swarm_members, nodes=[{"node": "hydra", "role": "worker"}])
    assert result["failed"] and swarm.posted == []


def test_only_a_manager_can_be_asked(call: Any, swarm: Any) -> None:
    swarm.worker()
    assert "run this on a manager (10.0.0.9)" in call(swarm_members, nodes=[{"node": "chimera"}])["msg"]
