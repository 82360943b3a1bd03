#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a machine has that a backup would copy, or a restore overwrite."""

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_info
short_description: What a machine has that a backup would copy, or a restore overwrite
version_added: 0.1.0
description:
  - Runs on a manager or an NFS server. Tells the state of its swarm, whether its folder has data of one, and how much
    is at the top of each export. Changes nothing.
options:
  exports:
    description: The exported directories to look at.
    type: list
    elements: str
    default: []
  swarm:
    description: Whether to ask the machine's engine, which an NFS server need not have.
    type: bool
    default: true
attributes:
  check_mode:
    description: Reads only, so a check run does the same.
    support: full
  diff_mode:
    description: Changes nothing, so there is nothing to show.
    support: none
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: See what would be overwritten
  hydra.swarm.backup_info:
    exports: [/exports/student-volumes]
"""

RETURN = r"""
state:
  description: "The engine's swarm state: inactive, pending, active, error or locked."
  returned: with O(swarm)
  type: str
manager: {description: Whether it is a manager that can be asked., returned: with O(swarm), type: bool}
swarm_id: {description: The swarm's ID., returned: with O(swarm), type: str}
folder: {description: Where the engine keeps its swarm's data., returned: with O(swarm), type: str}
left: {description: What is in that folder., returned: with O(swarm), type: list, elements: str}
exports:
  description: For each directory, how many entries are at its top; 0 for one that is not there.
  returned: always
  type: dict
  sample: {/exports/student-volumes: 12}
seals: {description: Whether the program age is installed., returned: always, type: bool}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.backup import world_look
from ..module_utils.common.errors import HydraError
from ..module_utils.engine.world import Engine

ARGUMENTS = {
    "exports": {"type": "list", "elements": "str", "default": []},
    "swarm": {"type": "bool", "default": True},
}


def run(module: Any, engine: Engine | None = None) -> dict[str, Any]:
    asked = (engine or Engine()) if module.params["swarm"] else None
    return {"changed": False, **world_look.look(asked, module.params["exports"])}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
