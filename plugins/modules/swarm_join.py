#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make this node a member of the right swarm."""

from __future__ import annotations

DOCUMENTATION = r"""
module: swarm_join
short_description: Make this node a member of the right swarm
version_added: 0.1.0
description:
  - Runs on the node. Tells apart an engine that is in no swarm, still starting, locked, in error, in another swarm, or
    a healthy member, and does what that needs; the membership of a healthy member is never touched.
  - A manager of a swarm with autolock, whose engine was restarted, is unlocked with O(unlock_key).
  - Makes a swarm only when told to, never while one of O(managers) answers on the swarm's port, and in the place of one
    that was lost only with O(new_swarm).
  - Joins through any of O(managers) that answers.
  - A node that belongs to a living other swarm, or is a manager of one, is refused, since taking it away could cost
    that swarm its quorum.
  - Without O(join_token) and O(init) it only looks; RV(needs) says what is to be done.
  - That the node is Ready, and that no entry of an earlier life remains, is for a manager to say; see
    M(hydra.swarm.node_label) and M(hydra.swarm.swarm_members).
options:
  init:
    description: Make a new swarm if this node is in none.
    type: bool
    default: false
  new_swarm:
    description:
      - Make a new swarm with O(init) although one was lost, which is refused otherwise. A swarm was lost where this
        engine is in none, but has containers of services, or where O(in_swarm) names nodes.
      - Data of a lost swarm is refused even then, since the engine would take it up again.
    type: bool
    default: false
  in_swarm:
    description: The nodes of the inventory whose engines are in a swarm, working or not, as far as is known.
    type: list
    elements: str
    default: []
  join_token:
    description: Token for the role the node is to have. Never shown, returned or logged.
    type: str
  managers:
    description: Addresses of the swarm's managers, with or without a port (2377 by default).
    type: list
    elements: str
    default: []
  through:
    description:
      - Addresses of those of O(managers) that have the swarm now, through which this node joins. Left out, through any
        of them. One that was lost and is to join itself has no swarm, and to ask it ends the join.
    type: list
    elements: str
    default: []
  members:
    description: Node IDs that the right swarm lists, as a manager returns them. With them, a node whose ID is missing
      is recognised as a member of another swarm, or as one whose entry was removed. Left out, any active membership is
      taken to be the right one.
    type: list
    elements: str
  rejoin:
    description: Leave a swarm that is gone, or a membership that is broken, and join again. The node's tasks are
      stopped; its volumes stay.
    type: bool
    default: false
  unlock_key:
    description: Key of a swarm with autolock, used only while it is locked. Without it, a locked node is an error.
      Never shown, returned or logged.
    type: str
    default: ""
  advertise_addr:
    description: Address the other nodes reach this one at.
    type: str
  data_path_addr:
    description: Address or interface for the traffic of overlay networks, if it is another.
    type: str
  default_addr_pool:
    description: With O(init), pools that overlay networks take their subnets from, where 10.0.0.0/8 is in use already.
    type: list
    elements: str
    default: []
  subnet_size:
    description: With O(init), size of the subnets taken from O(default_addr_pool).
    type: int
    default: 24
  settings:
    description: With O(init), Swarm's own settings from its first moment, as M(hydra.swarm.swarm_settings) takes them.
    type: dict
    default: {}
  availability:
    description: Whether tasks may be placed on the node from the moment it joins.
    type: str
    choices: [active, pause, drain]
    default: active
  timeout:
    description: Seconds to wait for the engine to be an active member.
    type: int
    default: 60
attributes:
  check_mode:
    description: Decides, changes nothing.
    support: full
  diff_mode:
    description: Shows the membership before and after.
    support: full
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Make the swarm
  hydra.swarm.swarm_join:
    init: true
    advertise_addr: 172.30.0.10

- name: Join it, leaving a swarm that is gone
  hydra.swarm.swarm_join:
    join_token: "{{ token.stdout | trim }}"
    managers: [172.30.0.10]
    advertise_addr: "{{ swarm_node_address }}"
    rejoin: true
"""

