# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the inventory and the command line give, as it is written.

No expression is worked out, since that is what takes time: half a second, and not the hundredth that reading takes.
"""

from __future__ import annotations

from typing import Any

from ansible.vars.plugins import get_vars_from_inventory_sources


def places(inventory: Any, loader: Any, manager: Any) -> dict[str, dict[str, Any]]:
    """The variables by where they are given. What tasks found out since is not among them, as it is among a host's."""
    found = {}
    for kind, entities in (("group", inventory.groups), ("host", inventory.hosts)):
        for name, entity in entities.items():
            beside = get_vars_from_inventory_sources(loader, inventory._sources, [entity], "task")
            found[f"{kind} {name}"] = {**entity.vars, **beside}
    return {**found, "given with -e": dict(manager.extra_vars)}
