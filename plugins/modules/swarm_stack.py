#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A stack as its file says, deployed and converged."""

from __future__ import annotations

DOCUMENTATION = r"""
module: swarm_stack
short_description: Deploy a stack and wait until it has converged, or remove one
version_added: 0.1.0
description:
  - Brings the services of a stack to what a stack file says that M(hydra.swarm.stack_file) has read.
  - Says what differs before it does anything, and deploys only the services that differ, with C(docker stack deploy);
    the others are not touched, and neither is what a rollback of them would return to.
  - Then waits until every service has converged. One that will not is named, with the error of its task and the last
    lines of its log; a crash loop or an image that is nowhere is told at once, and not when the time is over.
  - Configs and secrets are made before, under names that tell their content, and removed after, once nothing uses them
    and no rollback would.
  - What somebody changed by hand (C(docker service scale), C(docker service update)) is put back, and the diff says so.
  - Runs on a manager, with the docker command line there. The contents of configs and secrets are read on the control
    host, by an action plugin of the same name.
attributes:
  check_mode:
    description: Plans, has the command line check the document, and changes nothing.
    support: full
  diff_mode:
    description:
      - Shows services that are made, removed and changed with the settings that differ, and the names of networks,
        configs and secrets that are made.
      - Values whose names look like secrets (C(PASSWORD), C(SECRET), C(TOKEN), C(KEY) and the like) are hidden.
    support: full
  idempotent:
    description: A second run with the same options changes nothing and restarts nothing.
    support: full
options:
  name:
    description: Name of the stack.
    type: str
    required: true
  state:
    description:
      - V(present) deploys the stack.
      - V(absent) removes its services, networks, configs and secrets, and waits until they are gone. Volumes stay.
    type: str
    choices: [present, absent]
    default: present
  document:
    description: The stack file as M(hydra.swarm.stack_file) returns it. Needed for O(state=present).
    type: dict
  images:
    description:
      - Names of images as in the document, and the ID that each has on the nodes.
      - A service with such an image is deployed by that ID, so it runs exactly this image and no registry is asked.
      - Other images are taken from a registry.
    type: dict
    default: {}
  sources:
    description:
      - The configs and secrets that the file describes by their content, as M(hydra.swarm.stack_file) lists them.
    type: list
    elements: dict
    default: []
  file:
    description: The stack file on the control host. The contents of O(sources) are read beside it.
    type: path
  environment:
    description: Variables for O(sources) that take their content from one, besides the environment of the play.
    type: dict
    default: {}
  files:
    description: Contents of O(sources) in base64, by name. Filled in on the control host, and not to be given.
    type: dict
    default: {}
  owner:
    description: Name of the cluster, put into the label hydra.swarm.cluster of all that is made.
    type: str
    default: ""
  prune:
    description: Whether services of the stack that are not in the document are removed.
    type: bool
    default: true
  resolve:
    description:
      - Whether a registry is asked which image a name stands for.
      - V(always) asks at each deploy, so services with an image that has no ID in O(images) are deployed each time.
      - V(changed) asks for a service that is new or whose image has another name. V(never) does not ask.
      - The default is V(never) when O(images) names every image, and V(changed) otherwise.
    type: str
    choices: [always, changed, never]
  registry_auth:
    description:
      - Whether logins that the manager's user made with C(docker login) are used as well, as far as they are in
        C(~/.docker/config.json) itself.
    type: bool
    default: false
  wait:
    description: Whether to wait until all services have converged.
    type: bool
    default: true
  timeout:
    description: So many seconds the services have to converge, or to be gone.
    type: float
    default: 300
  stable:
    description: So many seconds a task must have run to count, where its service has no health check.
    type: float
    default: 5
  socket:
    description: The Unix socket of the manager's Docker Engine.
    type: path
    default: /var/run/docker.sock
seealso:
  - module: hydra.swarm.service_update
author: "The hydra.swarm authors (@hydra-swarm)"
extends_documentation_fragment: [hydra.swarm.registries]
"""

