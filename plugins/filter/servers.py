# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the roles for servers ask: what was found there, what they are to try and get; answered by module_utils."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.engine import packages
from ansible_collections.hydra.swarm.plugins.module_utils.gpu import install, sources
from ansible_collections.hydra.swarm.plugins.module_utils.server import checks, lines, mtu, probe


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "check_failures": lines.failures,
            "check_lines": lines.lines_of,
            "check_report": lines.report,
            "engine_restart": packages.restart,
            "gpu_driver": sources.driver,
            "gpu_plan": install.plan,
            "gpu_toolkit": sources.toolkit,
            "host_checks": checks.check,
            "path_mtu": mtu.path_mtu,
            "port_probe_task": probe.task,
            "server": probe.server_of,
            "with_mtu": mtu.with_mtu,
        }
