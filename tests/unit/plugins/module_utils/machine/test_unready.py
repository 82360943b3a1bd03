# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.machine import unready

LOG = (
    'time="x" level=info msg="Starting up"\n\ntime="x" level=error msg="no driver"\nfailed to start daemon: nonsense\n'
)
TIMEOUT = "not ready within 20 s (waited for the engine)"
AGAIN = (
    "what it runs ends as soon as it is started (4 times so far, exit status 1), and is started again and again. Correct "
    "what it says, such as its settings, and run this again"
)


@pytest.mark.parametrize(
    ("inspected", "seen", "words"),
    [
        (
            {"State": {"Status": "restarting", "ExitCode": 1}, "RestartCount": 4},
            "Container a is restarting, wait",
            AGAIN,
        ),
        ({"State": {"Status": "running", "ExitCode": 1}, "RestartCount": 4}, "exit status 137, and no answer", AGAIN),
        ({"State": {"Status": "paused"}}, "is paused", "somebody paused its container: docker unpause a"),
        (
            {"State": {"Status": "exited", "ExitCode": 137}},
            "is not running",
            "its container stopped again (exit status 137): docker start a, or run this again",
        ),
        ({"State": {"Status": "running"}}, "waited for the engine", TIMEOUT),
    ],
)
def test_what_became_of_it(inspected: dict[str, Any], seen: str, words: str) -> None:
    assert unready.explained("a", inspected, seen, 20, LOG) == (
        f'a: {words}. Its own last words:\n  time="x" level=error msg="no driver"\n  failed to start daemon: nonsense\n'
        "All of it: docker logs a"
    )


def test_words_that_are_none() -> None:
    said = unready.explained("a", {"State": {"Status": "running"}}, "waited for the engine", 20, "\n")
    assert said == f"a: {TIMEOUT}. It wrote nothing.\nAll of it: docker logs a"


def test_the_end_of_a_log_is_its_end_and_lines_have_a_width() -> None:
    log = "\n".join(f"line {number}" for number in range(50)) + f"\nlong {'x' * 1000}\n"
    found = unready.last_words(log)
    assert found[:2] == ["line 45", "line 46"]
    assert found[-1] == f"long {'x' * 295}..."


def test_a_log_of_chatter_alone_is_better_than_none() -> None:
    assert unready.last_words("level=info a\nlevel=info b\n") == ["level=info a", "level=info b"]


def listed(name: str, state: str = "running", volume: str = "", service: str = "engine") -> dict[str, Any]:
    made = {
        "service": service,
        "mounts": {"/exports" if service == "nfs" else "/var/lib/docker": volume, "/other": "nfs-data"},
    }
    labels = {"hydra.swarm.made-as": json.dumps(made)} if volume else {}
    return {"Names": [f"/{name}"], "State": state, "Labels": labels, "Mounts": [{"Name": volume}, {"Name": "nfs-data"}]}


@pytest.mark.parametrize(
    ("containers", "words"),
    [
        ([listed("a")], ""),
        ([listed("a", "paused")], "a: somebody paused its container: docker unpause a, or make swarm-up"),
        ([listed("a", "exited")], "a: its container is stopped (exited): make swarm-up, or docker start a"),
        (
            [listed("a", "restarting")],
            "a: what it runs ends as soon as it is started, again and again: docker logs a says why",
        ),
        (
            [listed("b", volume="a-data")],
            "a: somebody renamed its container, to b: make swarm-up, or docker rename b a",
        ),
        (
            [listed("b", volume="b-data"), {"Names": []}],
            "a: there is no container of that name: make swarm-up makes it; what was in its volume is still there",
        ),
    ],
)
def test_a_container_in_which_nobody_can_be_asked(containers: list[dict[str, Any]], words: str) -> None:
    assert unready.away("a", containers) == words
