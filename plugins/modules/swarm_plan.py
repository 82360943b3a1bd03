#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""In what a swarm differs from its inventory; works it out and touches nothing."""

from __future__ import annotations

DOCUMENTATION = r"""
module: swarm_plan
short_description: Compare a swarm with what it is to be
version_added: 0.1.0
description:
  - Says from the results of M(hydra.swarm.swarm_join) who has to join, and in what nodes and networks differ from what
    they are to be. So a playbook can leave out what has nothing to do, and show at its end that nothing is left to do.
  - What a difference is, is decided by the code of M(hydra.swarm.swarm_members), M(hydra.swarm.node_label),
    M(hydra.swarm.swarm_network) and M(hydra.swarm.swarm_settings), which mend it.
  - It asks nobody, so it is worked out where the playbook runs, whichever host the task is for.
attributes:
  check_mode:
    description: It changes nothing.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
  idempotent:
    description: It changes nothing.
    support: full
options:
  members:
    description: What each host is to be; the filter C(hydra.swarm.member) makes it from a host's variables.
    type: list
    elements: dict
    required: true
  looks:
    description: The last result of M(hydra.swarm.swarm_join) for each host that was asked.
    type: dict
    default: {}
  managers:
    description: The hosts that are to be managers. The first that has the swarm leads.
    type: list
    elements: str
    default: []
  nodes:
    description: The swarm's nodes as they are by now, if a later task returned them.
    type: list
    elements: dict
  present:
    description: Its overlay networks as they are by now, if a later task returned them.
    type: list
    elements: dict
  set:
    description: Its settings as they are by now, if a later task returned them.
    type: dict
  settings:
    description: Swarm's own settings that it is to have, as M(hydra.swarm.swarm_settings) takes them.
    type: dict
    default: {}
  networks:
    description: The overlay networks that it is to have, as M(hydra.swarm.swarm_network) takes them.
    type: list
    elements: dict
    default: []
  owner:
    description: What M(hydra.swarm.swarm_network) marks the networks with.
    type: str
    required: true
  refuse_with:
    description:
      - What else is broken, a sentence each. If this is given, be it empty, the task fails where anything is broken.
    type: list
    elements: str
seealso:
  - module: hydra.swarm.swarm_join
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: See who has to join, and what differs
  hydra.swarm.swarm_plan:
    members: "{{ groups['swarm'] | map('extract', hostvars) | map('hydra.swarm.member') }}"
    looks: {hydra: "{{ looked }}"}
    managers: [hydra]
    owner: hydra
  register: plan
"""

RETURN = r"""
lead: {description: "The manager to ask, a host.", type: str, returned: always}
members:
  description: O(members), each with its C(node_id) where it is known.
  type: list
  elements: dict
  returned: always
listed: {description: The swarm's nodes., type: list, elements: dict, returned: always}
present: {description: The swarm's overlay networks., type: list, elements: dict, returned: always}
joiners: {description: The hosts that have to join., type: list, elements: str, returned: always}
tokens: {description: The roles they join as., type: list, elements: str, returned: always, sample: [worker]}
joined:
  description: Those of C(members) that are in a swarm as far as is known. What is not, failed to join.
  type: list
  elements: dict
  returned: always
unheard:
  description: The hosts that are listed as down though their own engines say that they are in the swarm.
  type: list
  elements: str
  returned: always
order:
  description:
    - What M(hydra.swarm.swarm_members) has to mend, roles, availability and entries of earlier lives, a sentence each.
  type: list
  elements: str
  returned: always
nodes:
  description: What M(hydra.swarm.node_label) has to mend, or to wait for. A sentence each.
  type: list
  elements: str
  returned: always
networks:
  description: What M(hydra.swarm.swarm_network) has to mend, or refuses to. A sentence each.
  type: list
  elements: str
  returned: always
settings:
  description: What M(hydra.swarm.swarm_settings) has to mend. A sentence each.
  type: list
  elements: str
  returned: always
  sample: ["Swarm's heartbeat is 5s, not 1s"]
set: {description: The swarm's settings., type: dict, returned: always}
images:
  description:
    - The images that services need, as M(hydra.swarm.swarm_join) returns them (C(services)), and the IDs of those that
      nodes may lack (C(bring)), all where a node has to join.
  returned: always
  type: dict
  sample: {services: [], bring: []}
maintenance: {description: Whether a node is noted to be under maintenance., type: bool, returned: always}
broken:
  description: All of that, who is not listed, and who failed to join.
  type: list
  elements: str
  returned: always
  sample: ["chimera-node: is a manager, not a worker", network hydra_public is missing]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.errors import HydraError
from ..module_utils.image.needed import to_bring
from ..module_utils.swarm.plan import plan

ARGUMENTS = {
    "members": {"type": "list", "elements": "dict", "required": True},
    "looks": {"type": "dict", "default": {}},
    "managers": {"type": "list", "elements": "str", "default": []},
    "nodes": {"type": "list", "elements": "dict"},
    "present": {"type": "list", "elements": "dict"},
    "set": {"type": "dict"},
    "settings": {"type": "dict", "default": {}},
    "networks": {"type": "list", "elements": "dict", "default": []},
    "owner": {"type": "str", "required": True},
    "refuse_with": {"type": "list", "elements": "str"},
}


def run(module: Any) -> dict[str, Any]:
    params = module.params
    now = {"nodes": params["nodes"], "networks": params["present"], "settings": params["set"]}
    known = {key: value for key, value in now.items() if value is not None}
    made = plan(
        params["members"],
        params["looks"],
        params["managers"],
        params["networks"],
        params["owner"],
        known,
        params["settings"],
    )
    if params["refuse_with"] is not None and (broken := [*made.broken, *params["refuse_with"]]):
        lines = "".join(f"\n- {line}" for line in broken)
        raise HydraError(f"{len(broken)} promise(s) of the inventory are not kept:{lines}")
    services = (params["looks"].get(made.lead) or {}).get("images") or []
    images = {"services": services, "bring": to_bring(services, bool(made.joiners))}
    return {"changed": False, **made.data(), "images": images}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
