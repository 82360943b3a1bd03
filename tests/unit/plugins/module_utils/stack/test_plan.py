# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.plan import Live, everything, plan, removal, unused
from ansible_collections.hydra.swarm.plugins.module_utils.stack.render import digest

ID = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
NAMESPACE = {"com.docker.stack.namespace": "core"}
OURS = {**NAMESPACE, "hydra.swarm.cluster": "hydra"}
DOCUMENT: dict[str, Any] = {
    "version": "3.9",
    "services": {"web": {"image": "web:1", "environment": {"A": "1"}, "networks": {"default": {}}, "deploy": {}}},
    "networks": {"default": {}, "shared": {"external": True, "name": "hydra_public"}},
}
NETWORKS = [{"Id": "n1", "Name": "core_default", "Labels": NAMESPACE}, {"Id": "n2", "Name": "hydra_public"}]
SITE = {"kind": "config", "key": "site", "name": "core_site-1"}


def service(
    key: str = "web", image: str = ID, status: str = "", previous: Any = None, labels: Any = None, **container: Any
) -> dict[str, Any]:
    """What runs of the document's service web, or of one with another key."""
    made = digest(DOCUMENT, "web", "hydra") if key == "web" else "of-old"
    given = {**OURS, "hydra.swarm.digest": made, "hydra.swarm.image": "web:1", "com.docker.stack.image": ID}
    return {
        "ID": f"id-{key}",
        "Spec": {
            "Name": f"core_{key}",
            "Labels": given if labels is None else labels,
            "TaskTemplate": {
                "ContainerSpec": {"Image": image, "Env": ["A=1"], **container},
                "Networks": [{"Target": "n1", "Aliases": [key]}],
            },
            "Mode": {"Replicated": {"Replicas": 1}},
        },
        "PreviousSpec": previous,
        "UpdateStatus": {"State": status},
    }


def live(*services: dict[str, Any], configs: Any = (), secrets: Any = (), networks: Any = None) -> Live:
    return Live(services, NETWORKS if networks is None else networks, configs, secrets)


def wanted(**options: Any) -> dict[str, Any]:
    return {"images": {"web:1": ID}, "owner": "hydra", "prune": True, "sources": [], **options}


def named(name: str, labels: Any) -> dict[str, Any]:
    return {"ID": f"id-{name}", "Spec": {"Name": name, "Labels": labels}}


def test_nothing_to_do() -> None:
    found = plan("core", DOCUMENT, wanted(), live(service()))
    assert (found.change.changed, found.actions, found.deploy, found.remove, found.create) == (False, [], [], [], [])


def test_a_new_stack() -> None:
    found = plan("core", DOCUMENT, wanted(sources=[SITE]), live(networks=NETWORKS[1:]))
    assert found.actions == ["create network core_default", "create config core_site-1", "create service core_web"]
    assert found.change.before == {}
    assert found.change.after == {
        "services": {
            "core_web": {
                "image": "web:1",
                "image_id": ID,
                "env": {"A": "1"},
                "mode": "replicated",
                "replicas": 1,
                "endpoint_mode": "vip",
                "networks": {"core_default": []},
            }
        },
        "networks": ["core_default"],
        "configs": ["core_site-1"],
    }
    assert (found.deploy, found.create) == (["web"], [SITE])


def test_a_config_that_is_there_is_not_made_again() -> None:
    found = plan("core", DOCUMENT, wanted(sources=[SITE]), live(service(), configs=[named("core_site-1", OURS)]))
    assert (found.change.changed, found.create) == (False, [])


def test_a_service_that_left_the_file() -> None:
    both = live(service(), service("db"))
    found = plan("core", DOCUMENT, wanted(), both)
    assert (found.actions, [entry["ID"] for entry in found.remove]) == (["remove service core_db"], ["id-db"])
    assert list(found.change.before["services"]) == ["core_db"]
    assert found.change.after == {}
    assert not plan("core", DOCUMENT, wanted(prune=False), both).change.changed


def test_a_service_of_another_stack_is_left_alone() -> None:
    other = service("db", labels={"com.docker.stack.namespace": "core_x"})
    assert not plan("core", DOCUMENT, wanted(), live(service(), other)).change.changed


