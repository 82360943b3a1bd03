# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module of the same name; on the control host, in the playbook's own process."""

from __future__ import annotations

from ansible_collections.hydra.swarm.plugins.modules import backup_archive
from ansible_collections.hydra.swarm.plugins.plugin_utils._in_process import InProcessAction


class ActionModule(InProcessAction):
    MODULE = backup_archive
