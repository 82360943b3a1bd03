#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a manager finds a leader, and how far its log of the swarm goes."""

from __future__ import annotations

DOCUMENTATION = r"""
module: quorum_info
short_description: Whether a manager of a swarm finds a leader, and how far its log goes
version_added: 0.1.0
description:
  - Tells what a manager knows of a swarm that has lost its quorum, where nothing else can be asked.
  - How far the log goes is read from its files. Of several managers that are left, the one that goes farthest has all
    that the swarm ever agreed upon.
  - A manager that finds no leader takes up to 20 seconds to say so.
  - Changes nothing.
attributes:
  check_mode:
    support: full
    description: Reads only, so a check run does the same.
  diff_mode:
    support: none
    description: Changes nothing, so there is nothing to show.
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: See what this manager knows
  hydra.swarm.quorum_info:
  register: seen
"""

RETURN = r"""
quorum:
  description: What this engine knows.
  returned: always
  type: dict
  contains:
    state: {description: "The engine's swarm state, as M(hydra.swarm.swarm_join) returns it.", type: str}
    manager: {description: Whether it is a manager., type: bool}
    leader: {description: Whether it finds a leader., type: bool}
    node_id: {description: Its ID in the swarm., type: str}
    address: {description: The address that the other managers know it by., type: str}
    peers: {description: "The addresses of all managers, its own too.", type: list, elements: str}
    position: {description: C(term) and C(index) of the last entry of its log; empty where it has none., type: dict}
  sample:
    state: active
    manager: true
    leader: false
    node_id: t7zjoemrgk0al57tn7o3z1z3a
    address: 172.30.0.20
    peers: [172.30.0.10, 172.30.0.20, 172.30.0.30]
    position: {term: 2, index: 148}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.errors import HydraError
from ..module_utils.engine.world import Engine
from ..module_utils.swarm.cluster import world

ARGUMENTS: dict[str, Any] = {}


def run(module: Any, engine: Engine | None = None) -> dict[str, Any]:
    return {"changed": False, "quorum": world.look(engine or Engine())}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
