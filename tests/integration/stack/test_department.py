# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The department's stacks, deployed as they are, with small programs in the place of the real ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from harness import Cluster, Ran, until

# The four strategies: where each service may run.
PLACES = {
    "core_traefik": {"hydra"},
    "core_gate": {"hydra"},
    "core_hydra-saml-auth": {"hydra"},
    "core_openwebui-middleman": {"hydra"},
    "idp_saml-idp": {"hydra"},
    "gpu_ollama": {"cerberus"},
    "gpu_open-webui": {"chimera", "cerberus"},
}
# Which program answers on which port of this computer; the proxy hands 11434 on to Ollama, which is on another node.
PORTS = {
    80: "traefik",
    443: "traefik",
    6969: "saml_auth",
    7070: "middleman",
    8080: "saml_idp",
    8081: "traefik",
    11434: "ollama",
}
STACKS = ("core_", "gpu_", "idp_")
DATA = "kept.txt"


@pytest.fixture(scope="module")
def deployed(cluster: Cluster, department: dict[str, str]) -> Iterator[Ran]:
    """All of them, on a cluster that has none."""
    if listed(cluster, "service"):
        cluster.play("remove-all")
    yield cluster.play("deploy-all")
    if listed(cluster, "service"):
        cluster.play("remove-all")


@pytest.fixture(scope="module")
def tasks(cluster: Cluster, deployed: Ran) -> dict[str, tuple[str, str]]:
    """Node and container of each service's one task."""
    found = {service: list(cluster.tasks(service).items()) for service in PLACES}
    assert {service: len(each) for service, each in found.items()} == dict.fromkeys(PLACES, 1)
    return {service: each[0] for service, each in found.items()}


def inside(cluster: Cluster, tasks: dict[str, tuple[str, str]], service: str, *command: str) -> str:
    """What a command in the service's container prints."""
    node, container = tasks[service]
    return cluster.inside(node, "docker", "exec", container, *command)


def inspected(cluster: Cluster, service: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cluster.inside(cluster.names[0], "docker", "service", "inspect", service))[0]
    return found


def listed(cluster: Cluster, kind: str) -> list[str]:
    """The services, networks, configs or secrets of the department's stacks; other tests have stacks of their own."""
    names = cluster.inside(cluster.names[0], "docker", kind, "ls", "--format", "{{.Name}}").split()
    return sorted(name for name in names if name.startswith(STACKS))


def test_nothing_else_is_deployed(cluster: Cluster, deployed: Ran) -> None:
    assert deployed.changed > 0
    assert listed(cluster, "service") == sorted(PLACES)


@pytest.mark.parametrize("service", PLACES)
def test_it_runs_where_it_should(
    service: str, cluster: Cluster, nodes: dict[str, str], tasks: dict[str, tuple[str, str]]
) -> None:
    assert tasks[service][0] in {nodes[host] for host in PLACES[service]}


def test_the_status_says_so_too(cluster: Cluster, tasks: dict[str, tuple[str, str]]) -> None:
    lines = [line.split() for line in cluster.play("stack-status").output.splitlines()]
    shown = {
        words[0]: words[1:3]
        for words in lines
        if len(words) > 2 and words[0].startswith(STACKS) and words[0].endswith(".1")
    }
    assert shown == {f"{service}.1": [node, "running"] for service, (node, _container) in tasks.items()}


@pytest.mark.parametrize("port", PORTS)
def test_it_answers_on_this_computer(port: int, deployed: Ran, answer: Callable[..., str]) -> None:
    assert until(f"port {port} to answer", lambda: answer(port), 20).split()[0] == PORTS[port]


