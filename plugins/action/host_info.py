# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module of the same name, with the offset of the server's clock from this host's."""

from __future__ import annotations

from ansible_collections.hydra.swarm.plugins.plugin_utils._timed import TimedAction


class ActionModule(TimedAction):
    pass
