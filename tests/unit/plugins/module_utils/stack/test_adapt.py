# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.stack.adapt import Adapted, adapt

ALL = {"ipvs": True, "nfs_client": True, "cgroup": 2}
NO_IPVS = {**ALL, "ipvs": False}
MANAGER = {"constraints": ["node.role == manager"]}
GPU = {"constraints": ["node.labels.gpu == true"]}
FRONT = "put one proxy that publishes it in front, or publish no port"


def node(name: str, role: str = "worker", availability: str = "active", **labels: str) -> dict[str, Any]:
    return {
        "id": f"id-{name}",
        "name": name,
        "role": role,
        "status": "ready",
        "availability": availability,
        "address": "172.30.0.10",
        "platform": "linux/x86_64",
        "labels": labels,
        "engine_labels": {},
    }


NODES = [node("hydra", "manager"), node("chimera", gpu="true"), node("cerberus", gpu="true")]


def port(target: int, published: int = 0, mode: str = "ingress", protocol: str = "tcp") -> dict[str, Any]:
    given = {"published": published} if published else {}
    return {"target": target, **given, "protocol": protocol, "mode": mode}


def service(*ports: dict[str, Any], **deploy: Any) -> dict[str, Any]:
    return {"image": "tiny:1", **({"ports": list(ports)} if ports else {}), "deploy": deploy}


def adapted(services: dict[str, Any], nodes: list[dict[str, Any]] | None = None, mode: str = "auto") -> Adapted:
    document = {"version": "3.9", "services": services, "volumes": {}}
    before = json.dumps(document)
    made = adapt(document, NO_IPVS, NODES if nodes is None else nodes, {}, mode)
    assert json.dumps(document) == before
    return made


FULL = {
    "version": "3.9",
    "services": {"web": {**service(port(80, 8080)), "volumes": [{"type": "volume", "source": "d", "target": "/d"}]}},
    "volumes": {"d": {"driver_opts": {"type": "nfs", "o": "addr=172.30.0.5", "device": ":/exports/d"}}},
}


@pytest.mark.parametrize(
    ("features", "mode"),
    [(ALL, "auto"), ({}, "auto"), ({"ipvs": False, "nfs_client": False}, "never"), (ALL, "never")],
)
def test_nothing_is_adapted(features: dict[str, Any], mode: str) -> None:
    assert adapt(FULL, features, NODES, {}, mode) == Adapted(FULL, [], [])


def test_everything_can_be_forced() -> None:
    storage = {"servers": ["172.30.0.5"], "path": "/exports"}
    made = adapt(FULL, ALL, NODES, storage, "always")
    assert made.lines == [
        "web: as if without IPVS, so endpoint_mode dnsrr and port 8080 in host mode (answers only on the node its task "
        "runs on)",
        "web: as if without an NFS client, so volume d is a bind of /exports/d at /d",
    ]
    lacking = adapt(FULL, {"ipvs": False, "nfs_client": False}, NODES, storage)
    assert (made.document, made.problems) == (lacking.document, [])
    assert lacking.lines == [
        "web: no IPVS, so endpoint_mode dnsrr and port 8080 in host mode (answers only on the node its task runs on)",
        "web: no NFS client, so volume d is a bind of /exports/d at /d",
    ]


def test_a_mode_that_there_is_not() -> None:
    with pytest.raises(Refusal) as refused:
        adapt(FULL, ALL, NODES, {}, "sometimes")
    assert str(refused.value) == "adaptation 'sometimes' is none of auto, always, never"


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (service(), service(endpoint_mode="dnsrr"), "no IPVS, so endpoint_mode dnsrr"),
        (service(endpoint_mode="vip"), service(endpoint_mode="dnsrr"), "no IPVS, so endpoint_mode dnsrr"),
        (service(endpoint_mode="dnsrr"), service(endpoint_mode="dnsrr"), ""),
        (
            service(port(80, 8080, "host"), endpoint_mode="dnsrr"),
            service(port(80, 8080, "host"), endpoint_mode="dnsrr"),
            "",
        ),
        (
            service(port(80, 8080), endpoint_mode="dnsrr"),
            service(port(80, 8080, "host"), endpoint_mode="dnsrr"),
            "no IPVS, so port 8080 in host mode (answers only on the node its task runs on)",
        ),
        (
            service(port(80, 80), port(53, 53, protocol="udp"), port(9000), port(22, 22, "host"), replicas=2),
            service(
                port(80, 80, "host"),
                port(53, 53, "host", "udp"),
                port(9000, mode="host"),
                port(22, 22, "host"),
                endpoint_mode="dnsrr",
                replicas=2,
            ),
            "no IPVS, so endpoint_mode dnsrr and ports 80, 53/udp and a random port for 9000 in host mode (answer only "
            "on the nodes its tasks run on)",
        ),
        (
            service(port(9000), replicas=9),  # each gets another number
            service(port(9000, mode="host"), endpoint_mode="dnsrr", replicas=9),
            "no IPVS, so endpoint_mode dnsrr and a random port for 9000 in host mode (answers only on the nodes its "
            "tasks run on)",
        ),
        (
            service(port(80, 80), mode="global"),
            service(port(80, 80, "host"), endpoint_mode="dnsrr", mode="global"),
            "no IPVS, so endpoint_mode dnsrr and port 80 in host mode (answers only on the nodes its tasks run on)",
        ),
        (
            service(port(80, 80), mode="replicated-job", replicas=5),  # one after the other
            service(port(80, 80, "host"), endpoint_mode="dnsrr", mode="replicated-job", replicas=5),
            "no IPVS, so endpoint_mode dnsrr and port 80 in host mode (answers only on the nodes its tasks run on)",
        ),
        (
            service(port(80, 80), replicas=0),
            service(port(80, 80, "host"), endpoint_mode="dnsrr", replicas=0),
            "no IPVS, so endpoint_mode dnsrr and port 80 in host mode (answers only on the nodes its tasks run on)",
        ),
        (
            service(port(80, 80), replicas=3, placement={"max_replicas_per_node": 1}),
            service(port(80, 80, "host"), endpoint_mode="dnsrr", replicas=3, placement={"max_replicas_per_node": 1}),
            "no IPVS, so endpoint_mode dnsrr and port 80 in host mode (answers only on the nodes its tasks run on)",
        ),
    ],
)
def test_without_ipvs(before: dict[str, Any], after: dict[str, Any], line: str) -> None:
    made = adapted({"web": before})
    assert (made.document["services"], made.problems) == ({"web": after}, [])
    assert made.lines == ([f"web: {line}"] if line else [])


