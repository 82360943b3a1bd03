#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether servers of user-mode Linux run on this computer."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lab_trial
short_description: Try whether a kernel of user-mode Linux runs on this computer
version_added: 0.1.0
description:
  - Starts the kernel with the servers' disk, which it does not write to, and with nothing to do. That takes about a
    second.
  - If it does not get as far as its first program, the module fails, and says in one line why, and which other kind of
    server runs here.
attributes:
  check_mode:
    description: Can run in check mode and say what would change, without changing it.
    support: full
  diff_mode:
    description: Shows what changed.
    support: none
options:
  kernel:
    description: What starts the kernel, from the folder of the disk.
    type: path
    required: true
  disk:
    description: The servers' disk.
    type: path
    required: true
  others:
    description: The other kinds of server that work here, the best first.
    type: list
    elements: str
    choices: [container, qemu]
    default: []
  wait:
    description: Seconds after which it is ended.
    type: float
    default: 30
seealso:
  - module: hydra.swarm.lab_info
  - module: hydra.swarm.lab_guest
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Try the kernel
  hydra.swarm.lab_trial:
    kernel: /var/cache/lab/uml/kernel
    disk: /var/cache/lab/uml/disk.ext4
"""

RETURN = r"""
version:
  description: The kernel's version.
  type: str
  returned: success
  sample: 6.12.113
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.errors import HydraError, Refusal
from ..module_utils.lab.trial import problem, version
from ..module_utils.lab.world_trial import try_kernel


def run(module: AnsibleModule) -> dict[str, Any]:
    given = module.params
    said, ended = try_kernel(given["kernel"], given["disk"], given["wait"])
    found = problem(said, ended, os.path.dirname(given["disk"]), given["others"])
    if found:
        raise Refusal(found)
    return {"version": version(said)}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "kernel": {"type": "path", "required": True},
            "disk": {"type": "path", "required": True},
            "others": {"type": "list", "elements": "str", "choices": ["container", "qemu"], "default": []},
            "wait": {"type": "float", "default": 30},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(changed=False, **run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
