# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.cluster.recovery import recovery

HOSTS = ["a", "b", "c", "d", "e"]
PEERS = {"a": "10.0.0.1", "b": "10.0.0.2", "c": "10.0.0.3", "d": "10.0.0.4", "e": "10.0.0.5"}


def look(host: str, count: int, index: int = 10, term: int = 2, **more: Any) -> dict[str, Any]:
    return {
        "quorum": {
            "state": "active",
            "manager": True,
            "leader": False,
            "address": PEERS[host],
            "peers": list(PEERS.values())[:count],
            "position": {"term": term, "index": index},
            **more,
        }
    }


EMPTY = {"quorum": {"state": "inactive", "manager": False, "leader": False, "address": "", "peers": [], "position": {}}}
SILENT = {"msg": "no answer"}


def test_the_manager_that_is_left() -> None:
    found = recovery({"a": EMPTY, "b": look("b", 3, 148), "c": SILENT}, HOSTS[:3])
    assert (found["host"], found["address"], found["leave"], found["refused"]) == ("b", "10.0.0.2", [], "")
    assert found["question"] == (
        "The swarm has lost its quorum: 1 of 3 managers left (b), and 2 are needed. Lost: 10.0.0.1, 10.0.0.3. The same "
        "swarm is made again from what b knows (its log goes to entry 148 of term 2), with b as its only manager; then "
        "the other managers of the inventory join it anew. Tasks of workers go on running, those of b start anew. What "
        "only the lost ones knew is gone, and one that comes back with old data has to be wiped. c could not be asked. If "
        "there are managers among them that run and reach each other, they still have the swarm: then answer no, and "
        "bring them back."
    )


@pytest.mark.parametrize(
    ("first", "second", "host"),
    [
        ({"term": 2, "index": 10}, {"term": 2, "index": 11}, "b"),
        ({"term": 2, "index": 11}, {"term": 2, "index": 10}, "a"),
        ({"term": 3, "index": 10}, {"term": 2, "index": 99}, "a"),  # the term decides, as in raft
        ({"term": 2, "index": 10}, {"term": 2, "index": 10}, "a"),
    ],
)
def test_of_several_the_one_that_knows_most(first: dict[str, int], second: dict[str, int], host: str) -> None:
    looks = {"a": look("a", 5, position=first), "b": look("b", 5, position=second), "c": EMPTY, "d": EMPTY, "e": SILENT}
    found = recovery(looks, HOSTS)
    assert (found["host"], found["leave"]) == (host, ["b" if host == "a" else "a"])
    assert f"{found['leave'][0]} knows no more than that, leaves, and joins anew." in found["question"]


@pytest.mark.parametrize(
    ("looks", "refused"),
    [
        (
            {"a": look("a", 3, leader=True), "b": look("b", 3, leader=True), "c": SILENT},
            "the quorum is not lost. a finds a leader of 3 managers; what is missing is mended by make swarm-up",
        ),
        (
            {"a": look("a", 3), "b": look("b", 3), "c": SILENT},
            "2 of 3 managers run and have their data (a, b), which is a quorum, but they do not find each other. Look at "
            "port 2377 between them, then make swarm-up",
        ),
        (
            {"a": EMPTY, "b": EMPTY, "c": SILENT},
            "no manager that was asked has data of the swarm (c could not be asked). make swarm-up says which ways are left",
        ),
        (
            {"a": {"quorum": {**EMPTY["quorum"], "state": "locked"}}, "b": EMPTY, "c": EMPTY},
            "the swarm's data on a is locked. Unlock it (docker swarm unlock), and run this again",
        ),
    ],
)
def test_refused(looks: dict[str, Any], refused: str) -> None:
    found = recovery(looks, HOSTS[:3])
    assert (found["host"], found["question"], found["refused"]) == ("", "", f"Nothing was done: {refused}")
