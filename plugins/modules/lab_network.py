#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The network of a lab on this computer."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lab_network
short_description: The network between a lab's servers, with a way out to packages
version_added: 0.1.0
description:
  - Makes a bridge with this computer's address on it, an interface (tap) for each server, and iptables rules that let
    the servers, and nobody else, reach what this computer reaches.
  - Forwarding is switched on for the bridge and the interface of the default route alone, and off again with
    O(state=absent) unless something has switched it on for all interfaces since.
  - Everything bears the mark C(hydra.swarm.lab=BRIDGE); an interface of one of these names without it is refused.
attributes:
  check_mode:
    description: Can run in check mode and say what would change, without changing it.
    support: full
  diff_mode:
    description: Shows interfaces and rules before and after.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
options:
  bridge:
    description: Name of the bridge, at most 15 characters.
    type: str
    required: true
  gateway:
    description: This computer's address on it with the length of its prefix, like V(172.27.0.1/24).
    type: str
    required: true
  taps:
    description: Names of the servers' interfaces.
    type: list
    elements: str
    default: []
  folder:
    description: Folder in which the lab keeps its state; it must exist.
    type: path
    required: true
  state:
    description: Whether it is to be there.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: hydra.swarm.lab_guest
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Make the network of the lab
  hydra.swarm.lab_network:
    bridge: hydra-lab
    gateway: 172.27.0.1/24
    taps: [hydra-lab-one, hydra-lab-two]
    folder: /var/lib/lab
"""

RETURN = r"""
uplink:
  description: The interface of this computer's default route, through which the servers go out; empty without one.
  type: str
  returned: success
  sample: eth0
"""

from ipaddress import IPv4Interface
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.change import Change
from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError, Refusal
from ..module_utils.lab.network import Network, rules, wanted_links
from ..module_utils.lab.world_network import Host, uplink


def _shown(links: dict[str, str], rules_there: int, forwards: bool) -> dict[str, Any]:
    return {"interfaces": links, "rules": rules_there, "forwarding": forwards}


def run(module: AnsibleModule) -> dict[str, Any]:
    given = module.params
    try:
        gateway = IPv4Interface(given["gateway"])
    except ValueError as error:
        raise Refusal(f"gateway {error}: write an address with its prefix, like 172.27.0.1/24") from None
    network = Network(given["bridge"], gateway, given["taps"], uplink())
    host = Host(network, Path(given["folder"]) / "uplink")
    there, marked = host.links(), len(host.rules())
    if given["state"] == "present":
        before = _shown(there, marked, host.forwards())
        after = _shown({**there, **wanted_links(network)}, len(rules(network)), True)
        return {"uplink": network.uplink, **converge(module, Change(before, after), lambda: host.make(there))}
    before = _shown(there, marked, host.note.exists())
    gone = Change(before, _shown({}, 0, False))
    return {"uplink": network.uplink, **converge(module, gone, lambda: host.remove(list(there)))}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "bridge": {"type": "str", "required": True},
            "gateway": {"type": "str", "required": True},
            "taps": {"type": "list", "elements": "str", "default": []},
            "folder": {"type": "path", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
