# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the roles of students ask; the answers are worked out in module_utils."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.common import student_names
from ansible_collections.hydra.swarm.plugins.module_utils.student import access, workspaces


def student_problems(student: Any, project: Any, name: Any = "") -> list[str]:
    found = student_names.name_problems(student=student, project=project)
    return found or student_names.volume_name_problems(student, project, str(name))


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "student_problems": student_problems,
            "student_volume_name": student_names.volume_name,
            "workspace_gate": access.gate,
            "workspace_homes": workspaces.homes,
            "workspace_host": access.host,
            "workspace_key_problems": access.key_problems,
            "workspace_listing": workspaces.listing,
            "workspace_plan": workspaces.plan,
            "workspace_removal_problems": workspaces.removal_problems,
            "workspace_text": workspaces.text,
            "workspace_token": access.token,
            "workspace_url": access.url,
        }
