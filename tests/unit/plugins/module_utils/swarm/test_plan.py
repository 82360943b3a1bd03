# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.plan import Plan, in_swarm, lead_of, plan, start

MEMBER = {
    "host": "hydra",
    "name": "hydra-node",
    "node_id": "id1",
    "role": "manager",
    "availability": None,
    "labels": {"gpu": True},
    "address": "10.0.0.1",
}
NODE = {
    "id": "id1",
    "name": "hydra-node",
    "role": "manager",
    "availability": "active",
    "labels": {"gpu": "true"},
    "address": "10.0.0.1",
    "status": "ready",
    "leader": True,
    "reachability": "reachable",
    "peer": "10.0.0.1:2377",
    "engine": "28.5",
}
WORKER = {**MEMBER, "host": "chimera", "name": "chimera-node", "node_id": "id2", "role": "worker", "labels": {}}
SECOND = {
    **NODE,
    "id": "id2",
    "name": "chimera-node",
    "role": "worker",
    "labels": {},
    "leader": False,
    "reachability": "",
    "peer": "",
}
OVERLAY = {
    "name": "public",
    "id": "net1",
    "driver": "overlay",
    "attachable": True,
    "internal": False,
    "encrypted": False,
    "subnet": "10.0.1.0/24",
    "gateway": "10.0.1.1",
    "labels": {"hydra.swarm.cluster": "test"},
}


