# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads the contents of configs and secrets on this host, and hands them to the module, which runs on a manager.

To a manager that is a container the module is only sent if a look from here finds something to deploy, or to tell of.
A stack is removed from here.
"""

from __future__ import annotations

import base64
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import HydraError
from ansible_collections.hydra.swarm.plugins.module_utils.engine.world_tunnel import TunnelledEngine
from ansible_collections.hydra.swarm.plugins.modules import swarm_stack
from ansible_collections.hydra.swarm.plugins.plugin_utils._in_process import Task
from ansible_collections.hydra.swarm.plugins.plugin_utils._on_machines import MachineAction


class ActionModule(MachineAction):
    MODULE = swarm_stack

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        if self._task.args.get("state") == "absent":
            return super().run(tmp, task_vars)
        result = ActionBase.run(self, tmp, task_vars)
        if self._here() and (settled := self._settled()):
            return result | settled
        arguments = dict(self._task.args)
        file, environment = arguments.pop("file", None), arguments.pop("environment", None) or {}
        sources = arguments.get("sources") or []
        if sources and arguments.get("state", "present") == "present":
            try:
                contents = _contents(sources, file or "", environment)
            except HydraError as error:
                return result | {"failed": True, "msg": str(error)}
            arguments["files"] = {name: base64.b64encode(content).decode() for name, content in contents.items()}
        result |= self._execute_module(module_args=arguments, task_vars=task_vars)
        # The document is in it, with every variable of the services' environment.
        result.pop("invocation", None)
        return result

    def _settled(self) -> dict[str, Any] | None:
        """The result where nothing is to be done; an error is the module's to tell."""
        _valid, params = self.validate_argument_spec(argument_spec=swarm_stack.ARGUMENTS)
        engine = TunnelledEngine(self._connection.get_option("remote_addr"))
        try:
            return swarm_stack.settled(Task(params, bool(self._task.check_mode)), engine)
        except HydraError:
            return None
        finally:
            engine.close()


def _contents(sources: list[dict[str, Any]], file: str, environment: dict[str, Any]) -> dict[str, bytes]:
    from ansible_collections.hydra.swarm.plugins.module_utils.stack.file import world as file_world

    return file_world.contents(sources, file, environment)
