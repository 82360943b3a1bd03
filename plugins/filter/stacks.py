# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What playbooks report of stacks; the words are found in module_utils."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.image import images, needed, registries
from ansible_collections.hydra.swarm.plugins.module_utils.report import stacks
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file import binds


def lacking_images(
    services: Iterable[Mapping[str, Any]], wanted: Iterable[str], brought: Mapping[str, str]
) -> list[str]:
    """C(services) as swarm_plan has them in C(images), C(brought) as image_load returns its C(images)."""
    return needed.unkept(services, wanted, brought)


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "bind_answers": binds.answered,
            "bind_problems": binds.problems,
            "images_there": images.there,
            "of_no_registry": registries.elsewhere,
            "lacking_images": lacking_images,
            "stack_report": stacks.report,
            "stack_status": stacks.state_of,
            "stack_table": stacks.status,
            "without_password": registries.without_password,
        }
