# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a node has to do to be in the swarm it should be in, decided from its own engine's view."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..common.errors import Refusal

LOCKED = "this node's swarm is locked"
REMEDY = "give its unlock key (swarm_node_unlock_key), or run 'docker swarm unlock' on it with that key, then run again"


@dataclass(frozen=True)
class View:
    """An engine's view of its own membership, from the Swarm part of GET /info."""

    state: str = "inactive"
    node_id: str = ""
    manager: bool = False
    error: str = ""
    remotes: tuple[str, ...] = ()
    swarm_id: str = ""
    address: str = ""
    spec: Mapping[str, Any] = field(default_factory=dict)  # the swarm's own, as a manager that has a leader tells it

    @property
    def leaderless(self) -> bool:
        """Whether it is a manager that could not tell of its swarm, for it found nobody who leads it."""
        return self.manager and not self.swarm_id

    @property
    def role(self) -> str | None:
        return None if self.state == "inactive" else "manager" if self.manager else "worker"


@dataclass(frozen=True)
class Wanted:
    """What should be; C(members) are the node IDs the right swarm lists, None when nobody could be asked.

    C(token) and C(unlock) say whether there is a token to join with, and a key to unlock with.
    """

    init: bool = False
    token: bool = False
    rejoin: bool = False
    members: Collection[str] | None = None
    managers: Sequence[str] = ()
    unlock: bool = False


@dataclass(frozen=True)
class Remains:
    """What is left of a swarm around an engine that is in none; nothing where there was never one, or it was left."""

    folder: str  # where the engine keeps its swarm's data
    files: Sequence[str] = ()  # what is in it; an engine that left its swarm has emptied it
    services: Collection[str] = ()  # whose containers are still there; an engine that leaves removes them
    nodes: Sequence[str] = ()  # other nodes that the inventory wants in the same swarm, and that are in one


def view_of(swarm: Mapping[str, Any]) -> View:
    return View(
        state=swarm.get("LocalNodeState") or "inactive",
        node_id=swarm.get("NodeID") or "",
        manager=bool(swarm.get("ControlAvailable")),
        error=(swarm.get("Error") or "").strip(),
        remotes=tuple(sorted(host_of(peer["Addr"]) for peer in swarm.get("RemoteManagers") or [])),
        swarm_id=(swarm.get("Cluster") or {}).get("ID") or "",
        address=swarm.get("NodeAddr") or "",
        spec=(swarm.get("Cluster") or {}).get("Spec") or {},
    )


def host_of(address: str) -> str:
    """'172.30.0.10:2377' is on host 172.30.0.10."""
    return address.rpartition(":")[0] or address


def strangers(view: View, wanted: Wanted) -> list[str]:
    """Managers of the swarm this node is in that are not managers of the one it should be in."""
    ours = {host_of(address) if ":" in address else address for address in wanted.managers}
    return [remote for remote in view.remotes if remote not in ours]


def decide(view: View, wanted: Wanted, living: Collection[str] = ()) -> tuple[str, str]:
    """The action and why: none, init, join, rejoin (leave what is dead, then join) or unlock.

    C(living) are those of strangers() that answer. Raises Refusal where acting would break a swarm or need a person.
    """
    if view.state == "inactive":
        if wanted.init:
            return "init", "the node is in no swarm and should make one"
        return "join", "the node is in no swarm"
    if view.state == "locked":
        unlocked(view, wanted.unlock)
        return "unlock", LOCKED
    if view.state == "active" and (wanted.members is None or view.node_id in wanted.members):
        return "none", ""
    return "rejoin", _dead(view, wanted, living)


def _dead(view: View, wanted: Wanted, living: Collection[str]) -> str:
    """Why the membership this node has is worth nothing.

    Raises Refusal when it is worth something, or when nobody allowed rejoining.
    """
    if view.state == "active":
        why = f"this node is in another swarm (as {view.node_id})"
        if view.manager:
            raise Refusal(
                f"{why}, and is a manager of it: nothing here takes a swarm apart; if nobody needs it, run "
                "'docker swarm leave --force' on this node, then run again"
            )
    else:
        why = f"this node's swarm state is {view.state} ({view.error or 'no reason given'})"
    if living:
        raise Refusal(
            f"{why}, whose manager {', '.join(sorted(living))} answers: it belongs there; if that is wrong, run "
            "'docker swarm leave' on this node, then run again"
        )
    if not wanted.rejoin:
        raise Refusal(
            f"{why}: set rejoin to leave that and join the right one (its tasks stop; volumes stay), or run "
            "'docker swarm leave --force' on it"
        )
    return why


def refuse_loss(remains: Remains, allowed: bool) -> None:
    """Raise Refusal where making a swarm would hide that one was lost, unless somebody has C(allowed) a new one.

    An engine whose swarm's certificates are gone empties the folder when it starts, and then looks like one that was
    never in a swarm. What is in the folder it takes up again when it is to make a swarm, or empties it if it cannot: so
    data there is refused even if a new swarm is allowed.
    """
    left = _left(remains)
    if not left or (allowed and not remains.files):
        return
    folder = remains.folder
    ways = [f"To restore it: stop this engine, put a copy of {folder} in its place, start the engine, run again."]
    if {"raft", "certificates"} <= set(remains.files):
        ways.append(
            f"To recover it from what is left: copy {folder} elsewhere, run 'docker swarm init' on this manager with "
            "its --advertise-addr of before, which takes that data up again, and run again."
        )
    first = f"stop this engine, move {folder} away, start it, then " if remains.files else ""
    ways.append(
        f"If it is gone for good: {first}run once with -e swarm_node_new_swarm=yes. That makes a new, empty swarm, for "
        "which nodes leave the old one; stacks have to be deployed again, volumes stay."
    )
    raise Refusal(
        "this manager has lost its swarm: its engine is in none, but there was one, whose services, secrets and "
        f"networks would not be in a new one, so none was made. Left of it: {'; '.join(left)}. {' '.join(ways)}"
    )


def _left(remains: Remains) -> list[str]:
    """Every sign that there was a swarm."""
    data = "its data (raft)" if "raft" in remains.files else ", ".join(remains.files)
    nodes = f"nodes that are still in a swarm: {', '.join(remains.nodes)}"
    found = {
        f"{data} in {remains.folder}": remains.files,
        f"containers of its services {', '.join(sorted(remains.services))}": remains.services,
        f"{nodes} (if that is another swarm: 'docker swarm leave' on them)": remains.nodes,
    }
    return [sign for sign, there in found.items() if there]


def unlocked(view: View, key: bool) -> str:
    """The state an engine is to be in as far as a key is concerned. Raises Refusal if it needs one that nobody gave."""
    if view.state != "locked":
        return view.state
    if not key:
        raise Refusal(f"{LOCKED}: {REMEDY}")
    return "active"


def unfitting(why: str) -> str:
    """What to say of a key with which the engine was not unlocked."""
    return f"{LOCKED}, and the key that was given does not unlock it ({why}): {REMEDY}"
