# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The swarm as a manager shows it: its nodes and networks, read and changed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..common import world_wait
from ..common.errors import EngineError, Refusal
from ..engine.nodes import Node, node_of, not_ready
from ..engine.world import Engine

# Somebody else was first, or the managers, some of which became managers just now, are electing a leader.
AGAIN = ("update out of sequence", "context canceled", "does not have a leader", "lost leader status")
UPDATE = 20  # seconds in which an update is tried anew because somebody else changed the node in between


class Swarm:
    """Requests to a manager of a swarm.

    A rehearsal (check mode) may meet an engine that is in no swarm yet, because making one was rehearsed too: to it
    such a swarm is empty. Anything else that is not a manager is refused.
    """

    def __init__(self, engine: Engine | None = None, rehearsal: bool = False):
        self.engine, self._rehearsal = engine or Engine(), rehearsal

    def membership(self) -> dict[str, Any]:
        """This engine's own view: NodeID, LocalNodeState, ControlAvailable, RemoteManagers and so on."""
        return self.engine.get("/info")["Swarm"]

    def require_manager(self) -> dict[str, Any]:
        """This engine's own view, if it is a manager that can be asked."""
        view = self.membership()
        state = view.get("LocalNodeState", "inactive")
        if view.get("ControlAvailable") or (self._rehearsal and state == "inactive"):
            return view
        if state == "active":
            managers = ", ".join(peer["Addr"].rpartition(":")[0] for peer in view.get("RemoteManagers") or [])
            remedy = f"is a worker of its swarm; run this on a manager ({managers or 'none known here'})"
        elif state == "locked":
            remedy = (
                "holds a locked swarm; unlock it first (swarm-up with swarm_node_unlock_key, or docker swarm unlock)"
            )
        elif state == "inactive":
            remedy = "is in no swarm; make or join one first (module swarm_join), or run this on a manager"
        else:
            remedy = f"is in swarm state {state} ({view.get('Error') or 'no reason given'}); rejoin it (swarm_join)"
        raise Refusal(f"this engine {remedy}")

    def update(self, spec: Callable[[Mapping[str, Any]], Mapping[str, Any]], **rotate: bool) -> None:
        """Give the swarm the spec that a function makes of its own; C(rotate) is what the request does besides.

        When somebody else changed it in between, it is read again, and so the function is asked again.
        """

        def attempt() -> tuple[bool | None, str]:
            now = self.engine.get("/swarm")
            try:
                self.engine.post("/swarm/update", spec(now["Spec"]), version=now["Version"]["Index"], **rotate)
            except EngineError as error:
                if "update out of sequence" not in str(error):
                    raise
                return None, str(error)
            return True, ""

        world_wait.until("the update of the swarm, which others keep changing", attempt, UPDATE)

    def nodes(self) -> list[Node]:
        """All nodes, by name."""
        try:
            entries = self.engine.get("/nodes")
        except EngineError as error:
            if error.status != 503:
                raise
            if self.require_manager().get("ControlAvailable"):  # else it says what this engine is instead
                raise
            entries = []
        return sorted((node_of(entry) for entry in entries), key=lambda node: (node.name, node.id))

    def await_nodes(self, what: str, lacking: Callable[[list[Node]], str], timeout: float) -> list[Node]:
        """All nodes, once C(lacking) finds nothing lacking; else it says what, in a few words."""

        def look() -> tuple[list[Node] | None, str]:
            try:
                nodes = self.nodes()
            except EngineError as error:  # managers that are electing a leader answer with an error
                return None, str(error)
            words = lacking(nodes)
            return (None if words else nodes), words

        return world_wait.until(what, look, timeout)

    def await_ready(self, words: Sequence[str], timeout: float) -> list[Node]:
        """All nodes, once every word (name or ID) stands for one that is Ready."""
        return self.await_nodes(
            f"{', '.join(words)} to be Ready", lambda nodes: "; ".join(not_ready(nodes, words)), timeout
        )

    def update_node(self, node: Node, fields: Mapping[str, Any] | Callable[[Node], Mapping[str, Any]]) -> None:
        """Give a node these fields of its spec, or those that a function makes of it; the other fields stay.

        When somebody else changed the node in between, it is read again, and so the function is asked again.
        """

        def attempt() -> tuple[bool | None, str]:
            nonlocal node
            spec = {**(node.spec or {}), **(fields(node) if callable(fields) else fields)}
            try:
                if spec != node.spec:
                    self.engine.post(f"/nodes/{node.id}/update", spec, version=node.version)
                return True, ""
            except EngineError as error:
                if not any(words in str(error) for words in AGAIN):
                    raise EngineError(f"node {node.name}: {error}", error.status) from error
                with contextlib.suppress(EngineError):  # else it is found to be out of sequence
                    node = self.node(node.id)
                return None, str(error)

        # The pause differs from process to process, so that two that collided do not collide again.
        pause = 0.01 + os.getpid() % 40 / 1000
        world_wait.until(f"the update of node {node.name}, which others keep changing", attempt, UPDATE, pause)

    def node(self, node_id: str) -> Node:
        return node_of(self.engine.get(f"/nodes/{node_id}"))

    def remove_node(self, node_id: str) -> None:
        """Take a node that is down, and no manager, off the list; one that is gone already is no error."""
        try:
            self.engine.delete(f"/nodes/{node_id}", force=True)
        except EngineError as error:
            if error.status != 404:
                raise

    def networks(self) -> list[dict[str, Any]]:
        """All networks this engine knows, its own and the swarm's, as GET /networks shows them."""
        return self.engine.get("/networks")

    def create_network(self, body: Mapping[str, Any]) -> str:
        return self.engine.post("/networks/create", body)["Id"]

    def remove_network(self, network_id: str) -> None:
        self.engine.delete(f"/networks/{network_id}")

    def services_by_network(self) -> dict[str, list[str]]:
        """Names of the services on each network, by the network's ID."""
        users: dict[str, list[str]] = {}
        for service in self.engine.get("/services"):
            spec = service["Spec"]
            for network in spec.get("TaskTemplate", {}).get("Networks") or spec.get("Networks") or []:
                users.setdefault(network["Target"], []).append(spec["Name"])
        return users
