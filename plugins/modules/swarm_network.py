#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The overlay networks of a swarm, many in one call."""

from __future__ import annotations

DOCUMENTATION = r"""
module: swarm_network
short_description: Create overlay networks without ever making an existing one anew
version_added: 0.1.0
description:
  - Makes sure that a Docker Swarm has its overlay networks, many networks in one call.
  - It exists because a network cannot be changed, and a module that removes and creates one that differs cuts off all
    services on it. This one says what differs and what to do, and leaves the network as it is.
  - Refuses a subnet that overlaps a network of this engine or a route of this host, which the engine accepts and
    which then fails when the first task starts. Routes of other nodes are not seen.
  - What it creates carries the label C(hydra.swarm.cluster). An existing network without that label that already
    matches is accepted as it is, but never removed.
  - Runs on any manager and asks its engine through the Unix socket. It waits only
    until the swarm has given each new network its subnet, which takes milliseconds.
attributes:
  check_mode:
    description: Can run in check mode and say what would change, without changing it.
    support: full
  diff_mode:
    description: Shows the named networks before and after.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
options:
  networks:
    description: The networks. Those that are not listed are left alone.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the network, up to 63 letters, digits and inner V(-) and V(_).
        type: str
        required: true
      attachable:
        description: Whether containers that belong to no service may use it.
        type: bool
        default: true
      internal:
        description: Whether it is cut off from the world outside.
        type: bool
        default: false
      encrypted:
        description: Whether what its tasks send from node to node is encrypted.
        type: bool
        default: false
      mtu:
        description:
          - The largest packet its tasks may send. Left out, the engine takes 1450, for servers whose path takes 1500.
          - It is 50 less than what the path between the servers takes.
        type: int
      subnet:
        description: Its IPv4 subnet, such as V(10.20.0.0/24). Left out, the swarm takes one of its address pool.
        type: str
      gateway:
        description: Its gateway, an address of the subnet. Left out, the engine takes the first.
        type: str
      labels:
        description: Labels it should have; others may be there. Values are made strings as YAML writes them.
        type: dict
        default: {}
      state:
        description:
          - V(present) creates it if it does not exist.
          - V(absent) removes it if it has our label, and fails while services use it.
        type: str
        choices: [present, absent]
        default: present
  owner:
    description: Name of the cluster, the value of the label C(hydra.swarm.cluster).
    type: str
    required: true
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: The networks of the cluster
  hydra.swarm.swarm_network:
    owner: hydra
    networks:
      - name: hydra_public
      - name: hydra_students_net
        subnet: 10.20.0.0/24
"""

RETURN = r"""
networks:
  description: The wanted networks that exist, after the change (in check mode as they are).
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name of the network., type: str, returned: always}
    id: {description: Its ID., type: str, returned: always}
    driver: {description: 'Its driver, V(overlay).', type: str, returned: always}
    attachable: {description: Whether containers that belong to no service may use it., type: bool, returned: always}
    internal: {description: Whether it is cut off from the world outside., type: bool, returned: always}
    encrypted: {description: Whether traffic between nodes is encrypted., type: bool, returned: always}
    mtu: {description: The largest packet its tasks may send., type: int, returned: if it is not the engine's own}
    subnet: {description: Its IPv4 subnet., type: str, returned: always}
    gateway: {description: Its gateway., type: str, returned: always}
    labels: {description: Its labels., type: dict, returned: always}
  sample:
    - name: hydra_public
      id: v2g3g5bbh0yy6tsnd81e4mxrv
      driver: overlay
      attachable: true
      internal: false
      encrypted: false
      subnet: 10.0.1.0/24
      gateway: 10.0.1.1
      labels: {hydra.swarm.cluster: hydra}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common import linux, world_wait
from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError
from ..module_utils.engine.world import Engine
from ..module_utils.swarm.network_plan import plan
from ..module_utils.swarm.networks import Network, create_body, network_of, pending
from ..module_utils.swarm.world import Swarm

_NETWORK = {
    "name": {"type": "str", "required": True},
    "attachable": {"type": "bool", "default": True},
    "internal": {"type": "bool", "default": False},
    "encrypted": {"type": "bool", "default": False},
    "mtu": {"type": "int"},
    "subnet": {"type": "str"},
    "gateway": {"type": "str"},
    "labels": {"type": "dict", "default": {}},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
ARGUMENTS = {
    "networks": {"type": "list", "elements": "dict", "required": True, "options": _NETWORK},
    "owner": {"type": "str", "required": True},
}

ALLOCATION = 15  # seconds; it takes the swarm some milliseconds, or for ever when the subnet is taken


def run(module: Any, engine: Engine | None = None) -> dict[str, Any]:
    items = module.params["networks"]
    swarm = Swarm(engine, rehearsal=module.check_mode)
    swarm.require_manager()

    def read() -> list[Network]:
        return [network_of(entry) for entry in swarm.networks()]

    networks = read()
    names = {network.name for network in networks}
    removal = any(item["state"] == "absent" and item["name"] in names for item in items)
    users = swarm.services_by_network() if removal else {}
    seen = linux.routes(swarm.engine.routes()) if any(item["subnet"] for item in items) else []
    steps = plan(items, networks, [route["subnet"] for route in seen], users, module.params["owner"])

    def allocated() -> tuple[list[Network] | None, str]:
        now = read()
        waiting = pending(now, [network.name for network in steps.create])
        return (None if waiting else now), f"no subnet yet for {', '.join(waiting)}; does it overlap another network's?"

    def apply() -> None:
        for network in steps.remove:
            swarm.remove_network(network.id)
        for network in steps.create:
            swarm.create_network(create_body(network))

    result = converge(module, steps.change, apply)
    if result["changed"] and not module.check_mode:
        networks = world_wait.until("the swarm to give each new network a subnet", allocated, ALLOCATION, interval=0.01)
    wanted = {item["name"] for item in items if item["state"] == "present"}
    shown = [network.facts() for network in networks if network.name in wanted and network.scope == "swarm"]
    return {**result, "networks": sorted(shown, key=lambda facts: facts["name"])}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