RETURN = r"""
needs: {description: "What was to be done: none, init, join, rejoin or unlock.", type: str, returned: always}
reason: {description: Why., type: str, returned: always}
state:
  description: "The engine's swarm state: inactive, pending, active, error or locked."
  type: str
  returned: always
node_id: {description: The node's ID in its swarm; empty when it is in none., type: str, returned: always}
manager: {description: Whether it is a manager that can be asked., type: bool, returned: always}
nodes:
  description: The nodes of the swarm, as M(hydra.swarm.node_label) returns them.
  returned: on a manager
  type: list
  elements: dict
networks:
  description: The overlay networks of the swarm, as M(hydra.swarm.swarm_network) returns them.
  returned: on a manager
  type: list
  elements: dict
settings:
  description: Swarm's own settings, as M(hydra.swarm.swarm_settings) returns them.
  returned: on a manager
  type: dict
  sample: {heartbeat: 5s, task_history: 5, certificate_expiry: 90d, snapshot_interval: 10000}
images:
  description:
    - What services of ours need of images, where no registry has it or a node lacks it. Each has the C(service), its
      C(stack), the C(image) by name and by C(id), and as C(lacking) the nodes that rejected the task that is tried now.
  returned: on a manager
  type: list
  elements: dict
  sample: [{service: web_app, stack: web, image: 'app:1', id: 'sha256:6d27', lacking: [chimera-node]}]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.change import Change
from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError
from ..module_utils.engine.world import Engine
from ..module_utils.image import needed
from ..module_utils.swarm.cluster import settings
from ..module_utils.swarm.cluster.world import refuse_lost
from ..module_utils.swarm.membership import View, Wanted, decide, refuse_loss, strangers, view_of
from ..module_utils.swarm.networks import network_of
from ..module_utils.swarm.world import Swarm
from ..module_utils.swarm.world_membership import Member

ARGUMENTS = {
    "init": {"type": "bool", "default": False},
    "new_swarm": {"type": "bool", "default": False},
    "in_swarm": {"type": "list", "elements": "str", "default": []},
    "join_token": {"type": "str", "no_log": True},
    "managers": {"type": "list", "elements": "str", "default": []},
    "through": {"type": "list", "elements": "str", "default": []},
    "members": {"type": "list", "elements": "str"},
    "rejoin": {"type": "bool", "default": False},
    "unlock_key": {"type": "str", "default": "", "no_log": True},
    "advertise_addr": {"type": "str"},
    "data_path_addr": {"type": "str"},
    "default_addr_pool": {"type": "list", "elements": "str", "default": []},
    "subnet_size": {"type": "int", "default": 24},
    "settings": {"type": "dict", "default": {}},
    "availability": {"type": "str", "choices": ["active", "pause", "drain"], "default": "active"},
    "timeout": {"type": "int", "default": 60},
}


def run(module: Any, engine: Engine | None = None) -> dict[str, Any]:
    params, swarm = module.params, Swarm(engine)
    member = Member(swarm, params)
    wanted = Wanted(
        init=params["init"],
        token=bool(params["join_token"]),
        rejoin=params["rejoin"],
        members=params["members"],
        managers=params["managers"],
        unlock=member.has_key,
    )
    view = member.settled()
    refuse_lost(swarm.engine, view)
    living = member.answering(strangers(view, wanted)) if view.state != "inactive" else []
    needs, reason = decide(view, wanted, living)
    if needs == "init":
        member.refuse_second_swarm()
        refuse_loss(member.remains(), params["new_swarm"])
    acts = needs in ("init", "unlock") or (needs != "none" and wanted.token)
    change = Change(_shown(view), {"state": "active", "does": needs} if acts else _shown(view))
    result = converge(module, change, lambda: member.act(needs))
    if change.changed and not module.check_mode:
        view = member.view()
        if needs == "unlock":
            decide(view, wanted)  # only now it is known whether it is the right swarm
    return {**result, "needs": needs, "reason": reason, **_returned(view, swarm, params["timeout"])}


def _shown(view: View) -> dict[str, Any]:
    return {"state": view.state, "does": "none"}


def _returned(view: View, swarm: Swarm, timeout: float) -> dict[str, Any]:
    returned: dict[str, Any] = {"state": view.state, "node_id": view.node_id, "manager": view.manager}
    if view.manager:
        nodes = swarm.await_nodes("the managers to have a leader", lambda nodes: "", timeout)
        returned["nodes"] = [node.facts() for node in nodes]
        networks = (network_of(entry) for entry in swarm.networks())
        returned["networks"] = [network.facts() for network in networks if network.driver == "overlay"]
        # Managers that were electing a leader when they were looked at did not tell.
        returned["settings"] = settings.facts(view.spec) or settings.facts(view_of(swarm.membership()).spec)
        returned["images"] = _images(swarm.engine)
    return returned


def _images(engine: Engine) -> list[dict[str, Any]]:
    """Where there is no service of ours, nothing more is asked."""
    services = [entry for entry in engine.get("/services") or [] if needed.ours(entry)]
    return needed.needed(services, engine.get("/tasks"), engine.get("/nodes")) if services else []


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
