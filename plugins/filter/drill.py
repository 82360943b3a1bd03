# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What playbooks ask of a failure that is rehearsed; the answers are worked out in module_utils."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.drill import faults, report


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "drill_hosts": faults.hosts,
            "drill_outcome": report.outcome,
            "drill_plan": faults.plan,
            "drill_page": report.page,
            "drill_ways": faults.ways,
            "drill_told": report.many,
        }
