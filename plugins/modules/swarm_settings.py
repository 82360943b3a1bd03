#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Swarm's own settings, of which those that are not named stay as they are."""

from __future__ import annotations

DOCUMENTATION = r"""
module: swarm_settings
short_description: Heartbeat, task history, certificates and snapshots of a swarm
version_added: 0.1.0
description:
  - Gives a Docker Swarm the settings that are named. What is not named stays as the swarm has it, whoever set it.
  - Runs on a manager, and takes effect on all nodes at once, without a restart.
attributes:
  check_mode:
    description: Can run in check mode and say what would change, without changing it.
    support: full
  diff_mode:
    description: Shows the settings before and after.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
options:
  settings:
    description:
      - The settings by name.
      - C(heartbeat) is how often a node says that it is there, a duration such as V(5s), Swarm's own value. A node
        that is silent for three of them is Down, and its tasks start elsewhere.
      - C(task_history) is how many ended tasks are remembered for each slot of a service, V(5) by default.
      - C(certificate_expiry) is how long a node's certificate is good, V(90d) by default; nodes renew them in time.
      - C(snapshot_interval) is after how many entries of the managers' log they write a snapshot, V(10000) by default.
      - Units of durations are C(s), C(m), C(h) and C(d).
    type: dict
    required: true
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Notice sooner that a node is gone
  hydra.swarm.swarm_settings:
    settings: {heartbeat: 1s}
"""

RETURN = r"""
settings:
  description: All of them after the change, in check mode as they are.
  returned: success
  type: dict
  sample: {heartbeat: 1s, task_history: 5, certificate_expiry: 90d, snapshot_interval: 10000}
"""

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.change import Change
from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError, Refusal
from ..module_utils.engine.world import Engine
from ..module_utils.swarm.cluster.settings import differing, facts, merged, problems
from ..module_utils.swarm.membership import view_of
from ..module_utils.swarm.world import Swarm

ARGUMENTS = {"settings": {"type": "dict", "required": True}}


def run(module: Any, engine: Engine | None = None) -> dict[str, Any]:
    wanted, swarm = module.params["settings"], Swarm(engine, rehearsal=module.check_mode)
    if found := problems(wanted):
        raise Refusal("; ".join(found))
    spec = view_of(swarm.require_manager()).spec
    now = facts(spec)
    then = facts(merged(wanted, spec)) if differing(wanted, now) else now
    result = converge(module, Change(now, then), lambda: _apply(swarm, wanted))
    return {"settings": now, **result}


def _apply(swarm: Swarm, wanted: Mapping[str, Any]) -> dict[str, Any]:
    swarm.update(lambda spec: merged(wanted, spec))
    return {"settings": facts(view_of(swarm.membership()).spec)}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
