# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.swarm import membership
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.membership import Remains, View, Wanted

INACTIVE = View()
MEMBER = View("active", "id1", remotes=("10.0.0.1",))
MANAGER = replace(MEMBER, manager=True)
BROKEN = View("error", "id1", error="certificate expired")
PENDING = View("pending", "id1", remotes=("10.0.0.9",))
LOCKED = View("locked", "id1", manager=True)

OURS = Wanted(members=["id1", "id2"], managers=["10.0.0.1"])
OTHERS = Wanted(members=["id7"], managers=["10.0.0.1"])
REJOIN = replace(OTHERS, rejoin=True)


@pytest.mark.parametrize(
    ("view", "wanted", "action"),
    [
        (INACTIVE, Wanted(init=True), ("init", "the node is in no swarm and should make one")),
        (INACTIVE, OURS, ("join", "the node is in no swarm")),
        (MEMBER, OURS, ("none", "")),
        (MANAGER, OURS, ("none", "")),
        (MANAGER, Wanted(init=True), ("none", "")),
        (MEMBER, REJOIN, ("rejoin", "this node is in another swarm (as id1)")),
        (
            BROKEN,
            replace(OURS, rejoin=True),
            ("rejoin", "this node's swarm state is error (certificate expired)"),
        ),
        (PENDING, REJOIN, ("rejoin", "this node's swarm state is pending (no reason given)")),
        (LOCKED, replace(OURS, unlock=True), ("unlock", "this node's swarm is locked")),
        # A key that nobody needs changes nothing.
        (MANAGER, replace(OURS, unlock=True), ("none", "")),
        (INACTIVE, replace(OURS, unlock=True), ("join", "the node is in no swarm")),
    ],
)
def test_decisions(view: View, wanted: Wanted, action: tuple[str, str]) -> None:
    assert membership.decide(view, wanted) == action


@pytest.mark.parametrize(
    ("view", "wanted", "living", "message"),
    [
        (
            LOCKED,
            REJOIN,
            [],
            "this node's swarm is locked: give its unlock key (swarm_node_unlock_key), or run 'docker swarm unlock' on it "
            "with that key, then run again",
        ),
        (
            MANAGER,
            REJOIN,
            [],
            "this node is in another swarm (as id1), and is a manager of it: nothing here takes a swarm apart; if "
            "nobody needs it, run 'docker swarm leave --force' on this node, then run again",
        ),
        (
            PENDING,
            REJOIN,
            ["10.0.0.9", "10.0.0.8"],
            "this node's swarm state is pending (no reason given), whose manager 10.0.0.8, 10.0.0.9 answers: it "
            "belongs there; if that is wrong, run 'docker swarm leave' on this node, then run again",
        ),
        (
            MEMBER,
            OTHERS,
            [],
            "this node is in another swarm (as id1): set rejoin to leave that and join the right one (its tasks stop; "
            "volumes stay), or run 'docker swarm leave --force' on it",
        ),
        (
            BROKEN,
            OURS,
            [],
            "this node's swarm state is error (certificate expired): set rejoin to leave that and join the right one "
            "(its tasks stop; volumes stay), or run 'docker swarm leave --force' on it",
        ),
    ],
)
def test_refusals(view: View, wanted: Wanted, living: list[str], message: str) -> None:
    with pytest.raises(Refusal) as error:
        membership.decide(view, wanted, living)
    assert str(error.value) == message


def test_the_view_of_an_engine() -> None:
    peers = [{"NodeID": "id3", "Addr": "10.0.0.2:2377"}, {"NodeID": "id2", "Addr": "10.0.0.1:2377"}]
    answer = {
        "NodeID": "id1",
        "LocalNodeState": "active",
        "ControlAvailable": True,
        "Error": "",
        "RemoteManagers": peers,
        "Cluster": {"ID": "swarm1"},
    }
    assert membership.view_of(answer) == View("active", "id1", True, "", ("10.0.0.1", "10.0.0.2"), "swarm1")
    assert membership.view_of({"LocalNodeState": "error", "Error": "gone\n", "RemoteManagers": None}) == View(
        "error", error="gone"
    )
    assert membership.view_of({}) == INACTIVE