@pytest.mark.parametrize(
    ("caller", "url", "program"),
    [
        ("gpu_open-webui", "http://ollama:11434/", "ollama"),
        ("gpu_open-webui", "http://hydra-saml-auth:6969/", "saml_auth"),
        ("core_traefik", "http://ollama:11434/", "ollama"),
        ("core_traefik", "http://open-webui:8080/", "openwebui"),
        ("core_traefik", "http://hydra-saml-auth:6969/", "saml_auth"),
        ("core_hydra-saml-auth", "http://saml-idp:8080/", "saml_idp"),
        ("core_hydra-saml-auth", "http://openwebui-middleman:7070/", "middleman"),
    ],
)
def test_services_reach_each_other_by_name(
    caller: str, url: str, program: str, cluster: Cluster, tasks: dict[str, tuple[str, str]]
) -> None:
    said = until(url, lambda: inside(cluster, tasks, caller, "wget", "-q", "-T", "2", "-O", "-", url), 20)
    assert said.split()[0] == program


def test_secrets_arrive_in_the_programs_and_nowhere_else(
    cluster: Cluster, deployed: Ran, answer: Callable[..., str]
) -> None:
    # A stand-in says which secrets it was given. The secrets of the development inventory all read alike.
    assert answer(6969).split()[1:] == ["OPENWEBUI_API_KEY", "SESSION_SECRET"]
    assert answer(7070).split()[1:] == ["OPENWEBUI_API_KEY"]
    assert "only-for-development" not in deployed.output
    for service in PLACES:
        assert "only-for-development" not in json.dumps(inspected(cluster, service))


def test_one_database_for_two_services_on_two_nodes(
    cluster: Cluster, nodes: dict[str, str], tasks: dict[str, tuple[str, str]]
) -> None:
    inside(cluster, tasks, "gpu_open-webui", "sh", "-c", f"echo written by Open WebUI > /app/backend/data/{DATA}")
    assert tasks["gpu_open-webui"][0] != tasks["core_openwebui-middleman"][0] == nodes["hydra"]
    assert inside(cluster, tasks, "core_openwebui-middleman", "cat", f"/data/{DATA}") == "written by Open WebUI"


def test_ollama_has_a_gpu_of_its_node(cluster: Cluster, tasks: dict[str, tuple[str, str]]) -> None:
    node, _container = tasks["gpu_ollama"]
    offered = cluster.inside(node, "docker", "info", "--format", "{{json .GenericResources}}")
    variables = inside(cluster, tasks, "gpu_ollama", "env").splitlines()
    (given,) = [line.partition("=")[2] for line in variables if line.startswith("DOCKER_RESOURCE_NVIDIA-GPU=")]
    assert given.startswith("GPU-") and given in offered


def test_the_proxy_is_on_every_network_that_a_workspace_may_get(cluster: Cluster, deployed: Ran) -> None:
    shown = ("docker", "network", "ls", "--no-trunc", "--format", "{{.ID}} {{.Name}}")
    names = dict(line.split() for line in cluster.inside(cluster.names[0], *shown).splitlines())
    template = inspected(cluster, "core_traefik")["Spec"]["TaskTemplate"]
    workspaces = [f"hydra_student_{number:02}" for number in range(1, 9)]
    assert sorted(names[network["Target"]] for network in template["Networks"]) == [
        "core_gate",
        "core_sign-on",
        "hydra_public",
        *workspaces,
    ]


def test_a_second_time_nothing_changes(cluster: Cluster, tasks: dict[str, tuple[str, str]]) -> None:
    again = cluster.play("deploy-all")
    assert again.changed == 0, again.output
    assert {service: list(cluster.tasks(service).items()) for service in PLACES} == {
        service: [task] for service, task in tasks.items()
    }


def test_removing_all_leaves_the_data(cluster: Cluster, deployed: Ran, nodes: dict[str, str]) -> None:
    removed = cluster.play("remove-all")
    assert removed.changed > 0
    assert [name for kind in ("service", "network", "config", "secret") for name in listed(cluster, kind)] == []
    # The cluster's own networks are no stack's.
    assert "hydra_public" in cluster.inside(nodes["hydra"], "docker", "network", "ls", "--format", "{{.Name}}").split()
    assert cluster.inside(nodes["hydra"], "cat", f"/exports/openwebui/{DATA}") == "written by Open WebUI"
    assert cluster.play("remove-all").changed == 0
