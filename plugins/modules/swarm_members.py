#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Roles and availability of swarm nodes, and the removal of ghosts, many in one call."""

from __future__ import annotations

DOCUMENTATION = r"""
module: swarm_members
short_description: Promote, demote, drain and activate swarm nodes, and remove their ghosts
version_added: 0.1.0
description:
  - Gives the nodes of a Docker Swarm the role and availability they should have, many nodes in one call.
  - Removes ghosts, which are entries that are Down and bear the name of a listed node that is Ready as another entry.
    A node that lost its state and joined anew leaves one.
  - Refuses, before anything is changed, what would cost the swarm its quorum, such as a demotion while another manager
    is unreachable. Promotions come first; each demotion waits until the swarm can stand it.
  - Runs on any manager but one that is to be demoted, and asks its engine through the Unix socket.
attributes:
  check_mode:
    description: Can run in check mode and say what would change, without changing it.
    support: full
  diff_mode:
    description: Shows role and availability of the named nodes, and the ghosts, before and after.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
options:
  nodes:
    description: The nodes and what they should be. Nodes that are not listed are left alone.
    type: list
    elements: dict
    required: true
    suboptions:
      node:
        description:
          - Hostname or ID of the node, as C(docker node ls) shows them.
          - Where several entries of the swarm bear that hostname, the only one that is Ready is meant. If it is not
            the only one, the task fails and names the IDs.
        type: str
        required: true
      role:
        description: What the node should be. Left out, its role stays.
        type: str
        choices: [manager, worker]
      availability:
        description: Whether tasks may run on the node. Left out, its availability stays.
        type: str
        choices: [active, pause, drain]
  remove_ghosts:
    description:
      - Whether to remove the ghosts of the listed nodes. A ghost that was a manager is demoted first.
    type: bool
    default: true
  wait:
    description:
      - So many seconds each listed node has to get Ready, and afterwards each change of role to take effect.
      - V(0) does not wait, so that a node that is down can be drained. Check mode does not wait.
    type: float
    default: 60
seealso:
  - module: hydra.swarm.node_label
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Make sure of the managers, and leave no ghosts
  hydra.swarm.swarm_members:
    nodes:
      - {node: hydra-node, role: manager}
      - {node: chimera-node, role: worker, availability: active}

- name: Drain a node, whether it is up or not
  hydra.swarm.swarm_members:
    nodes:
      - {node: chimera-node, availability: drain}
    wait: 0
"""

RETURN = r"""
nodes:
  description: All nodes of the swarm after the change (in check mode as they are), as M(hydra.swarm.node_label) says.
  returned: success
  type: list
  elements: dict
  sample: [{id: y7cdnqzl0q1kbrtr2w0zznr2g, name: chimera-node, status: ready, availability: active, role: worker,
            address: 172.30.0.20, labels: {gpu: 'true'}, leader: false, reachability: '', peer: '', engine: 26.1.5}]
removed:
  description: The ghosts that were removed (in check mode that would be).
  returned: success
  type: list
  elements: dict
  sample: [{id: q2m8ydv0f8hnd7ny9mcrv5yct, name: chimera-node}]
"""

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common import world_wait
from ..module_utils.common.converge import converge
from ..module_utils.common.errors import EngineError, HydraError
from ..module_utils.engine.nodes import Node, find_all
from ..module_utils.engine.world import Engine
from ..module_utils.swarm.members import Plan, missing, plan, refusal, twins
from ..module_utils.swarm.world import Swarm

_NODE = {
    "node": {"type": "str", "required": True},
    "role": {"type": "str", "choices": ["manager", "worker"]},
    "availability": {"type": "str", "choices": ["active", "pause", "drain"]},
}
ARGUMENTS = {
    "nodes": {"type": "list", "elements": "dict", "required": True, "options": _NODE},
    "remove_ghosts": {"type": "bool", "default": True},
    "wait": {"type": "float", "default": 60},
}


def apply_plan(swarm: Swarm, steps: Plan, wait: float) -> None:
    """Remove the ghosts, promote and set availability, demote one after the other."""
    left: list[str] = []

    def demote(node: Node, fields: Mapping[str, str]) -> None:
        left.append(node.id)
        swarm.await_nodes(f"the demotion of {node.name} to leave a quorum", lambda nodes: refusal(nodes, left), wait)
        swarm.update_node(node, fields)

    for ghost in steps.ghosts:
        # After a new cluster was forced, as by a restore, those that were managers are no members of it any more, and
        # what is no member cannot be demoted.
        if ghost.role == "manager" and ghost.manager:
            demote(ghost, {"Role": "worker"})

        def gone(ghost_id: str = ghost.id) -> tuple[bool | None, str]:
            try:
                swarm.remove_node(ghost_id)
            except EngineError as error:  # a manager is one until the others have dropped it
                if error.status != 400:
                    raise
                return None, str(error)
            return True, ""

        world_wait.until(f"the ghost {ghost.id} of {ghost.name} to be removable", gone, wait)
    for update in steps.updates:
        if update.demotes:
            demote(update.node, update.fields)
        else:
            swarm.update_node(update.node, update.fields)


def run(module: Any, engine: Engine | None = None) -> dict[str, Any]:
    wanted = module.params["nodes"]
    words = [item["node"] for item in wanted]
    wait = 0 if module.check_mode else module.params["wait"]
    swarm = Swarm(engine, rehearsal=module.check_mode)
    own_id = swarm.require_manager().get("NodeID", "")
    nodes = swarm.await_ready(words, wait) if wait else swarm.nodes()
    if wait and module.params["remove_ghosts"]:
        nodes = swarm.await_nodes(
            "the entry of an earlier life to be Down",
            lambda nodes: "; ".join(twins(nodes, find_all(nodes, words).values())),
            wait,
        )
    found = find_all(nodes, words, rehearsal=module.check_mode)
    steps = plan(nodes, found, wanted, module.params["remove_ghosts"], own_id)
    result = converge(module, steps.change, lambda: apply_plan(swarm, steps, wait))

    if wait:
        nodes = swarm.await_nodes(
            f"{', '.join(words)} to be Ready in their roles",
            lambda nodes: "; ".join(missing(find_all(nodes, words), wanted)),
            wait,
        )
    elif result["changed"]:
        nodes = swarm.nodes()
    removed = [{"id": node.id, "name": node.name} for node in steps.ghosts]
    return {**result, "nodes": [node.facts() for node in nodes], "removed": removed}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
