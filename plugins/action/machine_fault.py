# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module of the same name, run in the playbook's own process when it is for this host."""

from __future__ import annotations

from ansible_collections.hydra.swarm.plugins.modules import machine_fault
from ansible_collections.hydra.swarm.plugins.plugin_utils._in_process import InProcessAction


class ActionModule(InProcessAction):
    MODULE = machine_fault
