# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What playbooks report of stacks; the words are found in module_utils."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.image import registries
from ansible_collections.hydra.swarm.plugins.module_utils.report import stacks
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file import binds


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "bind_answers": binds.answered,
            "bind_problems": binds.problems,
            "of_no_registry": registries.elsewhere,
            "stack_report": stacks.report,
            "stack_status": stacks.state_of,
            "stack_table": stacks.status,
            "without_password": registries.without_password,
        }
