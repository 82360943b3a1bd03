# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A stack deployed, changed, broken, repaired and removed, as people do it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness import Cluster, Ran, kill, until
from images import Images

STACK = "test-deploy"
IMAGE = "hydra-test/deploy:1"
SITE, PASSWORD = "the first site", "the-password-of-the-test"
# Swarm's own pauses are five seconds each: watching a task after an update, and before one that failed is started again.
SOON = {
    "update_config": {"monitor": "1s"},
    "rollback_config": {"monitor": "1s"},
    "restart_policy": {"delay": "1s"},
}
APP = "cat /site; test -s /run/secrets/password && echo there is a password; exec serve"


class Stack:
    """A stack file in a folder of its own, with the files beside it that it names."""

    def __init__(self, cluster: Cluster, folder: Path):
        self.cluster, self.path = cluster, folder / "stack.yml"
        self.document: dict[str, Any] = {
            "version": "3.8",
            "services": {
                "web": {
                    "image": IMAGE,
                    "healthcheck": {"test": "wget -q -O /dev/null http://127.0.0.1:80/", "interval": "1s"},
                    "deploy": {"replicas": 2, **SOON},
                },
                "app": {
                    "image": IMAGE,
                    "command": ["sh", "-c", APP],
                    "environment": {"GREETING": "hello", "API_KEY": "not-to-be-shown"},
                    "configs": ["site"],
                    "secrets": ["password"],
                    "deploy": {**SOON},
                },
            },
            "configs": {"site": {"file": "./site.txt"}},
            "secrets": {"password": {"file": "./password.txt"}},
        }
        (folder / "site.txt").write_text(SITE)
        (folder / "password.txt").write_text(PASSWORD)

    def service(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.document["services"][key]
        return found

    def command(self) -> dict[str, Any]:
        self.path.write_text(yaml.safe_dump(self.document, sort_keys=False))
        return {"stack": STACK, "file": str(self.path), "swarm_stack_timeout": 90}

    def deploy(self, *arguments: str, check: bool = True) -> Ran:
        return self.cluster.play("deploy-stack", *arguments, check=check, **self.command())

    def docker(self, *command: str) -> str:
        return self.cluster.inside(self.cluster.names[0], "docker", *command)

    def containers(self, key: str) -> set[str]:
        return set(self.cluster.tasks(f"{STACK}_{key}").values())

    def said(self, key: str) -> str:
        """What the service's container wrote."""
        ((node, container),) = self.cluster.tasks(f"{STACK}_{key}").items()
        return self.cluster.inside(node, "docker", "logs", container)

    def listed(self, kind: str) -> list[str]:
        label = f"label=com.docker.stack.namespace={STACK}"
        return sorted(self.docker(kind, "ls", "--filter", label, "--format", "{{.Name}}").split())


@pytest.fixture(scope="module")
def image(images: Images) -> str:
    return images.stand_in(IMAGE, ports="80")


@pytest.fixture(scope="module")
def removed(cluster: Cluster) -> Iterator[None]:
    """Nothing of the stack is left at the end."""
    yield
    cluster.play("remove-stack", stack=STACK)


@pytest.fixture
def stack(cluster: Cluster, image: str, removed: None, tmp_path: Path) -> Stack:
    """The stack, deployed as its file says at first, whatever a test before has made of it."""
    made = Stack(cluster, tmp_path)
    made.deploy()
    return made


def test_a_deploy_reports_and_a_second_one_changes_nothing(stack: Stack, image: str) -> None:
    before = {key: stack.containers(key) for key in ("web", "app")}
    assert {key: len(found) for key, found in before.items()} == {"web": 2, "app": 1}
    again = stack.deploy()
    assert again.changed == 0
    assert "nothing to change" in again.said
    assert f"{STACK}_web 2 of 2" in again.said and image[7:19] in again.said
    assert {key: stack.containers(key) for key in before} == before
    assert f"{SITE}\nthere is a password" in stack.said("app").replace(f"{SITE}there", f"{SITE}\nthere")


def test_what_was_rejected_before_is_no_reason_to_fail(stack: Stack, image: str) -> None:
    """A node that lost its image, as one does with its volume: the deploy brings it, and what fell meanwhile is history."""
    name = f"{STACK}_app"
    (node,) = stack.cluster.tasks(name)
    for key, sign in (("app", "=="), ("web", "!=")):
        stack.service(key)["deploy"]["placement"] = {"constraints": [f"node.hostname {sign} {node}"]}
    stack.deploy()
    stack.cluster.inside(node, "sh", "-c", f"docker ps -aq | xargs docker rm -f; docker image rm -f {image}")
    ps = ("service", "ps", name, "--filter", "desired-state=shutdown", "--format", "{{.CurrentState}}")
    until("four of its tasks to be rejected", lambda: stack.docker(*ps).count("Rejected") >= 4)
    assert f"{STACK}_app 1 of 1" in stack.deploy().said
    assert stack.docker(*ps).count("Rejected") >= 4
    again = stack.deploy()
    assert again.changed == 0 and f"{STACK}_app 1 of 1" in again.said


def test_a_rehearsal_shows_what_would_change_and_changes_nothing(stack: Stack) -> None:
    before = {key: stack.containers(key) for key in ("web", "app")}
    stack.service("app")["environment"] |= {"GREETING": "good evening", "API_KEY": "another-one"}
    stack.service("web")["deploy"] |= {"replicas": 1, "placement": {"constraints": ["node.role == manager"]}}
    (stack.path.parent / "site.txt").write_text("another site")
    shown = stack.deploy("--check", "--diff")
    assert shown.changed == 1
    for words in ('"GREETING": "good evening"', '"replicas": 1', "node.role == manager", f"{STACK}_site-"):
        assert words in shown.said
    assert "not-to-be-shown" not in shown.output and "another-one" not in shown.output
    assert {key: stack.containers(key) for key in before} == before
    assert len(stack.listed("config")) == 1


def test_only_what_differs_is_deployed(stack: Stack) -> None:
    web, app = stack.containers("web"), stack.containers("app")
    stack.service("app")["environment"]["GREETING"] = "good evening"
    ran = stack.deploy()
    assert f"change service {STACK}_app: env" in ran.said
    assert (ran.changed, stack.containers("web")) == (1, web)
    assert not stack.containers("app") & app


def test_what_was_changed_by_hand_is_put_back(stack: Stack) -> None:
    app = stack.containers("app")
    stack.docker("service", "scale", "--detach", f"{STACK}_web=1")
    until("one task to be left", lambda: len(stack.containers("web")) == 1)
    ran = stack.deploy("--diff")
    assert "changed since it was deployed" in ran.said
    assert (ran.changed, len(stack.containers("web")), stack.containers("app")) == (1, 2, app)


def test_an_image_that_was_changed_by_hand_is_put_back(stack: Stack, images: Images, image: str) -> None:
    other = images.stand_in("hydra-test/deploy-other:1", ports="80")
    stack.cluster.play("load-image", image="hydra-test/deploy-other:1")
    stack.docker("service", "update", "--no-resolve-image", "--quiet", "--image", other, f"{STACK}_app")
    assert stack.deploy().changed == 1
    ((node, container),) = stack.cluster.tasks(f"{STACK}_app").items()
    running = stack.cluster.inside(node, "docker", "inspect", "--format", "{{.Config.Image}}", container)
    assert running == image
    assert stack.deploy().changed == 0


def test_a_changed_config_is_another_one_and_the_old_one_stays_for_a_rollback(stack: Stack) -> None:
    (first,) = stack.listed("config")
    (stack.path.parent / "site.txt").write_text("the second site")
    assert stack.deploy().changed == 1
    assert "the second site" in stack.said("app")
    assert first in stack.listed("config") and len(stack.listed("config")) == 2
    stack.docker("service", "rollback", "--quiet", f"{STACK}_app")
    assert SITE in stack.said("app")

    (stack.path.parent / "site.txt").write_text("the third site")
    stack.deploy()
    (stack.path.parent / "site.txt").write_text("the fourth site")
    stack.deploy()
    assert "the fourth site" in stack.said("app")
    assert first not in stack.listed("config") and len(stack.listed("config")) == 2
    assert len(stack.listed("secret")) == 1


def test_what_left_the_file_is_removed(stack: Stack) -> None:
    stack.service("app")["networks"] = ["inner"]
    stack.document["networks"] = {"inner": {}}
    stack.deploy()
    assert stack.listed("network") == [f"{STACK}_default", f"{STACK}_inner"]
    del stack.document["services"]["app"]
    for section in ("networks", "configs", "secrets"):
        del stack.document[section]
    ran = stack.deploy()
    assert f"remove service {STACK}_app" in ran.said
    assert stack.listed("service") == [f"{STACK}_web"]
    assert (stack.listed("config"), stack.listed("secret")) == ([], [])
    until("its network to be gone", lambda: stack.listed("network") == [f"{STACK}_default"])
    assert stack.deploy().changed == 0


def test_a_crash_loop_is_named_with_its_log_and_the_good_file_repairs_it(stack: Stack) -> None:
    web = stack.containers("web")
    stack.service("app")["command"] = ["sh", "-c", "echo opening; echo the database is not there >&2; exit 3"]
    began = time.monotonic()
    ran = stack.deploy(check=False)
    assert (ran.status != 0, time.monotonic() - began < 60) == (True, True)
    for words in (
        f"1 of 2 services did not converge; converged: {STACK}_web",
        f"{STACK}_app.1 failed on ",
        "task: non-zero exit (3)",
        "the end of its log:",
        "opening",
        "the database is not there",
    ):
        assert words in ran.said
    stack.service("app")["command"] = ["sh", "-c", APP]
    assert stack.deploy().changed == 1
    assert (len(stack.containers("app")), stack.containers("web")) == (1, web)
    assert stack.deploy().changed == 0


def test_a_task_that_finds_no_node_is_named_with_the_reason(stack: Stack, image: str) -> None:
    node = stack.cluster.names[-1]
    here = {"placement": {"constraints": [f"node.hostname == {node}"]}}
    stack.service("app")["deploy"] |= {**here, "resources": {"reservations": {"cpus": "0.5"}}}
    cpus = float(stack.cluster.inside(node, "docker", "info", "--format", "{{.NCPU}}"))
    # What somebody else has reserved is found out by Swarm alone.
    other = (
        "--name",
        "test-greedy",
        "--constraint",
        here["placement"]["constraints"][0],
        "--reserve-cpu",
        f"{cpus - 0.2}",
        "--stop-signal",
        "SIGKILL",
    )
    stack.docker("service", "create", "--quiet", "--detach", "--no-resolve-image", *other, image, "sleep", "1000")
    began = time.monotonic()
    try:
        ran = stack.deploy(check=False)
    finally:
        stack.docker("service", "rm", "test-greedy")
    assert (ran.status != 0, time.monotonic() - began < 60) == (True, True)
    assert f"{STACK}_app.1 finds no node: no suitable node (" in ran.said and "0.5 CPUs" in ran.said
    stack.deploy()
    assert set(stack.cluster.tasks(f"{STACK}_app")) == {node}


def test_what_is_secret_is_in_no_output(stack: Stack) -> None:
    (stack.path.parent / "password.txt").write_text("the-other-password")
    (stack.path.parent / "site.txt").write_text("the-other-site")
    ran = stack.deploy("-vvv", "--diff")
    assert ran.changed == 1
    for words in ("the-other-password", "the-other-site", "bm90aGVy", "dGhlLW90aGVy"):
        assert words not in ran.output
    # With -v the task before shows the file as it was read, variables of the environment and all: they are no secrets.
    assert "not-to-be-shown" not in ran.output.split("TASK [hydra.swarm.swarm_stack : Deploy it")[1]
    labels = json.loads(stack.docker("secret", "inspect", *stack.listed("secret")))
    assert "the-other-password" not in json.dumps(labels)


def a_task_runs(stack: Stack) -> bool:
    """In one question: on a busy computer, several take as long as what is left of the run."""
    with contextlib.suppress(subprocess.CalledProcessError):  # there is no such stack yet
        return "Running" in stack.docker("stack", "ps", STACK, "--format", "{{.CurrentState}}")
    return False


MOMENTS: dict[str, Callable[[Stack], object]] = {
    "when the secret is there": lambda stack: stack.listed("secret"),
    "when a service is there": lambda stack: stack.listed("service"),
    "when a task runs": a_task_runs,
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_deploy_that_was_killed_is_repaired_by_the_next(
    cluster: Cluster, image: str, removed: None, tmp_path: Path, moment: str
) -> None:
    stack = Stack(cluster, tmp_path)
    cluster.play("remove-stack", stack=STACK)
    run = cluster.start("deploy-stack", **stack.command())
    until(moment, lambda: MOMENTS[moment](stack), 60)
    assert run.poll() is None, "the run was over before it could be killed"
    kill(run)
    stack.deploy()
    assert (len(stack.containers("web")), len(stack.containers("app"))) == (2, 1)
    if moment == list(MOMENTS)[-1]:
        assert stack.deploy().changed == 0


def test_nothing_is_left_of_a_removed_stack_but_its_volumes(stack: Stack) -> None:
    stack.service("app")["volumes"] = ["data:/data"]
    stack.document["volumes"] = {"data": {}}
    stack.deploy()
    ((node, _container),) = stack.cluster.tasks(f"{STACK}_app").items()
    ran = stack.cluster.play("remove-stack", stack=STACK)
    assert ran.changed == 1
    for kind in ("service", "config", "secret", "network"):
        assert stack.listed(kind) == []
    ours = ("--filter", f"label=com.docker.stack.namespace={STACK}")
    assert not any(stack.cluster.inside(name, "docker", "ps", "-q", *ours) for name in stack.cluster.names)
    volumes = stack.cluster.inside(node, "docker", "volume", "ls", "-q", "--filter", f"name={STACK}_data").split()
    assert volumes == [f"{STACK}_data"]
    assert stack.cluster.play("remove-stack", stack=STACK).changed == 0
    until("nobody to use the volume", lambda: stack.cluster.inside(node, "docker", "volume", "rm", *volumes))
