# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.swarm import network_plan, networks
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.networks import Network

OURS = (("hydra.swarm.cluster", "hydra"),)
PUBLIC = Network("public", subnets=("10.0.1.0/24",), gateway="10.0.1.1", labels=OURS, id="id1")
BRIDGE = Network("bridge", driver="bridge", scope="local", subnets=("172.17.0.0/16",), id="id2")

ENTRY = {
    "Name": "public",
    "Id": "id1",
    "Scope": "swarm",
    "Driver": "overlay",
    "Internal": False,
    "Attachable": True,
    "IPAM": {"Config": [{"Subnet": "fd00::/64"}, {"Subnet": "10.0.1.0/24", "Gateway": "10.0.1.1"}]},
    "Options": {"com.docker.network.driver.overlay.vxlanid_list": "4098"},
    "Labels": dict(OURS),
}


def item(name: str, **other: Any) -> dict[str, Any]:
    plain = {"attachable": True, "internal": False, "encrypted": False, "subnet": None, "gateway": None}
    return {"name": name, **plain, "labels": {}, "state": "present", **other}


def plan(items: list[dict[str, Any]], users: dict[str, list[str]] | None = None) -> network_plan.Plan:
    return network_plan.plan(items, [PUBLIC, BRIDGE], ["10.9.0.0/16", "172.17.0.0/16"], users or {}, "hydra")


@pytest.mark.parametrize(
    ("options", "encrypted"),
    [(ENTRY["Options"], False), ({"encrypted": ""}, True), ({"encrypted": "false"}, False), (None, False)],
)
def test_an_entry_of_the_api_is_read(options: Any, encrypted: bool) -> None:
    assert networks.network_of({**ENTRY, "Options": options}) == replace(PUBLIC, encrypted=encrypted)


def test_the_mtu() -> None:
    steps = plan([item("n", mtu=1350)])
    assert networks.create_body(steps.create[0])["Options"] == {"com.docker.network.driver.mtu": "1350"}
    assert steps.change.after["n"]["mtu"] == 1350
    read = networks.network_of({**ENTRY, "Options": {"com.docker.network.driver.mtu": "1350"}})
    assert (read.mtu, "mtu" in PUBLIC.facts()) == (1350, False)


def test_a_network_without_a_subnet_yet_is_read() -> None:
    fresh = networks.network_of({**ENTRY, "Driver": "", "IPAM": {"Config": None}, "Labels": None})
    assert (fresh.subnet, fresh.gateway, fresh.labels) == ("", "", ())
    assert networks.pending([fresh, BRIDGE], ["public", "bridge"]) == ["public", "bridge"]
    assert networks.pending([PUBLIC], ["public"]) == []
    assert network_plan.differences(fresh, PUBLIC) == [
        "the swarm has given it no subnet, so no task can use it; does its subnet overlap another network?"
    ]


def test_a_missing_network_is_created_and_one_that_matches_is_left() -> None:
    steps = plan([item("public"), item("students", subnet="10.20.0.0/24", encrypted=True, labels={"a": True})])
    assert steps.change.changed and not steps.remove
    assert steps.change.before["students"] is None
    assert steps.change.after["students"] == {
        "name": "students",
        "driver": "overlay",
        "attachable": True,
        "internal": False,
        "encrypted": True,
        "subnet": "10.20.0.0/24",
        "labels": {"a": "true", "hydra.swarm.cluster": "hydra"},
    }
    assert [networks.create_body(network) for network in steps.create] == [
        {
            "Name": "students",
            "CheckDuplicate": True,
            "Driver": "overlay",
            "Scope": "swarm",
            "Attachable": True,
            "Internal": False,
            "Options": {"encrypted": ""},
            "IPAM": {"Driver": "default", "Config": [{"Subnet": "10.20.0.0/24"}]},
            "Labels": {"a": "true", "hydra.swarm.cluster": "hydra"},
        }
    ]
    assert not plan(
        [item("public", subnet="10.0.1.0/24", gateway="10.0.1.1"), item("gone", state="absent")]
    ).change.changed


def test_a_network_of_ours_that_nothing_uses_is_removed() -> None:
    steps = plan([item("public", state="absent")])
    assert (steps.remove, steps.create, steps.change.after) == ([PUBLIC], [], {"public": None})


