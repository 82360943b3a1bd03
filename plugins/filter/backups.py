# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What backup and restore say at their end; worked out in module_utils."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.backup import report


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"backup_contents": report.contents, "backup_report": report.made}
