#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: node_fault
short_description: Make a fault on a machine of a swarm for a while, to see what the swarm makes of it, or undo it
version_added: 0.1.0
description:
  - Runs on the machine that is to fail; for V(drain) on a manager.
  - The fault begins O(delay) seconds after the module has returned and ends after O(seconds), by a process (or a
    transient unit of systemd) that needs nobody who asked for it. So it ends also if the run is killed or the
    connection lost.
  - Packets are dropped in a chain of its own, HYDRA-DRILL in the table mangle. SSH goes on.
author: "The hydra.swarm authors (@hydra-swarm)"
options:
  state:
    description: Whether to make a fault, or to undo the one that was made here, in whatever state it is.
    type: str
    choices: [present, absent]
    default: present
  how:
    description:
      - V(hang) stops the engine with SIGSTOP, V(engine) ends it with SIGKILL.
      - V(partition) drops what comes from O(peers) or goes there, V(partition-data) only what overlay networks send
        (4789/udp, 7946). V(lossy) delays packets and loses some (netem); where the kernel has no netem, it loses some.
      - V(disk-full) fills the file system of the engine's data if that is one of its own. Otherwise, and in a
        container, the engine may write nothing to files instead.
      - V(flush) empties the chains in which the engine hooks its rules. It is mended by a restart of the engine.
      - V(drain) drains O(node).
    type: str
    choices: [drain, hang, engine, partition, partition-data, lossy, disk-full, flush]
  node:
    description: Name of the node, for V(drain).
    type: str
    default: ""
  peers:
    description: Addresses of the other machines of the cluster.
    type: list
    elements: str
    default: []
  seconds:
    description: How long the fault lasts.
    type: int
    default: 60
  delay:
    description: After how many seconds it begins.
    type: float
    default: 3
  contained:
    description: Whether this machine is a container, whose disk is that of the computer it runs on.
    type: bool
    default: false
  data:
    description: Where the engine keeps its data.
    type: path
    default: /var/lib/docker
attributes:
  check_mode:
    support: full
    description: Neither makes nor undoes anything.
  diff_mode:
    support: full
    description: Shows which fault there is before and after.
"""

EXAMPLES = r"""
- name: Let the engine hang for a minute
  hydra.swarm.node_fault:
    how: hang
    seconds: 60

- name: Undo it
  hydra.swarm.node_fault:
    state: absent
"""

RETURN = r"""
at:
  description: When the fault begins, in seconds since 1970.
  returned: O(state=present)
  type: float
  sample: 1764540000.5
note:
  description: What is to be said of how it is made here.
  returned: O(state=present)
  type: str
was:
  description: Which fault was made here; empty if none was.
  returned: O(state=absent)
  type: str
by_itself:
  description: Whether it had ended already, as its time was over.
  returned: O(state=absent), if there was one
  type: bool
made:
  description: When it was made; 0 if it was undone before.
  returned: O(state=absent), if there was one
  type: float
undone:
  description: When it was undone.
  returned: O(state=absent), if there was one
  type: float
trouble:
  description: What the machine said when the fault could not be made.
  returned: O(state=absent), if there was one
  type: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.change import Change
from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError
from ..module_utils.drill import world_machine

HOWS = ["drain", "hang", "engine", "partition", "partition-data", "lossy", "disk-full", "flush"]
ARGUMENTS = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "how": {"type": "str", "choices": HOWS},
    "node": {"type": "str", "default": ""},
    "peers": {"type": "list", "elements": "str", "default": []},
    "seconds": {"type": "int", "default": 60},
    "delay": {"type": "float", "default": 3},
    "contained": {"type": "bool", "default": False},
    "data": {"type": "path", "default": "/var/lib/docker"},
}
REQUIRED_IF = [("state", "present", ("how",))]


def run(module: Any) -> dict[str, Any]:
    params, before = module.params, world_machine.noted()
    if params["state"] == "absent":
        return {"was": before} | converge(module, Change({"fault": before}, {"fault": ""}), world_machine.undo)
    given = (params[key] for key in ("how", "node", "peers", "delay", "seconds", "contained", "data"))
    change = Change({"fault": before}, {"fault": params["how"]})
    return converge(module, change, lambda: world_machine.make(*given))


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, required_if=REQUIRED_IF, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
