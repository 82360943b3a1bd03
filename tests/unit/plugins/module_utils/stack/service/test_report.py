# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.engine.view import view
from ansible_collections.hydra.swarm.plugins.module_utils.stack.service.health import Verdict
from ansible_collections.hydra.swarm.plugins.module_utils.stack.service.report import failure, report

ID = "sha256:" + "a" * 64
NAMES = {"n1": "hydra", "n2": "chimera"}


def service(image: str, **labels: str) -> dict[str, Any]:
    ports = [
        {"TargetPort": 80, "PublishedPort": 6969, "PublishMode": "host"},
        {"TargetPort": 81, "PublishedPort": 81, "PublishMode": "ingress"},
    ]
    return {
        "ID": "s1",
        "Spec": {
            "Name": "core_web",
            "Labels": labels,
            "TaskTemplate": {"ContainerSpec": {"Image": image}},
            "Mode": {"Replicated": {"Replicas": 2}},
        },
        "Endpoint": {"Ports": ports},
    }


def task(state: str, node: str) -> dict[str, Any]:
    return {
        "ID": "t1",
        "ServiceID": "s1",
        "Slot": 1,
        "NodeID": node,
        "Spec": {"ContainerSpec": {"Image": ID}},
        "Status": {"State": state},
        "DesiredState": "running",
        "CreatedAt": "2026-01-01T10:00:00Z",
    }


def reported(one: dict[str, Any], verdict: Verdict | None) -> dict[str, Any]:
    shown = view((), [one], [task("running", "n2"), task("running", "n2"), task("starting", "n1")])["services"][0]
    return report(shown, one, NAMES, verdict)


def test_report() -> None:
    found = reported(service(ID, **{"hydra.swarm.image": "web:1"}), Verdict("waiting", "2 of 3 running", 2, 3))
    common = {"protocol": "tcp"}
    assert found == {
        "name": "core_web",
        "mode": "replicated",
        "desired": 3,
        "running": 2,
        "nodes": ["chimera", "chimera"],
        "image": "web:1",
        "image_id": ID,
        "ports": [
            {**common, "published": 6969, "target": 80, "mode": "host", "nodes": ["chimera"]},
            {**common, "published": 81, "target": 81, "mode": "ingress", "nodes": ["chimera", "hydra"]},
        ],
        "state": "pending",
        "reason": "2 of 3 running",
    }


def test_an_image_of_a_registry_is_named_without_its_digest() -> None:
    found = reported(service("web:1@sha256:ab"), None)
    assert (found["image"], found["image_id"], found["state"]) == ("web:1", "", "pending")


def test_failure() -> None:
    verdicts = {name: Verdict(name[:-1], "", 0, 1) for name in ("failed1", "converged1", "converged2", "waiting1")}
    assert failure("core", verdicts) == (
        "stack core: 1 of 4 services did not converge; converged: converged1, converged2; still under way: waiting1"
    )
    assert failure("core", {"a": Verdict("failed", "", 0, 1)}) == "stack core: 1 of 1 services did not converge"
