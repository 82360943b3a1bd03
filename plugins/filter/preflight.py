# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the role preflight asks: what was found on servers, and what they are to try; answered by _core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils._core import host_checks, host_lines, mtu, probe


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "check_failures": host_lines.failures,
            "check_lines": host_lines.lines_of,
            "check_report": host_lines.report,
            "host_checks": host_checks.check,
            "path_mtu": mtu.path_mtu,
            "port_probe_task": probe.task,
            "server": probe.server_of,
            "with_mtu": mtu.with_mtu,
        }
