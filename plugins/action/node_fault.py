# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module of the same name; in a machine that is a container here, without Ansible."""

from __future__ import annotations

from ansible_collections.hydra.swarm.plugins.modules import node_fault
from ansible_collections.hydra.swarm.plugins.plugin_utils._on_machines import InMachineAction


class ActionModule(InMachineAction):
    MODULE = node_fault
