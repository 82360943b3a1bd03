# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is refused before anything is touched, each with the value, the rule and the remedy."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import ROOT, Cluster, Ran
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
NAMES = ["a b", "../x", "ümlaut", "x" * 64]
ALL = """
- hosts: managers
  gather_facts: false
  vars_files: "{{ cluster_vars }}"
  tasks:
    - ansible.builtin.include_role: {name: hydra.swarm.swarm_stack, tasks_from: ask.yml, rolespec_validate: false}
    - ansible.builtin.include_tasks: one.yml
      loop: "{{ stacks }}"
      loop_control: {loop_var: one}
    - ansible.builtin.copy: {content: "{{ refused | to_json }}", dest: "{{ said }}", mode: "0600"}
      delegate_to: localhost
"""
ONE = """
- block:
    - ansible.builtin.include_role: {name: hydra.swarm.swarm_stack, tasks_from: deploy.yml, rolespec_validate: false}
      vars:
        swarm_stack_seen: "{{ swarm_stack_asked }}"
        swarm_stack_name: "{{ one.name }}"
        swarm_stack_file: "{{ one.file }}"
    - ansible.builtin.set_fact: {refused: "{{ refused | default([]) + ['it was deployed'] }}"}
  rescue:
    - ansible.builtin.set_fact: {refused: "{{ refused | default([]) + [ansible_failed_result.msg] }}"}
"""


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


@pytest.fixture(scope="module")
def refusals(cluster: Cluster, image: str, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What is said of each of the broken files, and of each of the names; nothing comes of any of them.

    The tasks of deploy-stack in one run, since most of what a verb takes is Ansible's own start.
    """
    folder = tmp_path_factory.mktemp("broken")
    tried = [("bad", text) for text, _words in BROKEN.values()]
    tried += [(name, f"services: {{app: {{image: '{IMAGE}'}}}}") for name in NAMES]
    stacks = []
    for number, (name, text) in enumerate(tried):
        path = folder / str(number) / "stack.yml"
        path.parent.mkdir()
        path.write_text(text)
        stacks.append({"name": name, "file": str(path)})
    stacks.append({"name": "bad", "file": "no/such/stack.yml"})
    (folder / "all.yml").write_text(ALL)
    (folder / "one.yml").write_text(ONE)
    before, said = services(cluster), folder / "said.json"
    values = {"stacks": stacks, "said": str(said), "cluster_vars": str(ROOT / "playbooks/vars/cluster.yml")}
    cluster.play(os.path.relpath(folder / "all", ROOT / "playbooks"), **values)
    assert services(cluster) == before
    networks = cluster.inside(cluster.names[0], "docker", "network", "ls", "--format", "{{.Name}}").split()
    assert [name for name in networks if name.startswith("bad")] == []
    told: list[str] = json.loads(said.read_text())
    return told


@pytest.mark.parametrize("what", BROKEN)
def test_broken_files_are_refused(what: str, refusals: list[str]) -> None:
    said, (_text, words) = refusals[list(BROKEN).index(what)], BROKEN[what]
    assert [word for word in words if word not in said] == [], said
    assert "hunter" not in said


@pytest.mark.parametrize("name", NAMES)
def test_names_that_swarm_refuses(name: str, refusals: list[str]) -> None:
    assert name[:20] in refusals[len(BROKEN) + NAMES.index(name)]


def test_the_verb_says_so_and_fails(attempt: Try) -> None:
    text, words = BROKEN["unknown key"]
    refused = attempt(text)
    assert refused.status != 0 and all(word in refused.said for word in words), refused.said


def test_a_new_task_that_would_wait_for_the_gpu_of_the_old_one(attempt: Try, cluster: Cluster) -> None:
    text = (
        f"services: {{app: {{image: '{IMAGE}', environment: {{X: '%s'}}, deploy: {{update_config: {{order: start-first}}, "
        "placement: {constraints: [node.labels.workload == jupyter]}, resources: {reservations: {generic_resources: "
        "[{discrete_resource_spec: {kind: NVIDIA-GPU, value: 1}}]}}}}}"
    )
    try:
        assert attempt(text % 1, name="full").status == 0
        # What leaves the service as it is needs no room.
        assert attempt(text % 1, name="full").changed == 0
        refused = attempt(text % 2, name="full")
        words = ["app: order start-first", "0 NVIDIA-GPU of 1 NVIDIA-GPU", "would never converge: make it stop-first"]
        assert refused.status != 0
        assert [word for word in words if word not in refused.said] == [], refused.said
    finally:
        cluster.play("remove-stack", stack="full")


def test_a_missing_file_is_named(refusals: list[str]) -> None:
    assert "no/such/stack.yml" in refusals[-1]


def test_no_name_and_no_file(cluster: Cluster) -> None:
    nameless = cluster.make("deploy-stack", check=False)
    assert nameless.status != 0
    assert "STACK=name" in nameless.said
    no_file = cluster.make("deploy-stack", "STACK=unheard", check=False)
    assert no_file.status != 0
    assert "FILE=path" in no_file.said and "core" in no_file.said


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


def test_an_unknown_stack(cluster: Cluster) -> None:
    refused = cluster.play("stack-status", check=False, stack="nope")
    assert refused.status != 0 and "no stack nope" in refused.said, refused.said
    # A stack that is not there is removed already.
    assert cluster.play("remove-stack", stack="nope").changed == 0
