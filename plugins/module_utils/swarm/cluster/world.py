# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A swarm without a leader, looked at from one of its managers, and made again from what that one knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...common import ports, world_wait
from ...common.errors import EngineError, Refusal, WaitError
from ...engine.nodes import Node
from ...engine.world import Engine
from ..membership import View, view_of
from ..world import Swarm
from . import settings, world_raft
from .lost import lost

PORT = int(ports.split(ports.MANAGER)[0])
ANSWER_SECONDS = 2
START_SECONDS = 10  # in which managers that were started together come up


def refuse_lost(engine: Engine, view: View, seconds: float = START_SECONDS) -> None:
    """Raise Refusal where this manager has no leader, and so few others answer that there will be none."""
    if not view.leaderless or not view.remotes:
        return

    def look() -> tuple[str | None, str]:
        peers = {host: host == view.address or engine.reaches(host, PORT, ANSWER_SECONDS) for host in view.remotes}
        words = lost(peers)
        return (None if words else ""), words

    # What was seen last is what is said, in the place of how long it was awaited.
    try:
        world_wait.until("enough managers to answer", look, seconds, interval=1)
    except WaitError:
        raise Refusal(look()[1]) from None


def look(engine: Engine) -> dict[str, Any]:
    """What a manager knows of its swarm; one that has no leader takes its time to say so."""
    info = engine.get("/info")
    view = view_of(info["Swarm"])
    return {
        "state": view.state,
        "manager": view.manager,
        "leader": view.manager and not view.leaderless,
        "node_id": view.node_id,
        "address": view.address,
        "peers": list(view.remotes),
        "position": engine.look(world_raft, info["DockerRootDir"]) if view.manager else {},
    }


def recover(swarm: Swarm, address: str, data_path_addr: str, timeout: float) -> list[str]:
    """Make this manager the only one of the same swarm; returns the names of the managers whose entries went."""
    body = {
        "ForceNewCluster": True,
        "ListenAddr": f"0.0.0.0:{PORT}",
        "AdvertiseAddr": address,
        "DataPathAddr": data_path_addr,
        "Spec": {},
    }
    own = _led(swarm, body, timeout)
    heart = {"heartbeat": settings.facts(own.spec).get("heartbeat")}
    quick = settings.quick(heart)
    if quick:
        # A node that has not come back after six heartbeats is Down, and its tasks are given up; but one that found no
        # leader for long tries only every 8 seconds. A leader takes up another heartbeat for that when
        # it begins to lead.
        swarm.update(lambda spec: settings.merged(settings.PATIENT, spec))
        _led(swarm, body, timeout)
    nodes = swarm.await_nodes("the nodes of the swarm", lambda nodes: "" if nodes else "none", timeout)
    # They are no managers any more, and when they come back it is as somebody else.
    gone = [node for node in nodes if node.role == "manager" and node.id != own.node_id]
    for node in gone:
        swarm.remove_node(node.id)
    if quick:
        swarm.await_nodes("the workers to come back, or to be missed", _unknown, timeout)
        swarm.update(lambda spec: settings.merged(heart, spec))
    return [node.name for node in gone]


def _led(swarm: Swarm, body: Mapping[str, Any], timeout: float) -> View:
    """This manager, once it leads the swarm that it was told to make again."""

    def leads() -> tuple[View | None, str]:
        view = view_of(swarm.membership())
        ready = view.state == "active" and view.manager and not view.leaderless
        return (view if ready else None), view.error or view.state

    swarm.engine.post("/swarm/init", body)
    return world_wait.until("this manager to lead the swarm", leads, timeout)


def _unknown(nodes: Sequence[Node]) -> str:
    return ", ".join(node.name for node in nodes if node.status == "unknown")


def leave(swarm: Swarm) -> None:
    try:
        swarm.engine.post("/swarm/leave", force=True)
    except EngineError as error:
        if error.status != 503:  # it is in none
            raise
