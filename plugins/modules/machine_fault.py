#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: machine_fault
short_description: Kill, stop or pause a machine that is a container for a while, or let it run again
version_added: 0.1.0
description:
  - Runs on the control host, and asks its Docker Engine. See M(hydra.swarm.node_fault) for what fails inside a machine.
  - The fault begins O(delay) seconds after the module has returned and ends after O(seconds), by a process that needs
    nobody who asked for it. So it ends also if the run is killed.
  - A container that does not bear the label C(hydra.swarm.cluster) with the cluster's name is refused.
author: "The hydra.swarm authors (@hydra-swarm)"
options:
  name:
    description: Name of the container.
    type: str
    required: true
  cluster:
    description: Name of the cluster that it has to be of.
    type: str
    required: true
  state:
    description: Whether to make a fault, or to end what keeps the machine from running, whoever made it.
    type: str
    choices: [present, absent]
    default: present
  how:
    description: What becomes of the machine.
    type: str
    choices: [kill, stop, pause]
  seconds:
    description: How long the fault lasts.
    type: int
    default: 60
  delay:
    description: After how many seconds it begins.
    type: float
    default: 3
attributes:
  check_mode:
    support: full
    description: Neither makes nor undoes anything.
  diff_mode:
    support: full
    description: Shows the machine's state before and after.
"""

EXAMPLES = r"""
- name: Kill a machine for half a minute
  hydra.swarm.machine_fault:
    name: chimera-node
    cluster: hydra
    how: kill
    seconds: 30

- name: Let it run
  hydra.swarm.machine_fault:
    name: chimera-node
    cluster: hydra
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
  description: Which fault there was, V(stop) also of a machine that somebody else had stopped; empty if there was none.
  returned: O(state=absent)
  type: str
by_itself:
  description: Whether it had ended already, as its time was over.
  returned: O(state=absent), if there was one
  type: bool
made:
  description: When it was made; 0 if nobody asked for it.
  returned: O(state=absent), if there was one
  type: float
undone:
  description: When it was undone.
  returned: O(state=absent), if there was one
  type: float
trouble:
  description: What the engine said when the fault could not be made.
  returned: O(state=absent)
  type: str
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common import world_lock
from ..module_utils.common.change import Change
from ..module_utils.common.converge import converge
from ..module_utils.common.errors import EngineError, HydraError, Refusal
from ..module_utils.common.owner import OWNER
from ..module_utils.drill import world_host
from ..module_utils.engine import world_sdk

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "cluster": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "how": {"type": "str", "choices": ["kill", "stop", "pause"]},
    "seconds": {"type": "int", "default": 60},
    "delay": {"type": "float", "default": 3},
}
REQUIRED_IF = [("state", "present", ("how",))]


def run(module: Any) -> dict[str, Any]:
    params = module.params
    name, client = params["name"], world_sdk.connect()
    with world_sdk.doing(f"machine {name}"):
        try:
            found = client.inspect_container(name)
        except world_sdk.errors() as error:
            if getattr(getattr(error, "response", None), "status_code", 0) == 404:
                raise EngineError(f"machine {name} is not there: make swarm-up makes it", 404) from error
            raise
        if (found["Config"].get("Labels") or {}).get(OWNER) != params["cluster"]:
            raise Refusal(f"container {name} is not of cluster {params['cluster']}: nothing is done to it")
        path, state = os.path.join(world_lock.directory(), f"{found['Id']}.drill"), found["State"]["Status"]
        noted = world_host.now(path)
        if params["state"] == "absent":
            was = {"was": noted.get("how", "")}
            change = Change({"state": state, "fault": was["was"]}, {"state": "running", "fault": ""})
            return was | converge(module, change, lambda: world_host.undo(client, path, name))
        if state != "running" or (noted and "undone" not in noted):
            raise Refusal(f"{name} is {state}, {noted.get('how') or 'as it was left'}: make restore-node first")
        change = Change({"state": state, "fault": ""}, {"state": state, "fault": params["how"]})
        given = (params[key] for key in ("how", "delay", "seconds"))
        return converge(module, change, lambda: world_host.make(path, name, *given))


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, required_if=REQUIRED_IF, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
