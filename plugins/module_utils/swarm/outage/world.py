# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waits for what a node's maintenance needs: its tasks gone, the node back, the services as they were.

Managers may be electing a leader meanwhile, or this one may have just been started: then they are asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...common import world_wait
from ...common.errors import EngineError, HydraError
from ...engine import world_swarm
from ...engine.nodes import Node, find
from ...engine.world import Engine
from ..world import Swarm
from . import drain, maintenance

INTERVAL = 0.3  # each look reads all tasks of the swarm


def settled(engine: Engine, node: Node, availability: str, before: Mapping[str, Any], timeout: float) -> dict[str, Any]:
    """The swarm once the node's tasks have done what its availability asks of them."""

    def look() -> tuple[dict[str, Any] | None, str]:
        try:
            now = world_swarm.read(engine)
        except EngineError as error:
            return None, str(error)
        awaited = drain.awaited(availability, before, now, node.id)
        return (None if awaited else now), "; ".join(awaited)

    return world_wait.until(f"node {node.name} to be {availability} with its tasks settled", look, timeout, INTERVAL)


def back(swarm: Swarm, word: str, version: str, timeout: float) -> list[Node]:
    """The nodes whose maintenance ends, once they are back: the named one, or all that are under it."""

    def look() -> tuple[list[Node] | None, str]:
        try:
            nodes = swarm.nodes()
            found = [find(nodes, word)] if word else maintenance.under_maintenance(nodes)
        except HydraError as error:
            return None, str(error)
        words = "; ".join(filter(None, (maintenance.missing(node, version) for node in found)))
        return (None if words else found), words

    return world_wait.until(f"{f'node {word}' if word else 'the nodes under maintenance'} to be back", look, timeout)


def served(engine: Engine, accepted: Mapping[str, int], timeout: float) -> None:
    """Returns once no service lacks more tasks than is accepted."""

    def look() -> tuple[bool | None, str]:
        try:
            words = maintenance.unserved(world_swarm.read(engine), accepted)
        except EngineError as error:
            return None, str(error)
        return (None if words else True), "; ".join(words)

    world_wait.until("the services to run as they did before", look, timeout, INTERVAL)
