# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is refused before anything is touched, each with the value, the rule and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from harness import Cluster, Ran
from images import Images

IMAGE = "hydra-test/plain:1"
Try = Callable[..., Ran]

# The file, and what the refusal has to say.
BROKEN = {
    "malformed": ("services:\n  app:\n   image: [a\n", ["stack.yml:4:1", "expected ',' or ']'"]),
    "duplicate key": ("services:\n  app: {image: a}\n  app: {image: b}\n", ["stack.yml:3:3", "app"]),
    "unknown key": (f"services:\n  app:\n    image: {IMAGE}\n    comand: x\n", ["stack.yml:4:5", "comand", "command"]),
    "unset variable": ("services:\n  app: {image: '${NO_SUCH_THING}'}\n", ["stack.yml:2", "NO_SUCH_THING", ".env"]),
    "image nowhere": ("services: {app: {image: 'hydra-test/nowhere:7'}}", ["hydra-test/nowhere:7", "docker build"]),
    "braces in a secret": (
        f"services: {{app: {{image: '{IMAGE}', environment: {{TOKEN: 'hunter{{{{2'}}}}}}",
        ["stack.yml:1", "services.app.environment.TOKEN", "template of its own", '{{"{{"}}'],
    ),
    "a folder of no node": (
        f"services: {{app: {{image: '{IMAGE}', volumes: ['/srv/no such thing:/data', '/etc/hostname:/x:ro']}}}}",
        [
            "Nothing was touched",
            "app: /srv/no such thing is to be mounted",
            "on no node that may run it",
            "use a volume",
        ],
    ),
    "constraint": (
        f"services: {{app: {{image: '{IMAGE}', deploy: {{placement: {{constraints: [node.labels.workload == quantum]}}}}}}}}",
        ["node.labels.workload == quantum", "workload=jupyter", "workload=ollama"],
    ),
    "more GPUs than any node has": (
        f"services: {{app: {{image: '{IMAGE}', deploy: {{resources: {{reservations: "
        "{generic_resources: [{discrete_resource_spec: {kind: NVIDIA-GPU, value: 3}}]}}}}}",
        ["3 NVIDIA-GPU", "1"],
    ),
    "missing network": (
        f"services: {{app: {{image: '{IMAGE}', networks: [hydra_pubic]}}}}\nnetworks: {{hydra_pubic: {{external: true}}}}",
        ["hydra_pubic", "hydra_public"],
    ),
    "too many replicas for a host port": (
        f"services: {{app: {{image: '{IMAGE}', ports: ['9000:80'], deploy: {{replicas: 4}}}}}}",
        ["9000", "4"],
    ),
    "a server's file": ("version: '2'\nservices: {app: {image: a}}", ["version", "3"]),
}


@pytest.fixture(scope="module", autouse=True)
def image(images: Images) -> str:
    return images.stand_in(IMAGE, ports="80")


@pytest.fixture
def attempt(cluster: Cluster, tmp_path: Path) -> Try:
    def deploy(text: str, name: str = "bad", **extra: str) -> Ran:
        (tmp_path / "stack.yml").write_text(text)
        return cluster.play("deploy-stack", check=False, stack=name, file=str(tmp_path / "stack.yml"), **extra)

    return deploy


def services(cluster: Cluster) -> list[str]:
    return cluster.inside(cluster.names[0], "docker", "service", "ls", "--format", "{{.Name}}").split()


@pytest.mark.parametrize("what", BROKEN)
def test_broken_files_are_refused(what: str, attempt: Try, cluster: Cluster) -> None:
    text, words = BROKEN[what]
    before = services(cluster)
    refused = attempt(text)
    assert refused.status != 0
    assert [word for word in words if word not in refused.said] == [], refused.said
    assert "hunter" not in refused.said
    assert services(cluster) == before
    networks = cluster.inside(cluster.names[0], "docker", "network", "ls", "--format", "{{.Name}}").split()
    assert [name for name in networks if name.startswith("bad")] == []


def test_a_new_task_that_would_wait_for_the_gpu_of_the_old_one(attempt: Try, cluster: Cluster) -> None:
    """The same file deploys again, and so does what leaves the service as it is."""
    text = (
        f"services: {{app: {{image: '{IMAGE}', environment: {{X: '%s'}}, deploy: {{update_config: {{order: start-first}}, "
        "placement: {constraints: [node.labels.workload == jupyter]}, resources: {reservations: {generic_resources: "
        "[{discrete_resource_spec: {kind: NVIDIA-GPU, value: 1}}]}}}}}"
    )
    try:
        assert attempt(text % 1, name="full").status == 0
        assert attempt(text % 1, name="full").changed == 0
        refused = attempt(text % 2, name="full")
        words = ["app: order start-first", "0 NVIDIA-GPU of 1 NVIDIA-GPU", "would never converge: make it stop-first"]
        assert refused.status != 0
        assert [word for word in words if word not in refused.said] == [], refused.said
        assert attempt((text % 2).replace("start-first", "stop-first"), name="full").status == 0
    finally:
        cluster.play("remove-stack", stack="full")


def test_a_missing_file_is_named(cluster: Cluster) -> None:
    refused = cluster.play("deploy-stack", check=False, stack="bad", file="no/such/stack.yml")
    assert refused.status != 0
    assert "no/such/stack.yml" in refused.said


def test_no_name_and_no_file(cluster: Cluster) -> None:
    nameless = cluster.make("deploy-stack", check=False)
    assert nameless.status != 0
    assert "STACK=name" in nameless.said
    no_file = cluster.make("deploy-stack", "STACK=unheard", check=False)
    assert no_file.status != 0
    assert "FILE=path" in no_file.said and "core" in no_file.said


@pytest.mark.parametrize("name", ["a b", "../x", "ümlaut", "x" * 64])
def test_names_that_swarm_refuses(name: str, attempt: Try) -> None:
    refused = attempt(f"services: {{app: {{image: '{IMAGE}'}}}}", name=name)
    assert refused.status != 0
    assert name[:20] in refused.said


def test_a_port_that_another_stack_has(attempt: Try, cluster: Cluster) -> None:
    taken = f"services: {{app: {{image: '{IMAGE}', ports: ['9001:80'], deploy: {{placement: {{constraints: [node.role == manager]}}}}}}}}"
    try:
        assert attempt(taken, name="first").status == 0
        refused = attempt(taken, name="second")
        assert refused.status != 0
        assert "9001" in refused.said and "first_app" in refused.said
        assert "second_app" not in services(cluster)
    finally:
        cluster.play("remove-stack", stack="first")


def test_unknown_stacks_services_and_images(cluster: Cluster) -> None:
    for verb, extra, words in (
        ("stack-status", {"stack": "nope"}, ["no stack nope"]),
        ("update-service", {"service": "nope_app", "image": IMAGE}, ["no service nope_app"]),
        ("load-image", {"image": "hydra-test/nowhere:7"}, ["hydra-test/nowhere:7"]),
        ("load-image", {"image": IMAGE, "nodes": "sphinx"}, ["sphinx", "chimera"]),
    ):
        refused = cluster.play(verb, check=False, **extra)
        assert refused.status != 0, verb
        assert [word for word in words if word not in refused.said] == [], refused.said
    # A stack that is not there is removed already.
    assert cluster.play("remove-stack", stack="nope").changed == 0
