#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Let one playbook run at a time change a cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_lock
short_description: Let one playbook run at a time change a cluster
version_added: 0.1.0
description:
  - The run that has the lock keeps it until its C(ansible-playbook) process ends, however it ends; nothing has to be
    unlocked, and a killed run blocks nobody.
  - Another run waits, and says at the end of its patience who is at work.
  - Works between runs of one user on one control host.
  - What a run locks is O(names). Runs that have one of them in common exclude each other, whatever else they name.
options:
  cluster:
    description: Name of the cluster.
    type: str
    required: true
  names:
    description:
      - What is locked, such as servers by their addresses, for inventories that name the same servers otherwise.
      - Default is O(cluster) alone.
    type: list
    elements: str
    default: []
  doing:
    description: What this run does, for the message that another one shows.
    type: str
    default: a playbook
  timeout:
    description: Seconds to wait for the other run to end.
    type: int
    default: 900
attributes:
  check_mode:
    description: Takes the lock as well, since what it looks at should not change meanwhile.
    support: full
  diff_mode:
    description: Changes nothing worth showing.
    support: none
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: One at a time
  hydra.swarm.cluster_lock:
    cluster: hydra
    doing: swarm-up
"""

RETURN = r"""
waited_for: {description: The run that had the lock before., type: str, returned: when there was one}
"""

import getpass
import os
import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.errors import HydraError
from ..module_utils.common.world_lock import claim
from ..module_utils.common.world_wait import until

ARGUMENTS = {
    "cluster": {"type": "str", "required": True},
    "names": {"type": "list", "elements": "str", "default": []},
    "doing": {"type": "str", "default": "a playbook"},
    "timeout": {"type": "int", "default": 900},
}


def run(module: Any) -> dict[str, Any]:
    """In a playbook's own process the parent is C(ansible-playbook), whose life is the lock's."""
    params, waited = module.params, ""
    claimant = {
        "pid": os.getppid(),
        "who": f"{params['doing']} by {getpass.getuser()} (process {os.getppid()}, since {time.strftime('%H:%M:%S')})",
    }

    def attempt() -> tuple[bool | None, str]:
        nonlocal waited
        # In one order for everybody, so that no two runs wait for each other.
        claims = (claim(name, claimant) for name in sorted(set(params["names"]) or {params["cluster"]}))
        holder = next((found for found in claims if found), None)
        if holder and holder["who"] != waited:
            waited = holder["who"]
            module.warn(f"cluster {params['cluster']}: waiting for {waited} to end, {params['timeout']} s at most")
        return (None if holder else True), waited

    until(f"the other run on cluster {params['cluster']} to end", attempt, params["timeout"], interval=0.2)
    return {"changed": False} | ({"waited_for": waited} if waited else {})


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
