# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Modules for machines that are containers of this computer; on servers they are shipped as usual.

Those that only ask an engine ask it from here, by the same code. Others run in the container, without Ansible.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.engine.world_shipment import run_there
from ansible_collections.hydra.swarm.plugins.module_utils.engine.world_tunnel import TunnelledEngine
from ansible_collections.hydra.swarm.plugins.module_utils.machine import world_ready
from ansible_collections.hydra.swarm.plugins.plugin_utils._in_process import InProcessAction


class MachineAction(InProcessAction):
    """Runs C(MODULE.run) here, with the engine in the container, which may take C(TIMEOUT) seconds to answer."""

    TIMEOUT = 60

    def _here(self) -> bool:
        if self._connection.transport != "community.docker.docker" or self._play_context.become:
            return False
        # More arguments of the command line may lead to another engine.
        return not self._connection.get_option("docker_extra_args")

    def _result(self, task: Any) -> dict[str, Any]:
        machine = self._connection.get_option("remote_addr")
        engine = TunnelledEngine(machine, self.TIMEOUT)
        with _named(machine):
            try:
                return self.MODULE.run(task, engine)
            finally:
                engine.close()


class InMachineAction(MachineAction):
    """Runs C(MODULE.run) in the container, with no more of Ansible than the task's parameters."""

    TIMEOUT = 600

    def _result(self, task: Any) -> dict[str, Any]:
        machine = self._connection.get_option("remote_addr")
        with _named(machine):
            result: dict[str, Any] = run_there(machine, self.MODULE, task.params, task.check_mode, self.TIMEOUT)
            return result


@contextlib.contextmanager
def _named(machine: str) -> Iterator[None]:
    """What became of a container in which nobody can be asked, in the place of what its engine says of that."""
    try:
        yield
    except EngineError as error:
        if error.status in (404, 409) and (why := world_ready.away(machine)):
            raise EngineError(why, error.status) from error
        raise
