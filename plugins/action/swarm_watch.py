# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module of the same name; of a machine that is a container here, in the playbook's own process."""

from __future__ import annotations

from ansible_collections.hydra.swarm.plugins.modules import swarm_watch
from ansible_collections.hydra.swarm.plugins.plugin_utils._on_machines import MachineAction


class ActionModule(MachineAction):
    MODULE = swarm_watch
    TIMEOUT = swarm_watch.TIMEOUT