EXAMPLES = r"""
- name: Deploy a stack that stack_file has read
  hydra.swarm.swarm_stack:
    name: core
    document: "{{ read.stack.document }}"
    sources: "{{ read.stack.sources }}"
    file: "{{ read.stack.file }}"
    images: "{{ loaded.images }}"

- name: Remove it; volumes stay
  hydra.swarm.swarm_stack:
    name: core
    state: absent
"""

RETURN = r"""
services:
  description: The services of the stack after the deploy (in check mode as they are).
  returned: when state is present
  type: list
  elements: dict
  contains:
    name: {description: Full name., type: str, returned: always}
    mode: {description: 'V(replicated), V(global), V(replicated-job) or V(global-job).', type: str, returned: always}
    desired: {description: So many tasks it should have., type: int, returned: always}
    running: {description: So many do what they should., type: int, returned: always}
    nodes: {description: 'Node of each running task.', type: list, elements: str, returned: always}
    image: {description: Name of its image., type: str, returned: always}
    image_id: {description: 'ID of its image, if it is pinned to one.', type: str, returned: always}
    ports:
      description: Published ports, with the C(nodes) on which each answers.
      type: list
      elements: dict
      returned: always
    state: {description: 'V(converged), V(pending) or V(failed).', type: str, returned: always}
    reason: {description: Why it has not converged., type: str, returned: always}
actions:
  description: What was done, or would be, a line each.
  returned: always
  type: list
  elements: str
  sample: ['create config core_site-3f2a90d1c4e7', 'change service core_web: configs, env']
warnings:
  description: What the command line warned of, and what could not be removed.
  returned: when there are any
  type: list
  elements: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError, Refusal
from ..module_utils.engine.world import DEFAULT_SOCKET, Engine
from ..module_utils.image.registries import OPTION as REGISTRIES
from ..module_utils.stack import world as stack_world
from ..module_utils.stack import world_deploy
from ..module_utils.stack.plan import removal
from ..module_utils.swarm.world import Swarm

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "document": {"type": "dict"},
    "images": {"type": "dict", "default": {}},
    "sources": {"type": "list", "elements": "dict", "default": []},
    "file": {"type": "path"},
    "environment": {"type": "dict", "default": {}, "no_log": True},
    "files": {"type": "dict", "default": {}, "no_log": True},
    "owner": {"type": "str", "default": ""},
    "prune": {"type": "bool", "default": True},
    "resolve": {"type": "str", "choices": ["always", "changed", "never"]},
    "registries": REGISTRIES,
    "registry_auth": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "timeout": {"type": "float", "default": 300},
    "stable": {"type": "float", "default": 5},
    "socket": {"type": "path", "default": DEFAULT_SOCKET},
}


def settled(module: Any, engine: Engine) -> dict[str, Any] | None:
    """What run() would return where a deploy finds nothing to do and nothing to wait for; else None. It only reads."""
    params = module.params
    if params["state"] == "absent" or params["document"] is None:
        return None
    Swarm(engine, rehearsal=module.check_mode).require_manager()
    task = world_deploy.Deploy(engine, params)
    found = task.settled()
    if found is None:
        return None
    return task.planned(module.check_mode) | converge(module, task.plan.change, task.apply) | found


def run(module: Any, engine: Engine | None = None) -> dict[str, Any]:
    params = module.params
    engine = engine or Engine(params["socket"])
    Swarm(engine, rehearsal=module.check_mode).require_manager()
    if params["state"] == "absent":
        change = removal(params["name"], stack_world.read(engine))
        actions = [f"remove {kind[:-1]} {name}" for kind, names in change.before.items() for name in names]
        return {
            "actions": actions,
            **converge(module, change, lambda: stack_world.clear(engine, params["name"], params["timeout"])),
        }
    if params["document"] is None:
        raise Refusal(f"stack {params['name']}: state present needs the document that stack_file returned")
    task = world_deploy.Deploy(engine, params)
    result = task.planned(module.check_mode)
    return task.finished(result | converge(module, task.plan.change, task.apply), module.check_mode)


def main() -> None:
    module = AnsibleModule(
        argument_spec=ARGUMENTS,
        supports_check_mode=True,
    )
    try:
        result = run(module)
    except HydraError as error:
        module.fail_json(msg=str(error))
    for text in result.pop("said", []):
        module.warn(text)
    if "msg" in result:
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
