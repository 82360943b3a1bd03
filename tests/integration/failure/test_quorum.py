# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two of three managers are lost with their data: what is said, what is refused, and the way back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from harness import TINY, Cluster, until

LOST = "The swarm has lost its quorum: 1 of 3 managers answers, and 2 are needed; 2 are missing: "


@pytest.fixture(scope="module")
def four(three: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The three managers, and a worker beside them."""
    machine, *_others = three.machines.values()
    first = machine["swarm_node_address"].rpartition(".")[0]
    name = three.names[0].replace("hydra", "orthrus")
    host = {"swarm_node_name": name, "swarm_node_address": f"{first}.40", "swarm_node_labels": {"role": "worker"}}
    path = tmp_path_factory.mktemp("inventory") / "orthrus.yml"
    path.write_text(json.dumps({"all": {"children": {"workers": {"hosts": {"orthrus": host}}}}}), encoding="utf-8")
    made = Cluster(*three.inventories, path)
    made.play("swarm-up")
    yield made
    manager = made.names[1]
    # Of a test that failed in the middle, other files would have nothing left.
    if not made.succeeds("docker", "exec", manager, "docker", "node", "ls"):
        made.play("recover-quorum", check=False, confirm="yes")
    made.docker("rm", "--force", "--volumes", name)
    made.docker("volume", "rm", f"{name}-data")
    made.inside(manager, "docker", "node", "rm", "--force", name)


@pytest.fixture(scope="module")
def left(four: Cluster, tiny: str) -> Iterator[Callable[[str], tuple[str, str]]]:
    """A service with a secret on every node; what is looked at is a node's container, and that it has the secret."""
    manager, worker = four.names[1], four.names[3]
    packed = four.pour(b"", manager, "docker", "save", TINY)
    four.pour(packed, worker, "docker", "load", "-q")
    four.pour(b"kept", manager, "docker", "secret", "create", "kept", "-")
    four.inside(
        manager, "docker", "service", "create", "--detach", "--no-resolve-image", "--name", "left", "--secret", "kept",
        "--mode", "global", tiny, "sh", "-c", "while :; do sleep 1; done",
    )  # fmt: skip

    def look(node: str) -> tuple[str, str]:
        container = four.inside(node, "docker", "ps", "-q", "--filter", "name=left.")
        return container, four.inside(node, "docker", "exec", container, "cat", "/run/secrets/kept")

    for node in (manager, worker):
        until(f"the service to run on {node}", lambda node=node: look(node)[1] == "kept")
    yield look
    four.inside(manager, "docker", "service", "rm", "left", check=False)
    four.inside(manager, "docker", "secret", "rm", "kept", check=False)


def test_what_two_of_three_managers_took_with_them_comes_back(
    four: Cluster, left: Callable[[str], tuple[str, str]]
) -> None:
    first, there, last, worker = four.names
    lost = [first, last]
    before, swarm = left(worker), four.swarm_id()
    identities = {name: node.id for name, node in four.nodes(there).items()}

    refused = four.play("recover-quorum", check=False, confirm="yes")
    assert refused.status != 0
    assert "Nothing was done: the quorum is not lost." in refused.said

    four.docker("rm", "--force", "--volumes", *lost)
    four.docker("volume", "rm", *(f"{name}-data" for name in lost))
    said = LOST + ", ".join(sorted(four.machines[name]["swarm_node_address"] for name in lost))

    def told() -> bool:
        """One that led goes on leading until it misses the others; then it says so."""
        status = four.play("swarm-status", check=False)
        return status.status != 0 and said in status.said and "their data is gone: make recover-quorum" in status.said

    until("the manager that is left to say so", told, 180)
    # The machines are made anew, but nobody gives them a swarm.
    up = four.play("swarm-up", check=False)
    assert up.status != 0
    assert said[1:] in up.said

    unanswered = four.play("recover-quorum", check=False)
    assert unanswered.status != 0
    assert "1 of 3 managers left (chimera), and 2 are needed" in unanswered.said
    assert left(worker) == before

    four.play("recover-quorum", confirm="yes")
    now = four.heals()
    assert four.swarm_id() == swarm
    assert {name for name in now if now[name] == identities[name]} == {there, worker}
    assert left(worker) == before
    until("the service to run on the manager that was left", lambda: left(there)[1] == "kept")
    assert four.play("swarm-up").changed == 0
