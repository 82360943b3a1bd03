#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: drill_requests
short_description: Count the requests that a drill's client lost, by what it wrote on this node
version_added: 0.1.0
description:
  - Reads the log of the client that the role swarm_drill puts on every node (service C(drill_client)).
    It changes nothing.
author: "The hydra.swarm authors (@hydra-swarm)"
options:
  since:
    description: From when on requests count, in seconds since 1970.
    type: float
    required: true
  until:
    description: Up to when requests count.
    type: float
    required: true
  socket:
    description: The Unix socket of the node's Docker Engine.
    type: path
    default: /var/run/docker.sock
attributes:
  check_mode:
    support: full
    description: It only looks.
  diff_mode:
    support: none
    description: It changes nothing.
"""

EXAMPLES = r"""
- name: Count what was lost in a minute
  hydra.swarm.drill_requests:
    since: 1764540000
    until: 1764540060
"""

RETURN = r"""
requests:
  description:
    - For each way to the service (V(inside) its network, through the V(proxy)) how many requests were C(sent)
      and C(lost), and the C(longest) time without an answer, in seconds. A way on which none was ever answered is left
      out.
  returned: always
  type: dict
  sample: {inside: {sent: 150, lost: 4, longest: 0.8}}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.errors import HydraError
from ..module_utils.drill import requests
from ..module_utils.engine.world import DEFAULT_SOCKET, Engine
from ..module_utils.engine.world_logs import pieces

BEFORE = 10  # seconds of the log that tell which ways there are
MOST = 8 * 1024 * 1024
PATIENCE = 20.0
ARGUMENTS = {
    "since": {"type": "float", "required": True},
    "until": {"type": "float", "required": True},
    "socket": {"type": "path", "default": DEFAULT_SOCKET},
}


def run(module: Any) -> dict[str, Any]:
    engine, since, until = Engine(module.params["socket"]), module.params["since"], module.params["until"]
    clients = engine.get("/containers/json", filters={"label": ["com.docker.swarm.service.name=drill_client"]})
    query = {"stdout": "true", "since": str(int(since) - BEFORE)}
    lines: list[str] = []
    for client in clients:
        content = engine.stream(f"/containers/{client['Id']}/logs", MOST, PATIENCE, **query)
        lines += b"".join(piece for _stream, piece in pieces(content)).decode(errors="replace").splitlines()
    return {"changed": False, "requests": requests.counted(lines, since, until)}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
