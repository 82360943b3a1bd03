# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module of the same name, run in the playbook's own process when it is for this host."""

from __future__ import annotations

from typing import Any

from ansible_collections.hydra.swarm.plugins.modules import stack_file
from ansible_collections.hydra.swarm.plugins.plugin_utils._in_process import InProcessAction, Task


class ActionModule(InProcessAction):
    """What it returns has every variable of the services' environment, and is never shown."""

    MODULE = stack_file

    def _result(self, task: Task) -> dict[str, Any]:
        return {**super()._result(task), "_ansible_verbose_override": True}
