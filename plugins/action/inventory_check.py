# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module of the same name, in the playbook's own process, which knows who gives which variable."""

from __future__ import annotations

from typing import Any

from ansible.vars.plugins import get_vars_from_inventory_sources
from ansible_collections.hydra.swarm.plugins.module_utils.swarm import variables
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.world_variables import known_here
from ansible_collections.hydra.swarm.plugins.modules import inventory_check
from ansible_collections.hydra.swarm.plugins.plugin_utils._in_process import InProcessAction, Task


class ActionModule(InProcessAction):
    MODULE = inventory_check
    ANYWHERE = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        self._places = places((task_vars or {})["hostvars"])
        return super().run(tmp, task_vars)

    def _result(self, task: Task) -> dict[str, Any]:
        names, roles = known_here()
        return inventory_check.run(task, variables.problems(self._places, names, roles, task.params["own_variables"]))


def places(hostvars: Any) -> dict[str, dict[str, Any]]:
    """The variables of the inventory and of the command line as they are written, by where they are given.

    What tasks found out since is not among them, as it is among a host's variables.
    """
    inventory, manager, loader = hostvars._inventory, hostvars._variable_manager, hostvars._loader
    sources = inventory._sources
    found = {}
    for kind, entities in (("group", inventory.groups), ("host", inventory.hosts)):
        for name, entity in entities.items():
            beside = get_vars_from_inventory_sources(loader, sources, [entity], "task")
            found[f"{kind} {name}"] = {**entity.vars, **beside}
    return {**found, "given with -e": dict(manager.extra_vars)}
