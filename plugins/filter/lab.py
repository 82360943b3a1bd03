# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the lab's verbs report; the words are found in module_utils."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.lab import container, kinds
from ansible_collections.hydra.swarm.plugins.module_utils.lab import servers as lab


def ssh_config(servers: Iterable[Mapping[str, str]], name: str, folder: str, routed: bool) -> str:
    """For servers that are containers of lab C(name); C(routed) says whether their addresses lead to them."""
    guests = [lab.Guest(**server) for server in servers]
    ways = {guest.name: container.through(name, guest.name) for guest in guests}
    return lab.ssh_config(folder, guests, {} if routed else ways)


def known_hosts(servers: Iterable[Mapping[str, str]], name: str, keys: Mapping[str, str]) -> str:
    """C(keys) has each container's."""
    guests = [lab.Guest(**server) for server in servers]
    return lab.known_hosts(guests, {guest.name: keys[container.container(name, guest.name)] for guest in guests})


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "lab_bridge": container.network,
            "lab_kind": kinds.KINDS.__getitem__,
            "lab_known_hosts": known_hosts,
            "lab_machines": container.machines,
            "lab_ssh_config": ssh_config,
            "lab_table": lab.shown,
        }
