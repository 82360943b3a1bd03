#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether servers reach each other's ports, tried from all of them at the same time."""

from __future__ import annotations

DOCUMENTATION = r"""
module: port_probe
short_description: Try whether servers reach each other's ports, before anything runs on them
version_added: 0.1.0
description:
  - Runs on several servers at the same time. Each listens on its own address, on ports that are free, and tries to
    reach those of the others, until all of them succeeded or no more is to be expected. With O(timeout) at the latest,
    nothing listens any more.
  - So it needs as many forks as there are servers. Servers that are slower to start than others are waited for.
  - With TCP a connection is made, with UDP a datagram has to be answered. On 4789/udp (VXLAN) datagrams as large as the
    interfaces allow are sent too, to find a path that drops those.
  - It exists because M(ansible.builtin.wait_for) needs something that listens, and does not know UDP.
author: "The hydra.swarm authors (@hydra-swarm)"
options:
  address:
    description: This server's own address, from which and on which everything is tried.
    type: str
    required: true
  listen:
    description: Ports to listen on, such as V(7946/udp).
    type: list
    elements: str
    default: []
  peers:
    description: The servers to reach.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: What the server is called in the result., type: str, required: true}
      address: {description: Its address., type: str, required: true}
      ports: {description: 'The ports to reach there.', type: list, elements: str, required: true}
      in_use:
        description: Those of them on which something else than this module listens.
        type: list
        elements: str
        default: []
      mtu:
        description: Size of the largest packet that both interfaces take; V(0) tries no large ones.
        type: int
        default: 0
  expected:
    description: Addresses of the servers that try to reach this one; it listens until they have.
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds after which it gives up in any case.
    type: float
    default: 15
  grace:
    description: Seconds a port may take once its server has shown that it takes part.
    type: float
    default: 4
attributes:
  check_mode:
    support: full
    description: Nothing is changed, so a check run does the same.
  diff_mode:
    support: none
    description: Changes nothing, so there is nothing to show.
"""

EXAMPLES = r"""
- name: Try whether the two servers reach each other
  hydra.swarm.port_probe:
    address: 192.0.2.20
    listen: [7946/tcp, 7946/udp, 4789/udp]
    peers:
      - {name: hydra, address: 192.0.2.10, ports: [2377/tcp, 7946/tcp, 7946/udp, 4789/udp], mtu: 1500}
    expected: [192.0.2.10]
"""

RETURN = r"""
reached:
  description: What was tried.
  returned: success
  type: list
  elements: dict
  contains:
    peer: {description: Name of the server., type: str, returned: always}
    port: {description: The port there., type: str, returned: always}
    size: {description: Bytes that each datagram carried; V(0) means a few., type: int, returned: always}
    ok: {description: Whether it was reached., type: bool, returned: always}
    error: {description: Why not; the last of all attempts., type: str, returned: always}
  sample:
    - {peer: hydra, port: 2377/tcp, size: 0, ok: false, error: "timed out (a firewall?)"}
not_listening:
  description: Ports that could not be listened on, and why.
  returned: success
  type: dict
  sample: {}
seconds: {description: How long it took., type: float, returned: success, sample: 1.2}
"""

import ipaddress
import re
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.errors import HydraError, Refusal
from ..module_utils.server.world_probe import Probe

PORT = re.compile(r"([1-9][0-9]{0,4})/(tcp|udp)")


def run(module: Any) -> dict[str, Any]:
    params = module.params
    _check([*params["listen"], *(port for peer in params["peers"] for port in peer["ports"])])
    for address in [params["address"], *(peer["address"] for peer in params["peers"])]:
        try:
            ipaddress.IPv4Address(address)
        except ValueError:
            raise Refusal(f"'{address}' is not an IPv4 address: write four numbers like 192.0.2.10") from None
    return {"changed": False, **Probe(**params).run()}


def _check(ports: list[str]) -> None:
    for port in ports:
        match = PORT.fullmatch(port)
        if not match or int(match[1]) > 65535:
            raise Refusal(f"port '{port}': write a number and tcp or udp, like 7946/udp")


def main() -> None:
    peer = {
        "name": {"type": "str", "required": True},
        "address": {"type": "str", "required": True},
        "ports": {"type": "list", "elements": "str", "required": True},
        "in_use": {"type": "list", "elements": "str", "default": []},
        "mtu": {"type": "int", "default": 0},
    }
    module = AnsibleModule(
        argument_spec={
            "address": {"type": "str", "required": True},
            "listen": {"type": "list", "elements": "str", "default": []},
            "peers": {"type": "list", "elements": "dict", "default": [], "options": peer},
            "expected": {"type": "list", "elements": "str", "default": []},
            "timeout": {"type": "float", "default": 15},
            "grace": {"type": "float", "default": 4},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
