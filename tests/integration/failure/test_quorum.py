# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two of three managers are lost with their data: what is said, what is refused, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from harness import Cluster, until

LOST = "The swarm has lost its quorum: 1 of 3 managers answers, and 2 are needed; 2 are missing: "


def leads(three: Cluster, manager: str) -> bool:
    """Whether that manager finds a leader; without one it takes 20 seconds to say so."""
    return three.succeeds("docker", "exec", manager, "docker", "node", "ls")


@pytest.fixture(scope="module")
def left(three: Cluster, tiny: str, nodes: dict[str, str]) -> Iterator[Callable[[], tuple[str, str]]]:
    """A secret and a service that runs on chimera; what is looked at is where its task runs, and that the secret is there."""
    leader, there = nodes["hydra"], nodes["chimera"]
    three.pour(b"kept", leader, "docker", "secret", "create", "kept", "-")
    three.inside(
        leader, "docker", "service", "create", "--detach", "--no-resolve-image", "--name", "left", "--secret", "kept",
        "--constraint", f"node.hostname=={there}", tiny, "sh", "-c", "while :; do sleep 1; done",
    )  # fmt: skip

    def look() -> tuple[str, str]:
        container = three.inside(there, "docker", "ps", "-q", "--filter", "name=left.1.")
        return container, three.inside(there, "docker", "exec", container, "cat", "/run/secrets/kept")

    until("the service to run", lambda: look()[1] == "kept")
    yield look
    # Of a test that failed in the middle, other files would have nothing left.
    if not leads(three, there):
        three.make("recover-quorum", "FORCE=1", check=False)
    three.inside(there, "docker", "service", "rm", "left")
    three.inside(there, "docker", "secret", "rm", "kept")


def test_what_two_of_three_managers_took_with_them_comes_back(
    three: Cluster, left: Callable[[], tuple[str, str]], nodes: dict[str, str]
) -> None:
    there = nodes["chimera"]
    before, swarm, identity = left(), three.swarm_id(), three.nodes(there)[there].id

    refused = three.make("recover-quorum", "FORCE=1", check=False)
    assert refused.status != 0
    assert "Nothing was done: the quorum is not lost." in refused.said

    lost = [nodes[host] for host in ("hydra", "cerberus")]
    three.docker("rm", "--force", "--volumes", *lost)
    three.docker("volume", "rm", *(f"{name}-data" for name in lost))
    said = LOST + ", ".join(sorted(three.machines[name]["swarm_node_address"] for name in lost))

    def told() -> bool:
        """One that led goes on leading until it misses the others; then it says so."""
        status = three.make("swarm-status", check=False)
        return (
            status.status != 0 and said in status.said and "if their data is gone: make recover-quorum" in status.said
        )

    until("the manager that is left to say so", told, 180)
    # Their machines are made anew, but nobody gives them a swarm.
    up = three.play("swarm-up", check=False)
    assert up.status != 0
    assert said[1:] in up.said
    assert left() == before

    unanswered = three.make("recover-quorum", check=False)
    assert unanswered.status != 0
    assert "1 of 3 managers left (chimera), and 2 are needed" in unanswered.said
    assert left() == before

    three.make("recover-quorum", "FORCE=1")
    three.assert_healthy()
    assert three.swarm_id() == swarm
    assert three.nodes()[there].id == identity
    assert left() == before
    assert three.play("swarm-up").changed == 0
