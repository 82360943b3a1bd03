# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stack files as people have them mean to stack_file what they mean to the docker command of a manager."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness import Cluster
from images import Images

FILES = Path(__file__).parent / "files"
NAMES = sorted(path.name for path in FILES.glob("*.yml"))
VARIABLES = {
    "TAG": "1.2.3",
    "DOMAIN": "example.org",
    "MODE": "fast",
}  # what .env says, which the docker command ignores
COMPOSE_ONLY = "compose-spec.yml"  # the docker command takes none of these
PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - hydra.swarm.stack_file: {name: compared, file: "{{ item }}"}
      loop: "{{ files }}"
      register: rendered
    - ansible.builtin.copy: {content: "{{ rendered.results | map(attribute='stack') | to_json }}", dest: "{{ into }}", mode: "0600"}
"""
Stack = dict[str, Any]


@pytest.fixture(scope="module")
def folder(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The files, at the same path here and on the first manager."""
    folder = Path(shutil.copytree(FILES, tmp_path_factory.mktemp("stacks") / "files"))
    manager, packed = cluster.names[0], subprocess.run(["tar", "-c", str(folder)], capture_output=True, check=True)
    cluster.pour(packed.stdout, manager, "tar", "-x", "-C", "/")
    yield folder
    cluster.inside(manager, "rm", "-r", str(folder))


@pytest.fixture(scope="module")
def stacks(cluster: Cluster, folder: Path) -> dict[str, Stack]:
    """Each file as a playbook passes it on."""
    play, into = folder.parent / "play.yml", folder.parent / "stacks.json"
    play.write_text(PLAY)
    values = json.dumps({"files": [str(folder / name) for name in NAMES], "into": str(into)})
    command = ["ansible-playbook", "-i", "localhost,", "-c", "local", "-e", values, str(play)]
    done = subprocess.run(
        command, cwd=folder, env=cluster.environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(zip(NAMES, json.loads(into.read_text()), strict=True))


def as_the_command_reads_it(cluster: Cluster, path: str, given: bytes = b"") -> Stack:
    """The docker command's own reading of a file, or of what it is given."""
    variables = [f"{key}={value}" for key, value in VARIABLES.items()]
    command = ("env", *variables, "docker", "stack", "config", "-c", path)
    read: Stack = yaml.safe_load(cluster.pour(given, cluster.names[0], *command))
    return read


def comparable(config: Stack) -> Stack:
    """Less what is said in two ways, or what a stack does not use."""
    services = {}
    for name, service in config["services"].items():
        kept = {key: value for key, value in service.items() if key not in ("depends_on", "restart", "env_file")}
        for port in kept.get("ports", []):
            port |= {"protocol": port.get("protocol", "tcp"), "mode": port.get("mode", "ingress")}
        kept["networks"] = {key: value or {} for key, value in (kept.get("networks") or {"default": {}}).items()}
        services[name] = kept
    networks = {key: value or {} for key, value in (config.get("networks") or {}).items()}
    volumes = {key: value or {} for key, value in (config.get("volumes") or {}).items()}
    contents = {kind: sorted(config.get(kind) or {}) for kind in ("configs", "secrets")}
    return {"services": services, "networks": networks, "volumes": volumes, **contents}


def given_as(document: Stack) -> bytes:
    return json.dumps(document).replace("$", "$$").encode()


@pytest.mark.parametrize("name", NAMES)
def test_the_docker_command_takes_the_document(cluster: Cluster, stacks: dict[str, Stack], name: str) -> None:
    document = stacks[name]["document"]
    read = as_the_command_reads_it(cluster, "-", given_as(document))
    assert sorted(read["services"]) == sorted(document["services"])


@pytest.mark.parametrize("name", [name for name in NAMES if name != COMPOSE_ONLY])
def test_it_means_what_the_file_means(cluster: Cluster, folder: Path, stacks: dict[str, Stack], name: str) -> None:
    ours = comparable(as_the_command_reads_it(cluster, "-", given_as(stacks[name]["document"])))
    theirs = comparable(as_the_command_reads_it(cluster, str(folder / name)))
    if name == "registry.yml":  # the command turns restart into this only when it deploys
        policy = ours["services"]["registry"]["deploy"].pop("restart_policy")
        assert policy == {"condition": "on-failure", "max_attempts": 5}
        theirs["services"]["registry"].setdefault("deploy", {})
    assert ours == theirs


def test_templates_arrive_as_they_are_written(stacks: dict[str, Stack]) -> None:
    service = stacks["templates.yml"]["document"]["services"]["echo"]
    assert service["hostname"] == "{{.Service.Name}}-{{.Task.Slot}}"
    assert service["environment"]["WHERE"] == "{{ .Node.Hostname }} {% raw %}"
    assert service["labels"] == {"com.example.template": "{{ if true }}yes{{ end }}"}


def test_what_only_compose_takes_is_made_fit(stacks: dict[str, Stack]) -> None:
    stack = stacks[COMPOSE_ONLY]
    web, db = (stack["document"]["services"][name] for name in ("web", "db"))
    assert web["environment"] == {"DEBUG": "true", "RATIO": "1.10", "OCTAL": "0660", "WORD": "yes"}
    assert web["deploy"]["restart_policy"] == {"condition": "any"}
    assert {"type": "tmpfs", "target": "/tmp", "tmpfs": {"size": 64 * 2**20}} in web["volumes"]
    assert web["configs"] == [{"source": "site", "target": "/etc/site.conf", "mode": 0o440}]
    assert db["deploy"] == {"resources": {"reservations": {}}}
    assert "web: Swarm ignores build, container_name, depends_on, pull_policy" in stack["notes"]


def test_a_file_of_others_is_deployed_as_it_is(cluster: Cluster, folder: Path, images: Images) -> None:
    """The form of the voting example that many projects have; small programs stand in for its images, unless they are here."""
    services = yaml.safe_load((folder / "voting.yml").read_text())["services"]
    for name in (service["image"] for service in services.values()):
        if not images.exists(name):
            images.stand_in(name, ports="80")
    try:
        ran = cluster.play("deploy-stack", stack="voting", file=str(folder / "voting.yml"))
        for service, tasks in {"redis": 1, "db": 1, "vote": 2, "worker": 1}.items():
            assert f"voting_{service} {tasks} of {tasks} " in ran.said
            assert len(cluster.tasks(f"voting_{service}")) == tasks
        assert cluster.play("deploy-stack", stack="voting", file=str(folder / "voting.yml")).changed == 0
    finally:
        cluster.play("remove-stack", stack="voting")
        cluster.inside(cluster.names[0], "docker", "volume", "rm", "voting_db-data", check=False)
