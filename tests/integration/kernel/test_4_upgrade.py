# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every engine is upgraded, one node after the other, while a client goes on being answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from harness import until
from lab import Lab

from .conftest import replicas

# The lab's servers have a later engine in a package source of their own, which is switched off.
SOURCE = "deb [trusted=yes] file:/var/lib/hydra-lab/next ./"
LIST = "/etc/apt/sources.list.d/hydra-lab-next.list"


class Client:
    """Asks the nodes in turn until one answers, as a client of several addresses does; counts what nobody answered."""

    def __init__(self, addresses: list[str], asks: Callable[[str], bool]):
        self.addresses, self._asks, self.asked, self.lost = addresses, asks, 0, 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._end.wait(0.2):
            first = self.asked % len(self.addresses)
            self.asked += 1
            if not any(self._asks(address) for address in self.addresses[first:] + self.addresses[:first]):
                self.lost += 1

    def __enter__(self) -> Client:
        self._thread.start()
        return self

    def __exit__(self, *what: object) -> None:
        self._end.set()
        self._thread.join(30)


@pytest.fixture(scope="module")
def offered(lab: Lab) -> None:
    for name in lab.names:
        lab.shell(name, f"echo '{SOURCE}' > {LIST}")


def versions(lab: Lab) -> set[str]:
    return {node.engine for node in lab.nodes().values()}


def test_a_rehearsal_finds_what_a_run_finds(lab: Lab, offered: None) -> None:
    """Though the server has not asked for the new list yet."""
    ran = lab.play("swarm-upgrade", "--check", version="28.5")
    assert all(f"{name}: 26.1.5" in ran.said for name in lab.names) and "(rehearsed)" in ran.said
    assert "-> 28.5" in ran.said
    assert all(version.startswith("26.") for version in versions(lab))


def test_a_version_that_is_not_to_be_had_is_refused_before_anything_is_drained(lab: Lab, offered: None) -> None:
    ran = lab.play("swarm-upgrade", version="99.1", check=False)
    assert ran.status == 2
    assert "no docker.io of version '99.1' is offered; there is 28." in ran.said
    assert {node.availability for node in lab.nodes().values()} == {"active"}
    assert all(version.startswith("26.") for version in versions(lab))


def test_no_request_is_lost_while_every_engine_is_upgraded(
    lab: Lab, offered: None, mesh: Callable[[], None], asked: Callable[[str], bool]
) -> None:
    mesh()
    began = time.time()
    with Client([lab.address(name) for name in lab.names], asked) as client:
        ran = lab.play("swarm-upgrade", version="28.5")
    assert all(version.startswith("28.5") for version in versions(lab)), ran.output
    assert (client.lost, client.asked > 100) == (0, True), f"{client.lost} of {client.asked} requests"
    lab.heals(120)
    mesh()
    until("what moved to run", lambda: replicas(lab)["test-moved"] == "2/2", 60)
    for name in lab.names:
        since = f"--since=@{int(began)}"
        journal = lab.inside(name, "journalctl", "-u", "docker", "-o", "cat", since)
        assert journal.count("Started docker.service") == 1, f"{name} was started more than once"
    assert all(f"{name}: 26.1.5" in ran.said and "-> 28.5" in ran.said for name in lab.names)


def test_a_second_upgrade_drains_nobody(lab: Lab, served: str) -> None:
    before = lab.inside(lab.names[0], "docker", "service", "ps", "-q", served)
    ran = lab.play("swarm-upgrade", version="28.5")
    assert ran.changed == 0
    assert lab.inside(lab.names[0], "docker", "service", "ps", "-q", served) == before