def look(nodes: list[dict[str, Any]], networks: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    return {"state": "active", "node_id": "id1", "manager": True, "nodes": nodes, "networks": networks or [], **more}


def of(
    members: list[dict[str, Any]],
    nodes: list[dict[str, Any]],
    present: list[dict[str, Any]] | None = None,
    networks: list[dict[str, Any]] | None = None,
    **looks: Any,
) -> Plan:
    return plan(members, {"hydra": look(nodes, present), **looks}, ["hydra"], networks or [], "test")


@pytest.mark.parametrize(
    ("present", "wanted", "sentences"),
    [
        ({"heartbeat": "5s"}, {"heartbeat": "1s"}, ["Swarm's heartbeat is 5s, not 1s"]),
        ({"heartbeat": "5s"}, {}, []),
        ({}, {"heartbeat": "1s"}, []),  # nobody was asked
    ],
)
def test_settings_that_differ_are_a_promise_not_kept(
    present: dict[str, Any], wanted: dict[str, Any], sentences: list[str]
) -> None:
    looks = {"hydra": look([NODE], settings=present)}
    found = plan([MEMBER], looks, ["hydra"], [], "test", wanted_settings=wanted)
    assert (found.settings, found.broken, found.set) == (sentences, sentences, present)
    kept = plan([MEMBER], looks, ["hydra"], [], "test", {"settings": {**present, **wanted}}, wanted)
    assert (kept.settings, kept.broken) == ([], [])


def test_nothing_differs() -> None:
    found = of([MEMBER, WORKER], [NODE, SECOND], [OVERLAY], [{"name": "public"}])
    assert (found.lead, found.joiners, found.order, found.nodes, found.networks, found.broken) == (
        "hydra", [], [], [], [], [],
    )  # fmt: skip
    assert found.data()["listed"] == [NODE, SECOND]
    assert found.data()["present"] == [OVERLAY]
    assert not found.maintenance


@pytest.mark.parametrize(
    ("worker", "joins"),
    [
        ({}, ["chimera"]),
        ({"node_id": ""}, ["chimera"]),
        ({"node_id": "id9"}, ["chimera"]),
    ],
)
def test_who_joins(worker: dict[str, Any], joins: list[str]) -> None:
    found = of([MEMBER, {**WORKER, **worker}], [NODE])
    assert (found.joiners, found.tokens) == (joins, ["worker"])


@pytest.mark.parametrize(
    ("entry", "given", "joins_as"),
    [
        ({}, None, "active"),
        ({"availability": "drain"}, None, "drain"),
        ({"availability": "pause"}, None, "pause"),
        ({"availability": "drain"}, "active", "active"),
        ({"availability": "drain", "labels": {"hydra.swarm.maintenance": "active"}}, None, "active"),
        ({"name": "other", "availability": "drain"}, None, "active"),
    ],
)
def test_who_comes_back_without_its_data_is_as_it_was(entry: dict[str, Any], given: str | None, joins_as: str) -> None:
    lost = {**SECOND, "id": "old", "status": "down", **entry}
    members = of([MEMBER, {**WORKER, "node_id": "", "availability": given}], [NODE, lost]).members
    assert [member.get("joins_as") for member in members] == [None, joins_as]


def test_whose_machine_could_not_be_brought_up_is_told_and_does_not_join() -> None:
    found = of([MEMBER, {**WORKER, "node_id": "", "trouble": "start: no space"}], [NODE])
    assert (found.joiners, found.broken) == ([], ["chimera-node: start: no space"])


def test_which_tokens_are_needed() -> None:
    another = {**WORKER, "host": "cerberus", "name": "cerberus-node", "node_id": "", "role": "manager"}
    assert of([MEMBER, another, {**WORKER, "node_id": ""}], [NODE]).tokens == ["manager", "worker"]
    assert of([MEMBER, another], [NODE]).tokens == ["manager"]
    assert of([MEMBER], [NODE]).tokens == []


def test_who_has_no_id_by_now_failed_to_join() -> None:
    found = of([MEMBER, {**WORKER, "node_id": ""}], [NODE], chimera={"failed": True, "msg": "no"})
    assert [member["host"] for member in found.joined] == ["hydra"]
    joined = of([MEMBER, {**WORKER, "node_id": ""}], [NODE, SECOND], chimera={"node_id": "id2"}).joined
    assert [(member["host"], member["node"]) for member in joined] == [("hydra", "id1"), ("chimera", "id2")]


NONE = {"state": "inactive", "manager": False}
REFUSED = (
    "No manager that was reached has a swarm, and {} could not be asked: making a swarm now might make a second one. "
    "Bring them back, or take them out of the inventory."
)


@pytest.mark.parametrize(
    ("looks", "has", "refused"),
    [
        ({"a": NONE, "b": NONE, "c": NONE}, False, ""),
        ({"a": NONE, "b": {"state": "active", "manager": True}, "c": NONE}, True, ""),
        # One that was not asked is of no matter where another has the swarm.
        ({"a": {"state": "active", "manager": True}}, True, ""),
        ({"a": NONE, "b": NONE}, False, REFUSED.format("c")),
        ({"a": NONE, "b": {"unreachable": True, "msg": "no route"}, "c": {}}, False, REFUSED.format("b, c")),
        # A member that is no manager (any more) has no swarm to lead.
        ({"a": {"state": "active", "manager": False}, "b": NONE, "c": NONE}, False, ""),
    ],
)
def test_who_makes_the_swarm_of_several_managers(looks: dict[str, Any], has: bool, refused: str) -> None:
    assert start(looks, ["a", "b", "c"]) == {"has": has, "makes": "a", "refused": refused}


def test_no_swarm_is_made_where_one_has_lost_its_quorum() -> None:
    lost = "the swarm has lost its quorum: 1 of 3"
    looks = {"a": {"state": "inactive"}, "b": {"failed": True, "msg": lost}, "c": {"state": "inactive"}}
    assert start(looks, ["a", "b", "c"]) == {"has": False, "makes": "a", "refused": lost}


def server(name: str, state: str) -> dict[str, Any]:
    return {"swarm_node_name": name, "preflight_seen": {"host": {"engine": {"swarm": state}}}}


def test_whose_engines_are_in_a_swarm() -> None:
    containers = [{"swarm_node_name": name} for name in ("hydra-node", "chimera-node", "cerberus-node", "new")]
    engines = {"hydra-node": "inactive", "chimera-node": "active", "cerberus-node": "pending"}
    assert in_swarm(containers, {name: {"swarm": state} for name, state in engines.items()}) == [
        "chimera-node", "cerberus-node",
    ]  # fmt: skip
    servers = [server("hydra", "inactive"), server("chimera", "active"), server("cerberus", "error"), server("new", "")]
    # One whose look failed, or that was not reached, or left out.
    unseen = [{"inventory_hostname": "ladon", "preflight_seen": {"failed": True}}, {"inventory_hostname": "scylla"}]
    assert in_swarm([*servers, *unseen], {}) == ["chimera", "cerberus"]


def test_of_a_swarm_that_is_only_rehearsed_all_but_the_lead_join() -> None:
    looks = {"hydra": {"state": "inactive", "node_id": "", "manager": False}}
    found = plan([{**MEMBER, "node_id": ""}, {**WORKER, "node_id": ""}], looks, ["hydra"], [], "test")
    assert (found.lead, found.joiners) == ("hydra", ["chimera"])
    assert found.broken == ["hydra-node is not listed", "chimera-node is not listed"]


@pytest.mark.parametrize(
    ("nodes", "member", "reasons"),
    [
        ([NODE], {}, []),
        ([NODE, {**SECOND, "name": "another", "id": "id9"}], {}, []),
        ([NODE, {**SECOND, "role": "manager"}], {}, ["chimera-node: is a manager, not a worker"]),
        ([NODE, {**SECOND, "availability": "drain"}], {}, []),
        (
            [NODE, {**SECOND, "availability": "drain"}],
            {"availability": "active"},
            ["chimera-node: is on drain, not active"],
        ),
        ([NODE, {**SECOND, "availability": "drain"}], {"availability": "drain"}, []),
        (
            [NODE, SECOND, {**SECOND, "id": "id0", "status": "down"}],
            {},
            ["chimera-node: id0 (down) is the entry of an earlier life"],
        ),
        ([NODE, {**SECOND, "id": "id0"}], {}, ["chimera-node: id0 (ready) is the entry of an earlier life"]),
        ([NODE, {**SECOND, "id": "id0"}], {"node_id": ""}, []),
        ([NODE, {**SECOND, "name": "some-host"}], {}, []),
    ],
)
def test_order(nodes: list[dict[str, Any]], member: dict[str, Any], reasons: list[str]) -> None:
    assert of([MEMBER, {**WORKER, **member}], nodes).order == reasons


def test_what_would_cost_the_quorum_is_said_as_the_module_says_it() -> None:
    down = {**SECOND, "role": "manager", "reachability": "unreachable", "peer": "10.0.0.2:2377", "status": "down"}
    third = {**SECOND, "id": "id3", "name": "third", "role": "manager", "reachability": "reachable", "peer": "x:2377"}
    member = {**WORKER, "host": "third", "name": "third", "node_id": "id3"}
    (reason,) = of([MEMBER, member], [NODE, down, third]).order
    assert reason.startswith("this would cost the swarm its quorum: ")


@pytest.mark.parametrize(
    ("node", "member", "reasons"),
    [
        ({}, {}, []),
        ({"status": "down"}, {}, ["chimera-node: is down, not ready"]),
        ({"labels": {"old": ""}}, {}, ["chimera-node: has labels {'old': ''}, not {}"]),
        ({}, {"labels": {"gpu": True}}, ["chimera-node: has labels {}, not {'gpu': 'true'}"]),
        ({"labels": {"hydra.swarm.maintenance": "active"}}, {}, []),
        ({}, {"address": "10.0.0.2"}, ["chimera-node: has address 10.0.0.1, not 10.0.0.2"]),
    ],
)
def test_nodes(node: dict[str, Any], member: dict[str, Any], reasons: list[str]) -> None:
    found = of([MEMBER, {**WORKER, **member}], [NODE, {**SECOND, **node}])
    assert found.nodes == found.broken == reasons


def test_a_maintenance_that_was_interrupted() -> None:
    assert of([WORKER], [{**SECOND, "labels": {"hydra.swarm.maintenance": "active"}}]).maintenance


def test_labels_that_are_none_are_refused() -> None:
    with pytest.raises(Refusal) as refused:
        of([{**MEMBER, "labels": {"owner": None}}], [NODE])
    assert str(refused.value) == "hydra-node: label 'owner': it has no value; write '' for an empty one"


@pytest.mark.parametrize(
    ("present", "wanted", "reasons"),
    [
        ([OVERLAY], {}, []),
        ([OVERLAY], {"subnet": "10.0.1.0/24", "state": "present"}, []),
        ([], {}, ["network public is missing"]),
        ([OVERLAY], {"state": "absent"}, ["network public is still there"]),
        ([], {"state": "absent"}, []),
        (
            [OVERLAY],
            {"attachable": False, "encrypted": True, "subnet": "10.9.0.0/24"},
            [
                "network public: attachable is true, not false",
                "network public: encrypted is false, not true",
                "network public: subnet is 10.0.1.0/24, not 10.9.0.0/24",
            ],
        ),
        # Once these were seen by swarm_network alone, which swarm-up then did not ask.
        (
            [OVERLAY],
            {"subnet": "10.0.1.0/24", "gateway": "10.0.1.254"},
            ["network public: gateway is 10.0.1.1, not 10.0.1.254"],
        ),
        ([OVERLAY], {"labels": {"team": "ml"}}, ["network public: label team is missing, not 'ml'"]),
        ([OVERLAY], {"mtu": 1350}, ["network public: mtu is left to the engine, not 1350"]),
        ([{**OVERLAY, "labels": {}}], {}, []),
        (
            [{**OVERLAY, "labels": {"hydra.swarm.cluster": "other"}}],
            {},
            ["network public: label hydra.swarm.cluster is 'other', not 'test'"],
        ),
    ],
)
def test_networks(present: list[dict[str, Any]], wanted: dict[str, Any], reasons: list[str]) -> None:
    found = of([MEMBER], [NODE], present, [{"name": "public", **wanted}])
    assert found.networks == found.broken == reasons


@pytest.mark.parametrize(
    ("member", "joined", "broken"),
    [
        ({"node_id": ""}, {"node_id": "id2"}, []),
        ({"node_id": "old"}, {"node_id": "id2"}, []),
        (
            {"node_id": ""},
            {"failed": True, "msg": "join the swarm: refused"},
            ["chimera-node: join the swarm: refused"],
        ),
        ({}, {"failed": True}, ["chimera-node: joining failed"]),
        ({}, {"failed": False, "msg": "all is well"}, []),
        ({"trouble": "no answer"}, {}, ["chimera-node: no answer"]),
    ],
)
def test_what_a_node_said_of_itself(member: dict[str, Any], joined: dict[str, Any], broken: list[str]) -> None:
    assert of([MEMBER, {**WORKER, **member}], [NODE, SECOND], chimera=joined).broken == broken


def test_what_is_there_by_now_counts() -> None:
    looks = {"hydra": look([NODE])}
    now = {"nodes": [NODE, SECOND], "networks": [OVERLAY]}
    assert plan([MEMBER, WORKER], looks, ["hydra"], [{"name": "public"}], "test", now).broken == []
    assert plan([MEMBER, WORKER], {}, [], [{"name": "public"}], "test", now).broken == []


@pytest.mark.parametrize(
    ("looks", "lead"),
    [
        ({}, ""),
        ({"a": {"state": "inactive", "manager": False}}, "a"),
        ({"b": {"state": "inactive", "manager": False}, "a": {"failed": True, "msg": "no"}}, "b"),
        ({"a": {"state": "inactive", "manager": False}, "b": {"state": "active", "manager": True}}, "b"),
        ({"a": {"unreachable": True}, "b": {"state": "active", "manager": True}}, "b"),
    ],
)
def test_who_leads(looks: dict[str, Any], lead: str) -> None:
    assert lead_of(["a", "b"], looks) == lead


def test_a_node_that_is_down_though_its_engine_is_in_the_swarm_is_not_heard() -> None:
    """Of one that did not tell its ID nobody knows whether its engine runs."""
    down = {**SECOND, "status": "down"}
    assert of([MEMBER, WORKER], [NODE, down]).unheard == ["chimera"]
    assert of([MEMBER, {**WORKER, "node_id": ""}], [NODE, down]).unheard == []
    assert of([MEMBER, WORKER], [NODE, SECOND]).unheard == []
