#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write the time of a backup into the swarm."""

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_record
short_description: Write the time of the last backup into the swarm
version_added: 0.1.0
description:
  - Runs on a manager, once an archive has arrived where it is kept. The time is the swarm's label
    C(hydra.swarm.backup), so every manager knows it, and M(hydra.swarm.swarm_info) tells it.
  - An earlier time than the one that is there changes nothing.
options:
  taken:
    description: When the archive was made, in seconds since 1970.
    type: int
    required: true
attributes:
  check_mode:
    description: Says whether it would be written.
    support: full
  diff_mode:
    description: Shows the time before and after.
    support: full
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Note that there is a backup
  hydra.swarm.backup_record:
    taken: 1796076322
"""

RETURN = r"""
taken: {description: The time that the swarm has now., returned: success, type: int}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.backup import world_record
from ..module_utils.common.change import Change
from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError
from ..module_utils.engine.world import Engine
from ..module_utils.swarm.world import Swarm

ARGUMENTS = {"taken": {"type": "int", "required": True}}


def run(module: Any, engine: Engine | None = None) -> dict[str, Any]:
    engine = engine or Engine()
    Swarm(engine).require_manager()
    before = world_record.taken(engine)
    after = max(before, module.params["taken"])
    result = converge(module, Change({"taken": before}, {"taken": after}), lambda: world_record.record(engine, after))
    return {**result, "taken": after}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
