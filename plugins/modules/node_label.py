#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The labels of swarm nodes, many in one call."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_label
short_description: Set the labels of swarm nodes, exactly or in part
version_added: 0.1.0
description:
  - Gives the nodes of a Docker Swarm the labels they should have, many nodes in one call.
  - Runs on any manager and asks its engine through the Unix socket; nothing but Python is needed there.
  - Role, availability and name of a node stay as they are. Nodes that are down can be labelled too.
  - When somebody else changes a node at the same moment, it is read again and its labels are planned anew.
  - In check mode a node that is not in the swarm is taken for one whose joining was rehearsed, too.
attributes:
  check_mode:
    description: Can run in check mode and say what would change, without changing it.
    support: full
  diff_mode:
    description: Shows the labels of the named nodes before and after.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
options:
  nodes:
    description: The nodes and their labels. Nodes that are not listed are left alone.
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
      labels:
        description:
          - Keys and values. Values are made strings as YAML writes them, so C(true) becomes V(true) and C(1) V(1).
          - A value may be empty, but has to be written (C('')), so that a forgotten one is found.
          - A key is made of letters, digits, V(.), V(_) and V(-); a value of what a placement constraint can name
            (letters, digits, inner spaces and a few signs), since a label no service can ask for is a mistake.
          - With O(nodes[].state=absent) the keys alone count, and may be any.
        type: dict
        required: true
      state:
        description:
          - V(exact) makes these the only labels of the node; others are removed.
          - V(present) adds them or changes their values; others stay.
          - V(absent) removes them, whatever their values.
        type: str
        choices: [exact, present, absent]
        default: exact
  wait:
    description:
      - So many seconds each listed node has to get Ready before anything is labelled.
      - V(0) does not wait, and labels nodes that are down as well. Check mode does not wait.
    type: float
    default: 0
seealso:
  - module: hydra.swarm.swarm_members
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Give each node exactly its labels
  hydra.swarm.node_label:
    nodes:
      - {node: hydra-node, labels: {role: manager, storage: nfs}}
      - {node: chimera-node, labels: {role: worker, gpu: true, workload: jupyter}}
    wait: 30

- name: Take one label off a node and keep the others
  hydra.swarm.node_label:
    nodes:
      - {node: chimera-node, labels: {gpu: ''}, state: absent}
"""

RETURN = r"""
nodes:
  description: All nodes of the swarm after the change (in check mode as they are), by name.
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: ID of the node., type: str, returned: always}
    name: {description: Its hostname., type: str, returned: always}
    status: {description: 'State of its agent, such as V(ready) or V(down).', type: str, returned: always}
    availability: {description: 'V(active), V(pause) or V(drain).', type: str, returned: always}
    role: {description: 'V(manager) or V(worker).', type: str, returned: always}
    address: {description: Its address as the managers see it., type: str, returned: always}
    labels: {description: Its labels., type: dict, returned: always}
    leader: {description: Whether it leads the managers., type: bool, returned: always}
    reachability:
      description: 'Of a manager, how the others see it: V(reachable), V(unreachable) or V(unknown); else empty.'
      type: str
      returned: always
    peer: {description: Of a manager where the others reach it, type: str, returned: always}
    engine: {description: Version of its Docker Engine., type: str, returned: always}
  sample:
    - id: y7cdnqzl0q1kbrtr2w0zznr2g
      name: chimera-node
      status: ready
      availability: active
      role: worker
      address: 172.30.0.20
      labels: {gpu: 'true', role: worker, workload: jupyter}
      leader: false
      reachability: ""
      peer: ""
      engine: 26.1.5
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError
from ..module_utils.engine.nodes import Node, find_all
from ..module_utils.engine.world import Engine
from ..module_utils.swarm.labels import check_wanted, labels_after, plan
from ..module_utils.swarm.world import Swarm

_NODE = {
    "node": {"type": "str", "required": True},
    "labels": {"type": "dict", "required": True},
    "state": {"type": "str", "choices": ["exact", "present", "absent"], "default": "exact"},
}
ARGUMENTS = {
    "nodes": {"type": "list", "elements": "dict", "required": True, "options": _NODE},
    "wait": {"type": "float", "default": 0},
}


def run(module: Any, engine: Engine | None = None) -> dict[str, Any]:
    wanted, wait = module.params["nodes"], module.params["wait"]
    check_wanted(wanted)
    words = [item["node"] for item in wanted]
    swarm = Swarm(engine, rehearsal=module.check_mode)
    nodes = swarm.await_ready(words, wait) if wait and not module.check_mode else swarm.nodes()
    found = find_all(nodes, words, rehearsal=module.check_mode)
    change = plan(found, wanted)

    def apply() -> dict[str, Any]:
        for item in wanted:
            if change.before[item["node"]] != change.after[item["node"]]:

                def respec(node: Node, item: dict[str, Any] = item) -> dict[str, Any]:
                    return {"Labels": labels_after(node.labels, item["labels"], item["state"])}

                swarm.update_node(found[item["node"]], respec)
        return {"nodes": [node.facts() for node in swarm.nodes()]}

    return {"nodes": [node.facts() for node in nodes], **converge(module, change, apply)}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
