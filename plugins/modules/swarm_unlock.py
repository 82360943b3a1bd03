#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Unlock this manager, whose engine was restarted."""

from __future__ import annotations

DOCUMENTATION = r"""
module: swarm_unlock
short_description: Unlock this manager of a swarm with autolock after its engine was restarted
version_added: 0.1.0
description:
  - Runs on the node. Waits until its engine answers, unlocks it if it is locked, and waits until it is an active
    member.
  - An engine that is not locked is left as it is, whatever its state. Autolock is not turned on or off, and the key is
    not rotated.
options:
  unlock_key:
    description: The swarm's key, as C(docker swarm unlock-key) shows it. Used only while the engine is locked; without
      it, a locked engine is an error. Never shown, returned or logged.
    type: str
    default: ""
  timeout:
    description: Seconds to wait for the engine to answer, and to be an active member.
    type: int
    default: 60
attributes:
  check_mode:
    description: Says whether it would be unlocked; whether the key fits is not tried.
    support: full
  diff_mode:
    description: Shows the state before and after.
    support: full
  idempotent:
    description: An engine that is not locked is left alone.
    support: full
seealso:
  - module: hydra.swarm.swarm_join
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Restart the engine of a manager
  ansible.builtin.systemd_service:
    name: docker
    state: restarted

- name: Unlock it
  hydra.swarm.swarm_unlock:
    unlock_key: "{{ lookup('ansible.builtin.env', 'HYDRA_SWARM_UNLOCK_KEY') }}"
"""

RETURN = r"""
state:
  description: "The engine's swarm state now: inactive, pending, active, error or locked."
  type: str
  returned: always
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.change import Change
from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError
from ..module_utils.swarm.membership import unlocked
from ..module_utils.swarm.world import Swarm
from ..module_utils.swarm.world_membership import Member

ARGUMENTS = {
    "unlock_key": {"type": "str", "default": "", "no_log": True},
    "timeout": {"type": "int", "default": 60},
}


def run(module: Any, swarm: Swarm) -> dict[str, Any]:
    member = Member(swarm, module.params)
    view = member.started()
    change = Change({"state": view.state}, {"state": unlocked(view, member.has_key)})
    result = converge(module, change, member.unlock)
    return {**result, "state": view.state if module.check_mode else change.after["state"]}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module, Swarm()))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
