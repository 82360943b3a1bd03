#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Entries of nodes that are to be in a swarm no more."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_removal
short_description: Take nodes off a swarm's list
version_added: 0.1.0
description:
  - Removes entries of a Docker Swarm's list of nodes, whether the nodes are up or not. One that is a manager is demoted
    first, and it is waited until the others have dropped it.
  - Refuses what would cost the swarm its quorum, with the numbers, before anything is changed.
  - Moves no tasks; drain the node first with M(hydra.swarm.node_drain).
  - Runs on another manager than those that are removed.
attributes:
  check_mode:
    description: Can run in check mode and say what would change, without changing it.
    support: full
  diff_mode:
    description: Shows the entries before and after.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
options:
  ids:
    description: The IDs of the entries. One that is not listed is gone already.
    type: list
    elements: str
    required: true
  state:
    description: V(demoted) stops after the demotion, so that the node itself can leave.
    type: str
    choices: [demoted, absent]
    default: absent
  wait:
    description: Seconds to wait for each manager to be one no more.
    type: float
    default: 60
seealso:
  - module: hydra.swarm.node_drain
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Forget a node that will not come back
  hydra.swarm.node_removal:
    ids: [q2m8ydv0f8hnd7ny9mcrv5yct]
"""

RETURN = r"""
nodes:
  description: All nodes of the swarm after the change (in check mode as they are), as M(hydra.swarm.node_label) says.
  returned: success
  type: list
  elements: dict
  sample: [{id: y7cdnqzl0q1kbrtr2w0zznr2g, name: chimera-node, status: ready, availability: active, role: worker,
            address: 172.30.0.20, labels: {gpu: 'true'}, leader: false, reachability: '', peer: '', engine: 26.1.5}]
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common import world_wait
from ..module_utils.common.change import Change
from ..module_utils.common.converge import converge
from ..module_utils.common.errors import EngineError, HydraError, Refusal
from ..module_utils.engine.nodes import Node
from ..module_utils.engine.world import Engine
from ..module_utils.swarm import members
from ..module_utils.swarm.world import Swarm

ARGUMENTS = {
    "ids": {"type": "list", "elements": "str", "required": True},
    "state": {"type": "str", "choices": ["demoted", "absent"], "default": "absent"},
    "wait": {"type": "float", "default": 60},
}


def run(module: Any, engine: Engine | None = None) -> dict[str, Any]:
    params, swarm = module.params, Swarm(engine)
    own = swarm.require_manager().get("NodeID")
    nodes = swarm.nodes()
    found = [node for node in nodes if node.id in params["ids"]]
    if problem := members.refusal(nodes, [node.id for node in found if node.id in members.managers(nodes)]):
        raise Refusal(f"this would cost the swarm its quorum: {problem}")
    if own in params["ids"]:
        raise Refusal("this is the manager that it runs on; run it on another one")
    before = {node.id: {"name": node.name, "role": node.role} for node in found}
    after = {node.id: {"name": node.name, "role": "worker"} for node in found} if params["state"] == "demoted" else {}
    change = Change(before, after)
    result = converge(module, change, lambda: _apply(swarm, found, params["state"] == "absent", params["wait"]))
    nodes = swarm.nodes() if result["changed"] else nodes
    return {**result, "nodes": [node.facts() for node in nodes]}


def _apply(swarm: Swarm, found: Sequence[Node], remove: bool, wait: float) -> None:
    for node in found:
        if node.role == "manager" and node.manager:
            swarm.update_node(node, {"Role": "worker"})
            swarm.await_nodes(f"{node.name} to be a manager no more", partial(_still, node), wait)
        if remove:
            world_wait.until(f"{node.name} to be removable", partial(_removed, swarm, node), wait)


def _still(node: Node, nodes: Sequence[Node]) -> str:
    now = next((one for one in nodes if one.id == node.id), None)
    return f"it is {now.manager} as manager" if now and now.manager else ""


def _removed(swarm: Swarm, node: Node) -> tuple[bool | None, str]:
    try:
        swarm.remove_node(node.id)
    except EngineError as error:  # a manager is one until the others have dropped it
        if error.status != 400:
            raise
        return None, str(error)
    return True, ""


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
