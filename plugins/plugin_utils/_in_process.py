# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Modules that only ever run on the control host, without a Python of their own.

Starting a module's process costs a quarter of a second, a tenth of a cold swarm-up each. On a local connection the
playbook's own process (a fork, as for any action) does the same work with the same code; elsewhere the module is
shipped as usual.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import HydraError
from ansible_collections.hydra.swarm.plugins.module_utils.common.text import unrevealing
from ansible_collections.hydra.swarm.plugins.module_utils.engine import world_sdk
from ansible_collections.hydra.swarm.plugins.plugin_utils import _once  # noqa: F401 # pylint: disable=unused-import


@dataclass
class Task:
    """What a module's run() reads of an AnsibleModule."""

    params: dict[str, Any]
    check_mode: bool

    def warn(self, text: str) -> None:
        """Shown at once, and not at the task's end, as all that Ansible knows for a warning is."""
        Display().display(f"[WARNING]: {text}", color=constants.COLOR_WARN, stderr=True)


class InProcessAction(ActionBase):
    """Runs C(MODULE.run) here; the module names its C(ARGUMENTS) and, if it has any, its C(REQUIRED_IF).

    C(ANYWHERE) says that the module touches nothing, so that it may run here for any host.
    """

    MODULE: ModuleType
    ANYWHERE = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        if not self._here():
            return result | self._execute_module(task_vars=task_vars)
        _valid, params = self.validate_argument_spec(
            argument_spec=self.MODULE.ARGUMENTS, required_if=getattr(self.MODULE, "REQUIRED_IF", None)
        )
        try:
            return result | self._result(Task(params, bool(self._task.check_mode)))
        except HydraError as error:
            return result | {"failed": True, "msg": str(error)}
        except world_sdk.errors() as error:
            # What asks this computer's engine says for what; should that be forgotten somewhere, it is said here.
            what = self.MODULE.__name__.rpartition(".")[2]
            words = f"{what}: the Docker Engine of this computer: {unrevealing(world_sdk.reason(error))}"
            return result | {"failed": True, "msg": words}

    def _here(self) -> bool:
        return self.ANYWHERE or self._connection.transport in ("local", "ansible.builtin.local")

    def _result(self, task: Task) -> dict[str, Any]:
        return self.MODULE.run(task)
