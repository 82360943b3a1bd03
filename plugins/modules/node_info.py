#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: node_info
short_description: CPU, memory, disk and kernel of the machine that a node of a swarm is
version_added: 0.1.0
description:
  - Tells how much of the machine it runs on is in use, what its kernel offers, and whether its engine answers.
  - In a container it tells the container's own share and limits (cgroup v1 and v2), not those of the host.
  - Changes nothing and loads nothing. An engine that does not answer is reported, not an error.
author: "The hydra.swarm authors (@hydra-swarm)"
options:
  socket:
    description: The Unix socket of the machine's Docker Engine.
    type: path
    default: /var/run/docker.sock
attributes:
  check_mode:
    support: full
    description: Reads only, so a check run does the same.
  diff_mode:
    support: none
    description: Changes nothing, so there is nothing to show.
"""

EXAMPLES = r"""
- name: See how busy the machine is and what its kernel offers
  hydra.swarm.node_info:
  register: machine

- name: Say what a missing feature changes
  ansible.builtin.debug:
    msg: "{{ machine.node.consequences }}"
"""

RETURN = r"""
node:
  description: The machine.
  returned: always
  type: dict
  contains:
    hostname: {type: str, description: The machine's host name.}
    cpu:
      type: dict
      description: C(count) of CPUs it may use, and the C(percent) of them in use just now.
    memory:
      type: dict
      description: Bytes C(used), without page cache that is given back at need, and the C(limit).
    disk:
      type: dict
      description: The file system of the engine's data, with its C(path) and the bytes C(used) and C(total).
    kernel:
      type: dict
      description: Its C(release), C(cgroup) version (1 or 2), and whether it has C(ipvs) and an C(nfs_client).
    consequences:
      type: list
      elements: str
      description: A line for each missing feature, saying what it changes.
    engine:
      type: dict
      description:
        - The engine's C(version), the C(swarm) state it is in and its C(node_id) there, and the C(error) if it does not
          answer.
    faults:
      type: list
      elements: dict
      description:
        - What is wrong with its network although its engine answers, each with its C(kind), C(words), and whether
          swarm-up C(mends) it. Rules of the engine that somebody threw away are V(rules), those that keep containers
          from the machines V(closed), and a resolver whose servers do not answer is V(names). A container that calls
          itself otherwise than it was made is V(called).
        - Rules that this user may not read are not judged.
  sample:
    hostname: chimera-node
    cpu: {count: 2, percent: 3.5}
    memory: {used: 68157440, limit: 25276510208}
    disk: {path: /var/lib/docker, used: 1073741824, total: 270553174016}
    kernel: {release: 6.1.0, cgroup: 2, ipvs: true, nfs_client: true}
    consequences: []
    engine: {version: 26.1.5, swarm: active, node_id: komvo54u8x6rget6zerh1365b, error: ""}
    faults: []
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.errors import EngineError, HydraError
from ..module_utils.engine.usage import usage
from ..module_utils.engine.world import DEFAULT_SOCKET, Engine
from ..module_utils.machine import features as kernel
from ..module_utils.machine import world_network, world_view
from ..module_utils.machine.network_faults import faults

ARGUMENTS = {"socket": {"type": "path", "default": DEFAULT_SOCKET}}


def run(module: Any, engine: Engine | None = None) -> dict[str, Any]:
    engine = engine or Engine(module.params["socket"], timeout=10)
    root, seen = "/", {"version": "", "swarm": "", "node_id": "", "error": ""}
    try:
        answer = engine.get("/info")
        root = answer["DockerRootDir"]
        swarm = answer["Swarm"]
        seen.update(version=answer["ServerVersion"], swarm=swarm["LocalNodeState"], node_id=swarm.get("NodeID", ""))
    except EngineError as error:
        seen["error"] = str(error)
    # An engine that is down has no rules, and everybody knows.
    texts, sight, look = engine.survey(world_view.FEATURE_FILES, root, None if seen["error"] else world_network)
    features = world_view.told_by(texts)
    node = {
        "hostname": sight["hostname"],
        **usage(sight, root),
        "kernel": features,
        "consequences": kernel.consequences(features),
        "engine": seen,
        "faults": faults(look) if look else [],
    }
    return {"changed": False, "node": node}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
