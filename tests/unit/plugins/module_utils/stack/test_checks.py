# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.checks import problems

HYDRA = {
    "id": "id-hydra",
    "name": "hydra",
    "role": "manager",
    "status": "ready",
    "availability": "active",
    "address": "172.30.0.10",
    "platform": "linux/x86_64",
    "labels": {"role": "manager"},
    "engine_labels": {},
    "cpus": 2.0,
    "memory": 2**32,
    "generic_resources": {},
}
OVERLAY = {"name": "hydra_public", "ingress": False}
MAKE = "correct the name, or make it first"
PORT = {"target": 80, "published": 80, "protocol": "tcp", "mode": "ingress"}


def service(name: str, stack: str, *ports: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "stack": stack, "ports": list(ports), "tasks": []}


def swarm(**more: Any) -> dict[str, Any]:
    networks = [OVERLAY, {"name": "ingress", "ingress": True}]
    return {"nodes": [HYDRA], "services": [], "networks": networks, "configs": [], "secrets": [], **more}


def found(document: dict[str, Any], **more: Any) -> list[str]:
    seen = swarm(**more)
    before = json.dumps([document, seen])
    made = problems("core", document, seen)
    assert json.dumps([document, seen]) == before
    return made


def web(**more: Any) -> dict[str, Any]:
    return {"services": {"web": {"image": "tiny:1", "deploy": {}, **more}}}


def external(kind: str, *names: str) -> dict[str, Any]:
    return {**web(), kind: {f"key{number}": {"external": True, "name": name} for number, name in enumerate(names)}}


@pytest.mark.parametrize(
    ("document", "more"),
    [
        (web(ports=[PORT]), {}),
        # The stack's own services, as they are in the swarm, are no obstacle.
        (web(ports=[PORT]), {"services": [service("core_web", "core", PORT), service("core_old", "core", PORT)]}),
        (external("networks", "hydra_public", "host", "bridge", "none"), {}),
        ({**web(), "networks": {"default": {}, "own": None}}, {}),
        (external("secrets", "saml"), {"secrets": [{"name": "saml", "labels": {}}]}),
        # What the deploy makes of the stack's own files.
        (external("configs", "core_saml-0123456789ab"), {}),
        (web(deploy={"mode": "global"}), {}),
        (web(deploy={"mode": "replicated-job", "replicas": 2}), {}),
    ],
)
def test_nothing_to_say(document: dict[str, Any], more: dict[str, Any]) -> None:
    assert found(document, **more) == []


@pytest.mark.parametrize(
    ("document", "more", "expected"),
    [
        (
            {"services": {"x" * 60: {"image": "tiny:1"}}},
            {},
            f"'core_{'x' * 60}' is 65 characters long, a swarm's services have at most 63; shorten it",
        ),
        (
            web(),
            {"services": [service("core_web", "")]},
            "web: there is a service core_web that is not of stack core: remove it (docker service rm core_web), or "
            "choose another name",
        ),
        (
            web(deploy={"mode": "global", "replicas": 2}),
            {},
            "web: mode global has one task on every node, so replicas (2) cannot be given: leave replicas out, or make "
            "the mode replicated",
        ),
        (
            web(deploy={"mode": "global-job", "replicas": 0}),
            {},
            "web: mode global-job has one task on every node, so replicas (0) cannot be given: leave replicas out, or "
            "make the mode replicated",
        ),
        (
            web(deploy={"placement": {"constraints": ["node.labels.role == worker"]}}),
            {},
            "web: no node meets constraint 'node.labels.role == worker': hydra has role=manager; correct it, or label a "
            "node accordingly (swarm_node_labels)",
        ),
        (
            web(ports=[PORT]),
            {"services": [service("shop_web", "shop", PORT)]},
            "web: port 80 is already published by service shop_web in ingress mode, and in ingress mode the whole swarm "
            "has it once: publish another port, or remove that service",
        ),
        (
            external("networks", "hydra_pubic"),
            {},
            "network hydra_pubic is external, but the swarm has no network of that name that spans the swarm (there are "
            f"hydra_public); {MAKE} (docker network create --driver overlay); did you mean hydra_public?",
        ),
        (
            external("networks", "ingress"),
            {},
            "network ingress is external, but the swarm has no network of that name that spans the swarm (there are "
            f"hydra_public); {MAKE} (docker network create --driver overlay)",
        ),
        (
            external("secrets", "saml"),
            {},
            "secret saml is external, but the swarm has no secret of that name (there are no secrets at all); "
            f"{MAKE} (docker secret create)",
        ),
        (
            external("configs", "saml"),
            {"configs": [{"name": f"config{number}"} for number in range(14)]},
            "config saml is external, but the swarm has no config of that name (there are config0, config1, config2, "
            "config3, config4, config5, config6, config7, config8, config9, config10, config11 and 2 more); "
            f"{MAKE} (docker config create)",
        ),
    ],
)
def test_problems(document: dict[str, Any], more: dict[str, Any], expected: str) -> None:
    assert found(document, **more) == [expected]


def test_all_of_them_in_the_order_of_the_services() -> None:
    services = {name: {"deploy": {"placement": {"constraints": ["a = b"]}}} for name in ("web", "api")}
    said = found({"services": services, "networks": {"x": {"external": True, "name": "gone"}}})
    assert [problem.split()[0] for problem in said] == ["api:", "web:", "network"]


def test_a_swarm_of_which_only_the_nodes_are_known() -> None:
    assert problems("core", external("secrets", "saml"), {"nodes": [HYDRA]}) == []
