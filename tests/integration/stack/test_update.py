# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An image built anew under the name it had: every task runs it, no request is lost, and a bad one is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from harness import Cluster, Ran, until
from images import Images

STACK = "test-update"
SERVICE = f"{STACK}_web"
IMAGE = "hydra-test/update:1"
# Asks for the name anew with each request, as its HTTP client does; a request that is not answered within 2 s is lost.
CLIENT = """
mkdir -p /tmp; : > /tmp/ok; : > /tmp/lost
while :; do
    if wget -q -T 2 -O /dev/null http://web/ 2> /tmp/why; then echo ok >> /tmp/ok; else cat /tmp/why >> /tmp/lost; fi
    sleep 0.02
done
"""


class Service:
    """A service with two tasks on two nodes, and a client that counts on a third one."""

    def __init__(self, cluster: Cluster, images: Images, path: Path):
        self.cluster, self.images, self.path = cluster, images, path

    def deploy(self, check: bool = True, **update: str) -> Ran:
        last = self.cluster.names[-1]
        web = {
            "image": IMAGE,
            "healthcheck": {"test": "wget -q -O /dev/null http://127.0.0.1/", "interval": "1s", "retries": 2},
            "deploy": {
                "replicas": 2,
                "placement": {"constraints": [f"node.hostname != {last}"], "max_replicas_per_node": 2},
                # Swarm's own pauses are five seconds each.
                "update_config": {"order": "stop-first", "monitor": "2s", **update},
                "rollback_config": {"monitor": "2s"},
                "restart_policy": {"delay": "1s"},
            },
        }
        client = {
            "image": "hydra-test/client:1",
            "command": ["sh", "-c", CLIENT],
            "stop_signal": "SIGKILL",
            "deploy": {"placement": {"constraints": [f"node.hostname == {last}"]}},
        }
        self.path.write_text(yaml.safe_dump({"version": "3.8", "services": {"web": web, "client": client}}))
        return self.cluster.play("deploy-stack", check=check, stack=STACK, file=str(self.path))

    def build(self, says: str, fault: str = "") -> str:
        return self.images.stand_in(IMAGE, ports="80", says=says, fault=fault)

    def update(self, *arguments: str, check: bool = True) -> Ran:
        return self.cluster.play("update-service", *arguments, check=check, service=SERVICE, image=IMAGE)

    def running(self) -> list[str]:
        """The image ID of each container that runs, as its own node says."""
        manager = self.cluster.names[0]
        listed = self.cluster.inside(
            manager, "docker", "service", "ps", "--no-trunc", "--filter", "desired-state=running", "--format",
            "{{.Node}} {{.ID}}", SERVICE,
        )  # fmt: skip
        found = []
        for node, task in (line.split() for line in listed.splitlines()):
            label = f"label=com.docker.swarm.task.id={task}"
            ids = self.cluster.inside(node, "docker", "ps", "-q", "--filter", label).split()
            found += [self.cluster.inside(node, "docker", "inspect", "--format", "{{.Image}}", one) for one in ids]
        return found

    def _client(self, *command: str) -> str:
        ((node, container),) = self.cluster.tasks(f"{STACK}_client").items()
        return self.cluster.inside(node, "docker", "exec", container, *command)

    def counted(self) -> int:
        return len(self._client("cat", "/tmp/ok").splitlines())

    def lost(self) -> list[str]:
        return self._client("cat", "/tmp/lost").splitlines()

    def begin(self) -> int:
        """Wait until the client is answered, and forget what it lost before."""
        before = self.counted()
        until("the client to be answered", lambda: self.counted() > before + 5)
        self._client("sh", "-c", ": > /tmp/lost")
        return self.counted()


@pytest.fixture(scope="module")
def service(cluster: Cluster, images: Images, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    images.stand_in("hydra-test/client:1", ports="80")
    made = Service(cluster, images, tmp_path_factory.mktemp("update") / "stack.yml")
    made.build("first")
    made.deploy()
    yield made
    cluster.play("remove-stack", stack=STACK)


@pytest.mark.parametrize("order", ["stop-first", "start-first"])
def test_every_task_runs_the_new_image_and_no_request_is_lost(service: Service, order: str) -> None:
    service.deploy(order=order)
    old = service.running()
    new = service.build(f"anew, {order}")
    assert new not in old
    before = service.begin()
    ran = service.update()
    assert ran.changed > 0
    assert service.running() == [new, new]
    asked = service.counted() - before
    assert (service.lost(), asked > 50) == ([], True)
    assert service.update().changed == 0
    assert service.deploy(order=order).changed == 0
    assert service.running() == [new, new]


def test_a_rehearsal_shows_the_images_and_changes_nothing(service: Service) -> None:
    old, new = service.running(), service.build("rehearsed")
    shown = service.update("--check", "--diff")
    assert new in shown.said
    assert service.running() == old
    service.update()
    assert service.running() == [new, new]


@pytest.mark.parametrize(
    ("fault", "action", "words"),
    [
        ("exit", "pause", "task: non-zero exit (1)"),
        ("exit", "rollback", "the update was rolled back by Swarm"),
        ("mute", "pause", "health check fails"),
        ("exit", "continue", "3 times"),
    ],
)
def test_a_bad_image_is_taken_back_and_the_old_one_serves_all_the_time(
    service: Service, fault: str, action: str, words: str
) -> None:
    good = service.build(f"good before {fault} {action}")
    service.deploy(failure_action=action)
    assert service.running() == [good, good]
    service.build("bad", fault=fault)
    service.begin()
    ran = service.update(check=False)
    assert ran.status != 0
    assert words in ran.said
    assert f"It was rolled back: {IMAGE} ({good[7:19]}) serves again, 2 of 2." in ran.said
    if fault == "exit":
        assert "cannot start" in ran.said
    assert service.running() == [good, good]
    if action != "continue":
        assert service.lost() == []


def test_a_service_that_is_not_there(service: Service) -> None:
    ran = service.cluster.play("update-service", check=False, service="test-updat_web", image=IMAGE)
    assert ran.status != 0
    assert SERVICE in ran.said
