# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads the secret key on this host, and hands it to the module, which runs where something is put back."""

from __future__ import annotations

import os
from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.backup import keys
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import HydraError
from ansible_collections.hydra.swarm.plugins.module_utils.common.world_files import read
from ansible_collections.hydra.swarm.plugins.modules import swarm_restore
from ansible_collections.hydra.swarm.plugins.plugin_utils._on_machines import InMachineAction


class ActionModule(InMachineAction):
    MODULE = swarm_restore

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        arguments = dict(self._task.args)
        file = arguments.pop("key_file", None)
        if file and arguments.get("archive"):
            try:
                arguments["identity"] = keys.identity(read(os.path.expanduser(file)), file)
            except HydraError as error:
                return {"failed": True, "msg": str(error)}
        self._task.args = arguments
        result = super().run(tmp, task_vars)
        # The key is in it, hidden; nobody needs what remains.
        result.pop("invocation", None)
        return result
