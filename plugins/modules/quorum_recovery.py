#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A swarm that has lost its quorum, made again from what one of its managers knows."""

from __future__ import annotations

DOCUMENTATION = r"""
module: quorum_recovery
short_description: Make a swarm that has lost its quorum again, from one of its managers
version_added: 0.1.0
description:
  - Makes the manager it runs on the only one of the same swarm, with all that this manager knows. Services, networks,
    secrets and workers stay, and the workers' tasks go on running. Those of this manager start anew, since Docker ends
    them when it makes a swarm again.
  - Managers that were lost are no managers any more, and their entries go. What only they knew is lost.
  - A swarm that has a leader is left alone.
attributes:
  check_mode:
    description: Decides, changes nothing.
    support: full
  diff_mode:
    description: Shows whether there is a leader.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
options:
  state:
    description:
      - V(recovered) makes the swarm again.
      - V(left) takes this manager out of the swarm that lost its quorum, so that it can join the one that another
        manager has made again. It does so only while it finds no leader.
    type: str
    choices: [recovered, left]
    default: recovered
  address:
    description: The address that the other nodes know this manager by. It has to be the one it had.
    type: str
    default: ""
  data_path_addr:
    description: Address or interface for the traffic of overlay networks, if it is another.
    type: str
    default: ""
  timeout:
    description: Seconds to wait for this manager to lead.
    type: int
    default: 60
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Make the swarm again from this manager
  hydra.swarm.quorum_recovery:
    address: 172.30.0.20
"""

RETURN = r"""
removed:
  description: The names of the managers whose entries were removed.
  returned: when the swarm was made again
  type: list
  elements: str
  sample: [hydra-node, cerberus-node]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.change import Change
from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError, Refusal
from ..module_utils.engine.world import Engine
from ..module_utils.swarm.cluster import world
from ..module_utils.swarm.membership import view_of
from ..module_utils.swarm.world import Swarm

ARGUMENTS = {
    "state": {"type": "str", "choices": ["recovered", "left"], "default": "recovered"},
    "address": {"type": "str", "default": ""},
    "data_path_addr": {"type": "str", "default": ""},
    "timeout": {"type": "int", "default": 60},
}


def run(module: Any, engine: Engine | None = None) -> dict[str, Any]:
    params, swarm = module.params, Swarm(engine)
    view = view_of(swarm.membership())
    if params["state"] == "left":
        after = {"manager": False} if view.leaderless else {"manager": view.manager}
        return converge(module, Change({"manager": view.manager}, after), lambda: world.leave(swarm))
    if not view.manager:
        raise Refusal(f"this engine is no manager (its swarm state is {view.state}), so it has nothing to recover from")
    address = params["address"] or view.address
    if view.address and address != view.address:
        raise Refusal(f"the nodes know this manager as {view.address}, and would not find it as {address}")

    def apply() -> dict[str, Any]:
        return {"removed": world.recover(swarm, address, params["data_path_addr"], params["timeout"])}

    return converge(module, Change({"leader": not view.leaderless}, {"leader": True}), apply)


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
