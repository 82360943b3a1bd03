# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the development cluster's kernel may lack: the routing mesh, virtual addresses, volumes over NFS."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator

import pytest
from harness import until
from lab import Lab

PORT = 8088


def answer(address: str, port: int = PORT) -> str:
    try:
        with urllib.request.urlopen(f"http://{address}:{port}/", timeout=5) as response:
            return str(response.read().decode().strip())
    except OSError as error:
        raise AssertionError(f"{address}:{port}: {error}") from None


@pytest.fixture(scope="module")
def web(lab: Lab, tiny: str) -> Iterator[str]:
    """One task behind a published port in ingress mode, and a client on another node."""
    manager = lab.names[0]
    lab.inside(
        manager, "docker", "service", "create", "--detach", "--no-resolve-image", "--name", "test-web",
        "--network", "hydra_public", "--publish", f"{PORT}:80", "--constraint", "node.hostname==chimera",
        tiny, "sh", "-c", "hostname > /www/index.html; exec httpd -f -p 80 -h /www",
    )  # fmt: skip
    lab.inside(
        manager, "docker", "service", "create", "--detach", "--no-resolve-image", "--name", "test-client",
        "--network", "hydra_public", "--constraint", "node.hostname==hydra", tiny, "sleep", "1d",
    )  # fmt: skip
    yield "test-web"
    lab.inside(manager, "docker", "service", "rm", "test-web", "test-client")


def test_the_routing_mesh_answers_on_every_node(lab: Lab, web: str) -> None:
    container = until("the task", lambda: lab.tasks(web), 60)["chimera"]
    for name in lab.names:
        said = until(f"an answer from {name}", lambda name=name: answer(lab.address(name)), 60)  # type: ignore[misc]
        assert container.startswith(said)


def test_the_virtual_address_answers(lab: Lab, web: str) -> None:
    client = until("the client's task", lambda: lab.tasks("test-client"), 60)["hydra"]
    asked = ("docker", "exec", client, "wget", "-qO-", "-T", "5", f"http://{web}/")
    said = until("an answer of the service's name", lambda: lab.inside("hydra", *asked), 60)
    assert lab.tasks(web)["chimera"].startswith(said)
    virtual = lab.inside(
        lab.names[0], "docker", "service", "inspect", "--format", "{{range .Endpoint.VirtualIPs}}{{.Addr}} {{end}}", web
    )
    assert re.search(r"\d+\.\d+\.\d+\.\d+/\d+", virtual)


@pytest.fixture(scope="module")
def ada(lab: Lab, tiny: str) -> Iterator[str]:
    """A service with a task on each node, all of which write into ada's storage over NFS."""
    lab.play("student-volume", student="ada", project="ml")
    manager = lab.names[0]
    own = lab.inside(manager, "stat", "-c", "%u", "/exports/student-volumes/ada/ml")
    lab.inside(
        manager, "docker", "service", "create", "--detach", "--no-resolve-image", "--name", "test-ada",
        "--mode", "global", "--user", own, "--stop-grace-period", "1s", "--mount", "type=volume,source=ada.ml,target=/data",
        "--hostname", "{{.Node.Hostname}}", tiny, "sh", "-c", "echo $(hostname) > /data/$(hostname); exec sleep 1d",
    )  # fmt: skip
    yield "test-ada"
    lab.inside(manager, "docker", "service", "rm", "test-ada")
    for name in lab.names:
        until(
            f"the volume on {name} to be free",
            lambda name=name: lab.ssh(name, "docker volume rm -f ada.ml").returncode == 0,  # type: ignore[misc]
            60,
        )
    lab.inside(manager, "rm", "-rf", "/exports/student-volumes/ada")


def test_tasks_on_all_nodes_write_to_one_export(lab: Lab, ada: str) -> None:
    tasks = until("a task on every node", lambda: t if len(t := lab.tasks(ada)) == len(lab.names) else None, 90)
    for name, container in tasks.items():
        seen = until(
            f"what all wrote, on {name}",
            lambda name=name, container=container: (  # type: ignore[misc]
                found
                if sorted(found := lab.inside(name, "docker", "exec", container, "ls", "/data").split())
                == sorted(lab.names)
                else None
            ),
            30,
        )
        assert sorted(seen) == sorted(lab.names)
    for name in lab.names:
        assert lab.inside(lab.names[0], "cat", f"/exports/student-volumes/ada/ml/{name}") == name
        assert re.search(r"ada.* nfs4 .*vers=4\.2", lab.inside(name, "cat", "/proc/mounts")), f"no NFS 4.2 on {name}"