@pytest.mark.parametrize(
    ("actual", "wanted", "said"),
    [
        (replace(PUBLIC, labels=()), PUBLIC, []),
        (PUBLIC, replace(PUBLIC, subnets=(), gateway=""), []),
        (replace(PUBLIC, mtu=1350), PUBLIC, []),
        (PUBLIC, replace(PUBLIC, mtu=1350), ["mtu is left to the engine, not 1350"]),
        (replace(PUBLIC, mtu=1400), replace(PUBLIC, mtu=1350), ["mtu is 1400, not 1350"]),
        (replace(PUBLIC, labels=(("x", "y"), *OURS)), PUBLIC, []),
        (
            replace(PUBLIC, driver="bridge", scope="local", attachable=False, subnets=()),
            PUBLIC,
            [
                "driver is bridge, not overlay",
                "scope is local, not swarm",
                "attachable is false, not true",
                "subnet is none, not 10.0.1.0/24",
            ],
        ),
        (
            replace(PUBLIC, internal=True, encrypted=True),
            replace(PUBLIC, gateway="10.0.1.9"),
            ["internal is true, not false", "encrypted is true, not false", "gateway is 10.0.1.1, not 10.0.1.9"],
        ),
        (
            replace(PUBLIC, labels=(("hydra.swarm.cluster", "other"), ("x", "1"))),
            replace(PUBLIC, labels=(*OURS, ("x", "2"), ("y", "3"))),
            [
                "label hydra.swarm.cluster is 'other', not 'hydra'",
                "label x is '1', not '2'",
                "label y is missing, not '3'",
            ],
        ),
    ],
)
def test_differences(actual: Network, wanted: Network, said: list[str]) -> None:
    assert network_plan.differences(actual, wanted) == said


NAME_RULE = (
    "Swarm takes up to 63 letters, digits and inner '-' and '_', "
    "and these are taken: bridge, default, docker_gwbridge, host, ingress, none; choose another name"
)
GATEWAY_RULE = "the subnet is /30 at the smallest, the gateway one of its host addresses; correct them"


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([item("a b")], f"network name 'a b': {NAME_RULE}"),
        ([item("a_")], f"network name 'a_': {NAME_RULE}"),
        ([item("ingress")], f"network name 'ingress': {NAME_RULE}"),
        ([item("x" * 64)], f"network name '{'x' * 64}': {NAME_RULE}"),
        ([item("n"), item("n")], "network n is listed twice; list it once"),
        ([item("n", gateway="10.1.0.1")], "network n: gateway 10.1.0.1 needs a subnet; give the option subnet too"),
        (
            [item("n", subnet="10.1.0.5/24")],
            "network n: subnet 10.1.0.5/24: 10.1.0.5/24 has host bits set; write it like 10.20.0.0/24",
        ),
        ([item("n", subnet="fd00::/64")], "network n: subnet fd00::/64 is not IPv4; write it like 10.20.0.0/24"),
        ([item("n", subnet="10.1.0.0/31")], f"network n: subnet 10.1.0.0/31: {GATEWAY_RULE}"),
        (
            [item("n", subnet="10.1.0.0/24", gateway="10.1.1.1")],
            f"network n: subnet 10.1.0.0/24, gateway 10.1.1.1: {GATEWAY_RULE}",
        ),
        (
            [item("n", subnet="10.1.0.0/24", gateway="10.1.0.255")],
            f"network n: subnet 10.1.0.0/24, gateway 10.1.0.255: {GATEWAY_RULE}",
        ),
        ([item("n", subnet="10.1.0.0/24", gateway="x")], f"network n: subnet 10.1.0.0/24, gateway x: {GATEWAY_RULE}"),
        (
            [item("n", mtu=40)],
            "network n: mtu 40: IPv4 needs 576 to 65535; what the path takes less 50 is right",
        ),
        ([item("n", labels={"a": None})], "network n: label 'a': it has no value; write '' for an empty one"),
        (
            [
                item("m", subnet="10.9.1.0/24"),
                item("n", subnet="172.17.4.0/24"),
                item("o", subnet="10.0.0.0/21"),
                item("p", subnet="10.30.0.0/24"),
                item("q", subnet="10.30.0.0/16"),
            ],
            (
                "network m: subnet 10.9.1.0/24 overlaps a route of this host (10.9.0.0/16); choose another subnet\n"
                "network n: subnet 172.17.4.0/24 overlaps network bridge (172.17.0.0/16); choose another subnet\n"
                "network o: subnet 10.0.0.0/21 overlaps network public (10.0.1.0/24); choose another subnet\n"
                "network q: subnet 10.30.0.0/16 overlaps network p (10.30.0.0/24); choose another subnet"
            ),
        ),
        (
            [item("public", attachable=False)],
            (
                "network public exists and differs: attachable is true, not false. It is not made anew, for that would cut "
                "off the services on it: correct what is wanted, or take those services down and remove it "
                "(docker network rm public)"
            ),
        ),
    ],
)
def test_refusals(items: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(Refusal) as caught:
        plan(items)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("owner", "users", "message"),
    [
        (
            "other",
            {},
            (
                "network public has no label hydra.swarm.cluster=other, so it is not ours; if it may go, remove it by hand "
                "(docker network rm public)"
            ),
        ),
        (
            "hydra",
            {"id1": ["web", "db"]},
            "network public is used by db, web; remove those first (docker stack rm, docker service rm)",
        ),
    ],
)
def test_refused_removals(owner: str, users: dict[str, list[str]], message: str) -> None:
    with pytest.raises(Refusal) as caught:
        network_plan.plan([item("public", state="absent")], [PUBLIC], [], users, owner)
    assert str(caught.value) == message
