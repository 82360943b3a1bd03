# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Servers with a kernel of their own (scripts/molecule create kernel), on which the swarm is made if it is not there yet.

And a service that goes on while engines restart and servers reboot, reached through the routing mesh of every node.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator

import pytest
from harness import until

pytest.register_assert_rewrite("lab")

from lab import Lab  # noqa: E402  # what it asserts is to be explained too

PORT = 8089


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The servers, with the swarm."""
    return Lab("kernel").with_swarm()


@pytest.fixture(scope="session")
def tiny(lab: Lab) -> Iterator[str]:
    with lab.tiny() as image:
        yield image


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}:{PORT}/", timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="session")
def served(lab: Lab, tiny: str) -> Iterator[str]:
    """A task with a health check on every node, behind a port in ingress mode; and two of another service, which move.

    Of two nodes one keeps its task while the other is drained; what moves away from one does not come back to it.
    """
    manager, serve = lab.names[0], "hostname > /www/index.html; exec httpd -f -p 80 -h /www"
    quick = ("--detach", "--no-resolve-image", "--stop-grace-period", "2s")
    lab.inside(
        manager, "docker", "service", "create", *quick, "--name", "test-served", "--mode", "global",
        "--publish", f"{PORT}:80", "--health-cmd", "wget -qO- http://127.0.0.1/", "--health-interval", "2s",
        tiny, "sh", "-c", serve,
    )  # fmt: skip
    lab.inside(
        manager, "docker", "service", "create", *quick, "--name", "test-moved", "--replicas", "2", tiny, "sleep", "1d"
    )
    until("two tasks of each", lambda: replicas(lab) == {"test-served": "2/2", "test-moved": "2/2"}, 120)
    yield "test-served"
    lab.inside(manager, "docker", "service", "rm", "test-served", "test-moved")


def replicas(lab: Lab) -> dict[str, str]:
    """How many tasks of each service run, and are to."""
    listed = lab.inside(lab.names[0], "docker", "service", "ls", "--format", "{{.Name}} {{.Replicas}}")
    return {words[0]: words[1] for words in map(str.split, listed.splitlines())}


@pytest.fixture(scope="session")
def mesh(lab: Lab, served: str) -> Callable[[], None]:
    """Waits until every node answers for the service, whichever node has the task."""

    def check() -> None:
        for name in lab.names:
            until(f"the routing mesh on {name}", lambda name=name: answers(lab.address(name)), 120)  # type: ignore[misc]

    return check


@pytest.fixture(scope="session")
def asked() -> Callable[[str], bool]:
    return answers