def test_lines_are_in_the_order_of_the_services_names() -> None:
    made = adapted({"web": service(), "api": service(), "db": service()})
    assert [line.partition(":")[0] for line in made.lines] == ["api", "db", "web"]


def test_what_two_services_share_is_changed_once_for_each() -> None:
    shared = [port(9000)]
    made = adapted({"a": {**service(), "ports": shared}, "b": {**service(), "ports": shared}})
    assert len(made.lines) == 2
    assert made.document["services"]["a"]["ports"] is not made.document["services"]["b"]["ports"]


START, STOP = {"order": "start-first", "parallelism": 1}, {"order": "stop-first", "parallelism": 1}
WAITS = "(a new task would wait for port 80, which the old one keeps, and no other node is left)"


@pytest.mark.parametrize(
    ("ports", "deploy", "changed"),
    [
        ([port(80, 80)], {"placement": MANAGER}, True),
        ([port(80, 80)], {"replicas": 3}, True),
        ([port(80, 80)], {"mode": "global"}, True),
        ([port(80, 80, "host")], {"placement": MANAGER}, True),  # as it is written it would wait for ever, too
        ([port(80, 80)], {"replicas": 2}, False),
        ([port(80, 80)], {"placement": GPU}, False),
        ([port(80)], {"placement": MANAGER}, False),
        ([], {"placement": MANAGER}, False),
    ],
)
def test_a_new_task_never_waits_for_the_old_ones_port(
    ports: list[dict[str, Any]], deploy: dict[str, Any], changed: bool
) -> None:
    made = adapted({"web": service(*ports, update_config=START, rollback_config=START, **deploy)})
    after = made.document["services"]["web"]["deploy"]
    assert (after["update_config"], after["rollback_config"]) == ((STOP, STOP) if changed else (START, START))
    assert made.lines[1:] == (
        [
            f"web: update_config order stop-first, not start-first {WAITS}",
            f"web: rollback_config order stop-first, not start-first {WAITS}",
        ]
        if changed
        else []
    )


DRAINED = [node("hydra", "manager"), node("chimera", gpu="true", availability="drain"), node("cerberus", gpu="true")]


@pytest.mark.parametrize(
    ("services", "nodes", "problem"),
    [
        (
            {"web": service(port(80, 8080), replicas=4)},
            NODES,
            "web: 4 replicas, but a node can publish port 8080 once (no IPVS), and the swarm has 3 nodes for it "
            f"(cerberus, chimera, hydra): ask for 3 replicas at most, {FRONT}",
        ),
        (
            {"web": service(port(80, 80), port(443, 443), replicas=2, placement=MANAGER)},
            NODES,
            "web: 2 replicas, but a node can publish port 80, 443 once (no IPVS), and 1 node meets its constraints "
            f"(hydra): ask for 1 replica at most, {FRONT}",
        ),
        (
            {"web": service(port(53, 53, protocol="udp"), replicas=2, placement=GPU)},
            DRAINED,
            "web: 2 replicas, but a node can publish port 53/udp once (no IPVS), and 1 node meets its constraints "
            f"(cerberus; chimera is drained): ask for 1 replica at most, {FRONT}",
        ),
        (
            {"api": service(port(80, 80)), "web": service(port(81, 80), placement=MANAGER)},
            NODES,
            "api and web: both publish port 80, which a node can do for one of them (no IPVS), and both may run on "
            f"hydra: give one another port, or {FRONT}",
        ),
        (
            {"api": service(port(80, 80, "host")), "web": service(port(81, 80))},
            NODES,
            "api and web: both publish port 80, which a node can do for one of them (no IPVS), and both may run on "
            f"cerberus, chimera, hydra: give one another port, or {FRONT}",
        ),
    ],
)
def test_conflicts(services: dict[str, Any], nodes: list[dict[str, Any]], problem: str) -> None:
    assert adapted(services, nodes).problems == [problem]


@pytest.mark.parametrize(
    "services",
    [
        {"api": service(port(80, 80), placement=GPU), "web": service(port(81, 80), placement=MANAGER)},
        {"api": service(port(80, 80)), "web": service(port(80, 80, protocol="udp"))},
        {"api": service(port(80)), "web": service(port(80))},
        {"api": service(port(80, 80, "host")), "web": service(port(80, 80, "host"))},  # not brought by the change
        {"web": service(port(80, 80, "host"), replicas=4)},
        {"web": service(port(80, 80), replicas=2, placement={"constraints": ["node.labels.gone == true"]})},
    ],
)
def test_no_conflicts(services: dict[str, Any]) -> None:
    assert adapted(services).problems == []


def test_without_a_list_of_nodes_nothing_is_refused() -> None:
    assert adapted({"web": service(port(80, 80), replicas=9)}, []).problems == []
