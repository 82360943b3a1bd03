# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module of the same name, which asks nobody, in the playbook's own process for every host."""

from __future__ import annotations

from ansible_collections.hydra.swarm.plugins.modules import swarm_plan
from ansible_collections.hydra.swarm.plugins.plugin_utils._in_process import InProcessAction


class ActionModule(InProcessAction):
    MODULE = swarm_plan
    ANYWHERE = True
