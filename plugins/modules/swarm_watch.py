#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: swarm_watch
short_description: Watch what a swarm makes of a node that fails or comes back, and measure it
version_added: 0.1.0
description:
  - Runs on a manager, and asks its engine four times a second about nodes, services and tasks. It changes nothing.
  - While a node fails (O(during=fall)) it tells after how many seconds the swarm noticed, and what became of each task
    that the node had. When it returns (O(during=return)) it tells after how many seconds all was as before.
  - That nobody answers is no failure, but told.
author: "The hydra.swarm authors (@hydra-swarm)"
options:
  node:
    description: Name of the node.
    type: str
    required: true
  before:
    description: The swarm before the node failed, as M(hydra.swarm.swarm_info) returns it.
    type: dict
    required: true
  during:
    description: What is watched.
    type: str
    choices: [fall, return]
    default: fall
  at:
    description: When the node fails, or when the fault was undone, in seconds since 1970.
    type: float
    required: true
  seconds:
    description: How long to watch from O(at) on.
    type: float
    default: 60
  early:
    description:
      - Whether to return as soon as there is nothing more to see. With O(during=fall) that is when the swarm has
        noticed and every task of a replicated service runs elsewhere or finds no node.
    type: bool
    default: true
  restarted:
    description: With O(during=return), whether all that ran on the node is started anew, and so waited for.
    type: bool
    default: false
  socket:
    description: The Unix socket of the manager's Docker Engine.
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
- name: See what becomes of chimera's tasks
  hydra.swarm.swarm_watch:
    node: chimera-node
    before: "{{ seen.swarm }}"
    at: "{{ fault.at }}"
    seconds: 60
"""

RETURN = r"""
outcome:
  description:
    - Of a fall, C(noticed) (seconds; none if the swarm did not), C(seen_as), C(moved) (each C(task), C(from), C(to),
      C(after)), C(all_ran_after), C(pending) with the C(reason), C(stayed) (tasks that are listed as running there all
      the time), C(stopped), for how many seconds the manager was C(silent), and C(order_after) (all was as before, by
      itself).
    - Of a return C(order_after) (none if it did not become so) and what is C(lacking).
  returned: always
  type: dict
  sample:
    noticed: 3.1
    seen_as: down
    moved: [{task: web.2, from: chimera-node, to: cerberus-node, after: 4.6}]
    all_ran_after: 4.6
    pending: []
    stayed: []
    stopped: []
    silent: 0.0
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.errors import HydraError, Refusal
from ..module_utils.drill import outcome, world_watch
from ..module_utils.engine.world import DEFAULT_SOCKET, Engine

TIMEOUT = 3  # seconds for an answer; an engine that hangs gives none
ARGUMENTS = {
    "node": {"type": "str", "required": True},
    "before": {"type": "dict", "required": True},
    "during": {"type": "str", "choices": ["fall", "return"], "default": "fall"},
    "at": {"type": "float", "required": True},
    "seconds": {"type": "float", "default": 60},
    "early": {"type": "bool", "default": True},
    "restarted": {"type": "bool", "default": False},
    "socket": {"type": "path", "default": DEFAULT_SOCKET},
}


def run(module: Any, engine: Engine | None = None) -> dict[str, Any]:
    params = module.params
    if params["node"] not in {one["name"] for one in params["before"]["nodes"]}:
        raise Refusal(f"node {params['node']} is not in the swarm that is given as before")
    given = (params["before"], params["node"], params["at"])
    story = outcome.Fall(*given) if params["during"] == "fall" else outcome.Return(*given, params["restarted"])
    end = params["at"] + params["seconds"]
    world_watch.watch(engine or Engine(params["socket"], TIMEOUT), story, end, params["early"])
    return {"changed": False, "outcome": story.told()}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
