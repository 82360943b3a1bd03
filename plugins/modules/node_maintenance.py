#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A node of a swarm, out of service for a while and back as it was."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_maintenance
short_description: Take a node of a swarm out of service for a while, and put it back as it was
version_added: 0.1.0
description:
  - To be run on a manager, before and after something that stops the node's engine.
  - The availability that the node had is kept as its label C(hydra.swarm.maintenance), set in the same update as the
    drain and removed in the one that ends it. So an interrupted maintenance is finished by running it again, and a
    node that somebody had drained stays drained.
author: "The hydra.swarm authors (@hydra-swarm)"
options:
  state:
    description:
      - V(begin) refuses to stop a manager that the swarm cannot do without, drains the node, and waits until no task
        runs on it and each of them runs elsewhere or is pending for a reason that is known.
      - V(end) waits until the node is back (Ready, and reachable if it is a manager), gives it its availability back,
        and waits until tasks run again.
    type: str
    choices: [begin, end]
    required: true
  node:
    description: Name or ID of the node. With O(state=end), empty is every node whose maintenance was interrupted.
    type: str
    default: ""
  engine:
    description: With O(state=end), the version of the engine that the swarm has to list the node with; empty is any.
    type: str
    default: ""
  lacking:
    description:
      - With O(state=end), how many tasks services may lack, as RV(lacking) of O(state=begin) told. Services that are
        not in it, such as new ones, are not waited for.
    type: dict
  wait:
    description: How many seconds to wait at most for each of these.
    type: int
    default: 120
  socket:
    description: The Unix socket of the manager's Docker Engine.
    type: path
    default: /var/run/docker.sock
attributes:
  check_mode:
    support: full
    description: Neither changes nor waits.
  diff_mode:
    support: full
    description: Shows availability and labels before and after.
  idempotent:
    support: full
    description: A second run changes nothing, and waits for what has not happened yet.
seealso:
  - module: hydra.swarm.node_drain
"""

EXAMPLES = r"""
- name: Take a node out of service
  hydra.swarm.node_maintenance:
    node: chimera
    state: begin
  delegate_to: hydra
  register: begun

- name: Restart its engine
  ansible.builtin.systemd_service:
    name: docker
    state: restarted

- name: Put it back, and wait until the services run as they did
  hydra.swarm.node_maintenance:
    node: chimera
    state: end
    lacking: "{{ begun.lacking }}"
  delegate_to: hydra
"""

RETURN = r"""
nodes:
  description: The nodes concerned as they were when the module looked, with id, name, availability, engine and so on.
  returned: always
  type: list
  elements: dict
lacking:
  description: With O(state=begin), how many tasks each service lacked before the node was drained, mostly none.
  returned: when O(state=begin)
  type: dict
  sample: {jupyter: 1, web: 0}
affected:
  description: The tasks that ran on the node when the module began.
  returned: when O(state=begin)
  type: list
  elements: dict
  sample: [{service: web, slot: 2, task: web.2}]
moved:
  description: The tasks that run on another node now.
  returned: when O(state=begin)
  type: list
  elements: dict
  sample: [{service: web, slot: 2, task: web.2, from: chimera, to: cerberus}]
pending:
  description: All tasks of the swarm that find no node, and what they need.
  returned: when O(state=begin)
  type: list
  elements: dict
stopped:
  description: The tasks of global services that ended.
  returned: when O(state=begin)
  type: list
  elements: dict
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError, Refusal
from ..module_utils.engine import world_swarm
from ..module_utils.engine.nodes import find
from ..module_utils.engine.world import DEFAULT_SOCKET, Engine
from ..module_utils.swarm.outage import drain, maintenance, world
from ..module_utils.swarm.world import Swarm


def begin(module: Any, engine: Engine, swarm: Swarm) -> dict[str, Any]:
    swarm.require_manager()
    nodes = swarm.nodes()
    node = find(nodes, module.params["node"])
    if problem := maintenance.refusal(nodes, node):
        raise Refusal(problem)
    before = world_swarm.read(engine)

    def apply() -> None:
        swarm.update_node(node, maintenance.begun)

    result = converge(module, maintenance.plan([node], "begin"), apply)
    # Also when nothing was changed: what an earlier, interrupted run asked for may still be under way.
    now = before if module.check_mode else world.settled(engine, node, "drain", before, module.params["wait"])
    told = drain.report(before, now, node.id)
    return {
        **result,
        "nodes": [node.facts()],
        "lacking": maintenance.lacking(before),
        "affected": drain.affected(before, node.id),
        **{key: told[key] for key in ("moved", "pending", "stopped")},
    }


def end(module: Any, engine: Engine, swarm: Swarm) -> dict[str, Any]:
    word, version, wait = (module.params[key] for key in ("node", "engine", "wait"))
    if module.check_mode:
        nodes = swarm.nodes()
        found = [find(nodes, word)] if word else maintenance.under_maintenance(nodes)
    else:
        found = world.back(swarm, word, version, wait)
    before = world_swarm.read(engine)

    def apply() -> None:
        for node in found:
            fields = maintenance.ended(node)
            if fields:
                swarm.update_node(node, maintenance.ended)
                world.settled(engine, node, fields["Availability"], before, wait)

    result = converge(module, maintenance.plan(found, "end"), apply)
    if module.params["lacking"] is not None and not module.check_mode:
        world.served(engine, module.params["lacking"], wait)
    return {**result, "nodes": [node.facts() for node in found]}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["begin", "end"], "required": True},
            "node": {"type": "str", "default": ""},
            "engine": {"type": "str", "default": ""},
            "lacking": {"type": "dict"},
            "wait": {"type": "int", "default": 120},
            "socket": {"type": "path", "default": DEFAULT_SOCKET},
        },
        supports_check_mode=True,
    )
    try:
        if module.params["state"] == "begin" and not module.params["node"]:
            raise Refusal("no node is named, and a maintenance begins with one: give option node")
        engine = Engine(module.params["socket"])
        module.exit_json(**(begin if module.params["state"] == "begin" else end)(module, engine, Swarm(engine)))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
