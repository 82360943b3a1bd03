# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the roles of students ask; the answers are worked out in module_utils/_core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils._core import students


def student_problems(student: Any, project: Any) -> list[str]:
    return students.name_problems(student=student, project=project)


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "student_problems": student_problems,
            "student_volume_name": students.volume_name,
            "workspace_homes": students.homes,
            "workspace_listing": students.listing,
            "workspace_plan": students.plan,
            "workspace_removal_problems": students.removal_problems,
            "workspace_text": students.text,
        }
