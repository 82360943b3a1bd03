# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module of the same name, in the playbook's own process: all that the machine runs is one shell command."""

from __future__ import annotations

from typing import Any

from ansible_collections.hydra.swarm.plugins.modules import nfs_probe
from ansible_collections.hydra.swarm.plugins.plugin_utils._in_process import InProcessAction


class ActionModule(InProcessAction):
    MODULE = nfs_probe
    ANYWHERE = True

    def _result(self, task: Any) -> dict[str, Any]:
        return nfs_probe.run(task, self._shell)

    def _shell(self, script: str) -> str:
        done = self._low_level_execute_command(script)
        return str(done["stdout"]) or str(done["stderr"])
