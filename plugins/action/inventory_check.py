# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module of the same name, in the playbook's own process, which knows who gives which variable."""

from __future__ import annotations

from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.swarm import variables
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.world_variables import known_here
from ansible_collections.hydra.swarm.plugins.modules import inventory_check
from ansible_collections.hydra.swarm.plugins.plugin_utils._in_process import InProcessAction, Task
from ansible_collections.hydra.swarm.plugins.plugin_utils._places import places


class ActionModule(InProcessAction):
    MODULE = inventory_check
    ANYWHERE = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        hostvars: Any = (task_vars or {})["hostvars"]
        self._places = places(hostvars._inventory, hostvars._loader, hostvars._variable_manager)
        return super().run(tmp, task_vars)

    def _result(self, task: Task) -> dict[str, Any]:
        names, roles = known_here()
        return inventory_check.run(task, variables.problems(self._places, names, roles, task.params["own_variables"]))
