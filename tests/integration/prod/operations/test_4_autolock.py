# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A swarm with autolock: its manager is locked after each restart, and is unlocked by a run that has the key."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from harness import until
from lab import Lab

SETTINGS = {"log-driver": "json-file", "log-opts": {"max-size": "10m", "max-file": "3"}, "no-new-privileges": False}


def state(lab: Lab) -> str:
    return lab.inside(lab.names[0], "docker", "info", "--format", "{{.Swarm.LocalNodeState}}")


def lock(lab: Lab) -> None:
    """A restart locks it."""
    lab.inside(lab.names[0], "systemctl", "restart", "docker")
    until("the manager to be locked", lambda: state(lab) == "locked", 60)


@pytest.fixture(scope="module")
def key(lab: Lab) -> Iterator[str]:
    """The unlock key of the swarm, which has autolock until the tests are over."""
    manager = lab.names[0]
    lab.inside(manager, "docker", "swarm", "update", "--autolock=true")
    key = lab.inside(manager, "docker", "swarm", "unlock-key", "-q")
    assert re.fullmatch(r"SWMKEY-1-\S+", key)
    yield key
    if state(lab) == "locked":
        lab.pour(f"{key}\n".encode(), manager, "docker", "swarm", "unlock")
        until("the manager to be unlocked", lambda: state(lab) == "active", 60)
    lab.inside(manager, "docker", "swarm", "update", "--autolock=false")


@pytest.fixture
def locked(lab: Lab, key: str) -> None:
    if state(lab) != "locked":
        lock(lab)


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({}, "this node's swarm is locked: give its unlock key (swarm_node_unlock_key)"),
        (
            {"swarm_node_unlock_key": "SWMKEY-1-7c37Cc8654o6p38HnroywCi19pllOnGtbdZEgtKxZu8"},
            "this node's swarm is locked, and the key that was given does not unlock it",
        ),
    ],
    ids=["no key", "wrong key"],
)
def test_without_the_key_nothing_is_changed(lab: Lab, locked: None, extra: dict[str, str], said: str) -> None:
    ran = lab.play("swarm-up", check=False, **extra)
    assert (ran.status, ran.changed) == (2, 0)
    assert re.search(rf"FAILED \[{lab.names[0]}\]: [^[]*{re.escape(said)}", ran.said), ran.output
    assert all(word not in ran.output for word in extra.values())
    assert state(lab) == "locked"


def test_a_rehearsal_unlocks_nothing(lab: Lab, locked: None, key: str) -> None:
    ran = lab.play("swarm-up", "--check", "--diff", check=False, swarm_node_unlock_key=key)
    assert "The swarm is locked, and a rehearsal does not unlock it" in ran.said
    assert (ran.status, state(lab), key in ran.output) == (2, "locked", False)


def test_with_the_key_it_heals_and_the_key_is_in_no_output(lab: Lab, locked: None, key: str) -> None:
    keyed = lab.but(swarm_node_unlock_key=key)
    ran = keyed.play("swarm-up", "-vvv", "--diff")
    assert state(lab) == "active"
    lab.heals(120)
    assert ran.changed == 1
    assert key not in ran.output
    assert keyed.play("swarm-up").changed == 0


def test_a_restart_unlocks_the_manager(lab: Lab, key: str) -> None:
    """What an upgrade and a reboot for a driver do too: drained, restarted, unlocked, put back."""
    ran = lab.but(swarm_node_unlock_key=key, docker_engine_settings={**SETTINGS, "default-shm-size": "66M"}).play(
        "swarm-up", "-vvv", "--limit", f"localhost,{lab.names[0]}"
    )
    assert key not in ran.output
    assert state(lab) == "active"
    lab.heals(120)
    assert all("hydra.swarm.maintenance" not in node.labels for node in lab.nodes().values())


def test_a_restart_without_the_key_stops_there_and_the_next_run_finishes_it(lab: Lab, key: str) -> None:
    changed = lab.but(docker_engine_settings={**SETTINGS, "default-shm-size": "67M"})
    ran = changed.play("swarm-up", "--limit", f"localhost,{lab.names[0]}", check=False)
    assert (ran.status, state(lab)) == (2, "locked")
    assert "this node's swarm is locked: give its unlock key (swarm_node_unlock_key)" in ran.said
    changed.play("swarm-up", "--limit", f"localhost,{lab.names[0]}", swarm_node_unlock_key=key)
    lab.heals(120)
    nodes = lab.nodes().values()
    assert {node.availability for node in nodes} == {"active"}
    assert all("hydra.swarm.maintenance" not in node.labels for node in nodes)


def test_the_key_is_in_no_log_of_the_server(lab: Lab, key: str) -> None:
    # Handed over on standard input, since sudo logs the words of a command.
    search = 'read -r key; journalctl --no-pager -o cat | grep -cF -e "$key" || true'
    assert lab.pour(f"{key}\n".encode(), lab.names[0], "bash", "-c", search).strip() == b"0"