OLD = {**OURS, "hydra.swarm.digest": "old", "hydra.swarm.image": "web:1"}


@pytest.mark.parametrize(
    ("entry", "before", "after", "action"),
    [
        (
            service(Env=["A=2", "B=3"], labels=OLD),
            {"env": {"A": "2", "B": "3"}},
            {"env": {"A": "1"}},
            "change service core_web: env",
        ),
        (service(labels=OLD), {"settings": "old"}, {"settings": digest(DOCUMENT, "web", "hydra")}, "settings"),
        (
            service(labels=NAMESPACE, image="web:1"),
            {"image_id": None},
            {"image_id": ID},
            "image_id",
        ),
        (
            service(Env=["A=2"]),
            {"env": {"A": "2"}, "note": "changed since it was deployed"},
            {"env": {"A": "1"}, "note": "as in the file"},
            "change service core_web: env, changed by hand",
        ),
        (
            service(image=OTHER),
            {"image_id": OTHER},
            {"image_id": ID},
            "image_id",
        ),
        (
            service(status="paused"),
            {"last_update": "paused"},
            {"last_update": "to be made anew"},
            "change service core_web: last_update",
        ),
    ],
)
def test_a_service_that_differs(entry: Any, before: Any, after: Any, action: str) -> None:
    found = plan("core", DOCUMENT, wanted(), live(entry))
    assert found.change.before.get("services", {}).get("core_web", {}) == {k: v for k, v in before.items() if v}
    assert found.change.after["services"] == {"core_web": after}
    assert (found.deploy, len(found.actions)) == (["web"], 1)
    assert found.actions[0].endswith(action)


@pytest.mark.parametrize(
    ("image", "given", "forget"),
    [
        (OTHER, ID, True),  # changed by hand: the command line would keep it
        (ID, ID, False),
        (OTHER, OTHER, False),  # it was given another one, so it sees the change
    ],
)
def test_an_image_that_the_command_line_would_keep(image: str, given: str, forget: bool) -> None:
    labels = {**OLD, "com.docker.stack.image": given}
    found = plan("core", DOCUMENT, wanted(), live(service(image=image, labels=labels)))
    assert [entry["ID"] for entry in found.relabel] == (["id-web"] if forget else [])


def test_what_a_rollback_needs_is_kept() -> None:
    def using(config: str, secret: str) -> dict[str, Any]:
        container = {"Configs": [{"ConfigName": config}], "Secrets": [{"SecretName": secret}]}
        return {"TaskTemplate": {"ContainerSpec": container, "Networks": [{"Target": "n3"}]}}

    entry = service(Configs=[{"ConfigName": "c3"}], previous=using("c2", "s1"))
    configs = [named("c1", OURS), named("c2", OURS), named("c3", OURS), named("by-hand", NAMESPACE)]
    secrets = [named("s0", OURS), named("s1", OURS), named("other", {"com.docker.stack.namespace": "gpu"})]
    networks = [*NETWORKS, *({"Id": f"n{n}", "Name": f"core_{n}", "Labels": NAMESPACE} for n in (3, 4))]
    found = unused("core", DOCUMENT, live(entry, configs=configs, secrets=secrets, networks=networks))
    names = {kind: [one.get("Name") or one["Spec"]["Name"] for one in entries] for kind, entries in found.items()}
    assert names == {"configs": ["c1"], "secrets": ["s0"], "networks": ["core_4"]}


def test_removing_all_of_a_stack() -> None:
    there = live(service("db"), service(), configs=[named("c1", NAMESPACE)], secrets=[named("s1", {})])
    assert [(kind, len(entries)) for kind, entries in everything("core", there).items()] == [
        ("services", 2),
        ("secrets", 0),
        ("configs", 1),
        ("networks", 1),
    ]
    change = removal("core", there)
    assert (change.before, change.after) == (
        {"services": ["core_db", "core_web"], "configs": ["c1"], "networks": ["core_default"]},
        {},
    )
    assert not removal("gpu", there).changed
