# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A module that is run as usual; the offset of the server's clock from this host's is added to what it returns."""

from __future__ import annotations

import time
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.hydra.swarm.plugins.module_utils.server.checks import offset


class TimedAction(ActionBase):
    """The module returns when it C(started) and C(ended), which are of no use to anybody else."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        sent = time.time()
        result |= self._execute_module(task_vars=task_vars)
        received = time.time()
        started, ended = result.pop("started", None), result.pop("ended", None)
        if started is not None and ended is not None:
            result["host"]["time"].update(offset(sent, started, ended, received))
        return result