@pytest.mark.parametrize(("view", "role"), [(INACTIVE, None), (MEMBER, "worker"), (MANAGER, "manager")])
def test_roles(view: View, role: str | None) -> None:
    assert view.role == role


def test_strangers_are_the_managers_that_are_not_ours() -> None:
    view = replace(MEMBER, remotes=("10.0.0.1", "10.0.0.2", "10.0.0.9"))
    assert membership.strangers(view, Wanted(managers=["10.0.0.1", "10.0.0.2:2377"])) == ["10.0.0.9"]


@pytest.mark.parametrize("view", [INACTIVE, MEMBER, MANAGER, BROKEN, PENDING])
def test_only_what_is_locked_needs_a_key(view: View) -> None:
    assert membership.unlocked(view, False) == membership.unlocked(view, True) == view.state
    assert membership.unlocked(LOCKED, True) == "active"


def test_a_key_that_does_not_fit() -> None:
    assert membership.unfitting("invalid key") == (
        "this node's swarm is locked, and the key that was given does not unlock it (invalid key): give its unlock key "
        "(swarm_node_unlock_key), or run 'docker swarm unlock' on it with that key, then run again"
    )


NOTHING = Remains("/var/lib/docker/swarm")
WORKERS = replace(NOTHING, nodes=["chimera-node", "cerberus-node"])
DATA = replace(NOTHING, files=["certificates", "raft", "state.json", "worker"])
LOST = (
    "this manager has lost its swarm: its engine is in none, but there was one, whose services, secrets and networks would "
    "not be in a new one, so none was made. Left of it: "
)
RESTORE = (
    "To restore it: stop this engine, put a copy of /var/lib/docker/swarm in its place, start the engine, run again. "
)
RECOVER = (
    "To recover it from what is left: copy /var/lib/docker/swarm elsewhere, run 'docker swarm init' on this manager with its "
    "--advertise-addr of before, which takes that data up again, and run again. "
)
AWAY = "stop this engine, move /var/lib/docker/swarm away, start it, then "
NEW = (
    "If it is gone for good: {}run once with -e swarm_node_new_swarm=yes. That makes a new, empty swarm, for which nodes "
    "leave the old one; stacks have to be deployed again, volumes stay."
)


@pytest.mark.parametrize(
    ("remains", "message"),
    [
        (
            WORKERS,
            "nodes that are still in a swarm: chimera-node, cerberus-node (if that is another swarm: 'docker swarm leave' on "
            f"them). {RESTORE}{NEW.format('')}",
        ),
        (
            replace(NOTHING, services={"web", "db"}),
            f"containers of its services db, web. {RESTORE}{NEW.format('')}",
        ),
        (DATA, f"its data (raft) in /var/lib/docker/swarm. {RESTORE}{RECOVER}{NEW.format(AWAY)}"),
        # Without the certificates nobody can read it.
        (
            replace(DATA, files=["raft", "worker"]),
            f"its data (raft) in /var/lib/docker/swarm. {RESTORE}{NEW.format(AWAY)}",
        ),
        (
            replace(DATA, files=["state.json", "worker"], services={"web"}),
            f"state.json, worker in /var/lib/docker/swarm; containers of its services web. {RESTORE}{NEW.format(AWAY)}",
        ),
    ],
)
def test_a_swarm_that_was_lost_is_not_replaced_in_silence(remains: Remains, message: str) -> None:
    with pytest.raises(Refusal) as error:
        membership.refuse_loss(remains, False)
    assert str(error.value) == LOST + message


@pytest.mark.parametrize("allowed", [False, True])
def test_nothing_is_lost_where_there_was_nothing(allowed: bool) -> None:
    membership.refuse_loss(NOTHING, allowed)


def test_a_new_swarm_is_allowed_but_not_upon_the_data_of_the_old_one() -> None:
    membership.refuse_loss(replace(WORKERS, services={"web"}), True)
    with pytest.raises(Refusal):
        membership.refuse_loss(DATA, True)
