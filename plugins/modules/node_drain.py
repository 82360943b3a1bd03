#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: node_drain
short_description: Drain, pause or activate a node of a swarm, and wait until the swarm has done it
version_added: 0.1.0
description:
  - Sets a node's availability, to be run on a manager.
  - A drain waits until no task runs on the node any more and each of them either runs elsewhere or is pending for a
    reason that is known, and says which task moved where and what keeps the others pending.
  - An activation waits until the node is Ready, and until the swarm has looked again for a place for the tasks that
    were pending.
  - A node that is down is drained without waiting for its own tasks, of which nothing more will be heard.
author: "The hydra.swarm authors (@hydra-swarm)"
options:
  node:
    description: Name or ID of the node.
    type: str
    required: true
  availability:
    description:
      - V(drain) ends the node's tasks and gives it no new ones, V(pause) gives it no new ones, V(active) lifts both.
    type: str
    choices: [active, pause, drain]
    default: drain
  wait:
    description:
      - How many seconds to wait at most; V(0) does not wait.
      - A task that is told to stop gets the grace period of its service (10 seconds unless told otherwise).
    type: int
    default: 60
  socket:
    description: The Unix socket of the manager's Docker Engine.
    type: path
    default: /var/run/docker.sock
attributes:
  check_mode:
    support: full
    description: Neither changes nor waits; RV(affected) tells which tasks a drain would end.
  diff_mode:
    support: full
    description: Shows the node's availability before and after.
"""

EXAMPLES = r"""
- name: Take a node out of service
  hydra.swarm.node_drain:
    node: chimera-node
    availability: drain
  register: drained

- name: Say what could not move, and why
  ansible.builtin.debug:
    msg: "{{ item.task }}: {{ item.reason }}"
  loop: "{{ drained.pending }}"

- name: Put it back
  hydra.swarm.node_drain:
    node: chimera-node
    availability: active
"""

RETURN = r"""
node:
  description: The node as it is now, with its id, name, status, availability, role, address, labels and so on.
  returned: always
  type: dict
affected:
  description: The tasks that ran on the node when the module began.
  returned: always
  type: list
  elements: dict
  sample: [{service: web, slot: 2, task: web.2}]
moved:
  description: The tasks that run on another node now.
  returned: always
  type: list
  elements: dict
  sample: [{service: web, slot: 2, task: web.2, from: chimera-node, to: cerberus-node}]
pending:
  description:
    - All tasks of the swarm that find no node, and what they need. C(from) is the node if they ran on it before.
  returned: always
  type: list
  elements: dict
  sample:
    - service: jupyter
      slot: 1
      task: jupyter.1
      from: chimera-node
      reason: >-
        no suitable node (scheduling constraints not satisfied on 2 nodes; 1 node not available for new tasks);
        needs node.labels.workload==jupyter (chimera-node is drained)
stopped:
  description: The tasks of global services that ended and run nowhere else, as every node has its own.
  returned: always
  type: list
  elements: dict
  sample: [{service: agent, task: agent.chimera-node}]
started:
  description: The tasks that run on the node now and did not before.
  returned: always
  type: list
  elements: dict
  sample: [{service: jupyter, slot: 1, task: jupyter.1, to: chimera-node}]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.change import Change
from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError
from ..module_utils.engine import world_swarm
from ..module_utils.engine.nodes import Node, find
from ..module_utils.engine.world import DEFAULT_SOCKET, Engine
from ..module_utils.swarm.outage import drain, world
from ..module_utils.swarm.world import Swarm


def plan(node: Node, availability: str) -> Change:
    before = {"node": node.name, "availability": node.availability}
    return Change(before, {**before, "availability": availability})


def run(module: Any) -> dict[str, Any]:
    params, engine = module.params, Engine(module.params["socket"])
    swarm, availability = Swarm(engine), module.params["availability"]
    swarm.require_manager()
    node, before = find(swarm.nodes(), params["node"]), world_swarm.read(engine)

    def apply() -> None:
        swarm.update_node(node, lambda _node: {"Availability": availability})

    result = converge(module, plan(node, availability), apply)
    # Also when nothing was changed: what an earlier, interrupted run asked for may still be under way.
    if params["wait"] and not module.check_mode:
        now = world.settled(engine, node, availability, before, params["wait"])
    else:
        now = world_swarm.read(engine)
    shown = next(entry for entry in now["nodes"] if entry["id"] == node.id)
    return {**result, "node": shown, "affected": drain.affected(before, node.id), **drain.report(before, now, node.id)}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "node": {"type": "str", "required": True},
            "availability": {"type": "str", "choices": ["active", "pause", "drain"], "default": "drain"},
            "wait": {"type": "int", "default": 60},
            "socket": {"type": "path", "default": DEFAULT_SOCKET},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
