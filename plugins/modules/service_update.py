#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A service that runs another image, or the same name built anew."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_update
short_description: Make every task of a service run an image, and roll back when it does not become healthy
version_added: 0.1.0
description:
  - Makes every task of a service run an image, also one that was built anew under the name it had.
  - Nothing but the image of the service changes, with one exception. Where the service has no C(update_config.delay),
    it gets one of two seconds. Without it, Swarm goes on to the next task before it has noticed that the last one
    failed, so a version that crashes could end all tasks of a small service. A stack that is deployed anew does not
    mind it.
  - Waits until every task runs it and is healthy. If that fails, because tasks crash, are unhealthy or rejected, or the
    time is over, the service returns to the version before, unless Swarm has done so by itself; the task then fails
    with the error of the new task, the last lines of its log, and a word on what serves now.
  - Runs on a manager and asks its engine through the Unix socket; nothing but Python is needed there.
  - A stack that is deployed anew from an unchanged file, with the same image on the nodes, finds nothing to change.
notes:
  - No request is lost to a service of two replicas or more if it has a health check, so that a task gets requests only
    once it answers, and if a client asks for the name again with each connection. Swarm takes a task off the list two
    seconds before it stops it.
  - Without a health check, a task counts as healthy to Swarm as soon as it has started. A version that ends some
    seconds after may then have replaced every task before that is seen, and until it is rolled back nothing serves.
    Give the service a health check, or a C(update_config.delay) that is longer than that.
attributes:
  check_mode:
    description: Says whether the service would be updated, and changes nothing.
    support: full
  diff_mode:
    description: Shows name and ID of the image before and after.
    support: full
  idempotent:
    description:
      - A second run changes nothing. Without O(image_id), and where no registry answers, it cannot know what the
        nodes have, and makes the tasks anew each time.
    support: partial
options:
  service:
    description: Name or ID of the service, such as V(core_web).
    type: str
    required: true
  image:
    description: Name of the image as people say it, such as V(web:latest).
    type: str
    required: true
  image_id:
    description:
      - ID of the image on the nodes, as M(hydra.swarm.image_load) returns it. The service then runs exactly this image,
        no registry is asked, and a rollback returns to the one before even though the name has moved.
      - Without it, a registry is asked which image the name stands for.
    type: str
  registry_auth:
    description:
      - Whether logins that the manager's user made with C(docker login) are used as well, as far as they are in
        C(~/.docker/config.json) itself.
    type: bool
    default: false
  rollback:
    description: Whether to return to the version before when the new one does not become healthy.
    type: bool
    default: true
  timeout:
    description: So many seconds the service has to converge; a rollback has them once more.
    type: float
    default: 300
  stable:
    description: So many seconds a task must have run to count, where the service has no health check.
    type: float
    default: 5
  socket:
    description: The Unix socket of the manager's Docker Engine.
    type: path
    default: /var/run/docker.sock
seealso:
  - module: hydra.swarm.swarm_stack
author: "The hydra.swarm authors (@hydra-swarm)"
extends_documentation_fragment: [hydra.swarm.registries]
"""

EXAMPLES = r"""
- name: Run what was just built under the same tag
  hydra.swarm.service_update:
    service: core_hydra-saml-auth
    image: hydra-saml-auth:latest
    image_id: "{{ loaded.images['hydra-saml-auth:latest'] }}"
"""

RETURN = r"""
services:
  description: The service, as the only element, as M(hydra.swarm.swarm_stack) returns it.
  returned: always
  type: list
  elements: dict
actions:
  description: What was done, or would be, a line each.
  returned: always
  type: list
  elements: str
  sample: ['update service core_web to web:latest']
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError
from ..module_utils.engine.world import DEFAULT_SOCKET, Engine
from ..module_utils.image.registries import OPTION as REGISTRIES
from ..module_utils.stack.service.world_update import Update
from ..module_utils.swarm.world import Swarm


def run(module: Any) -> dict[str, Any]:
    engine = Engine(module.params["socket"])
    Swarm(engine).require_manager()
    task = Update(engine, module.params)
    actions = [f"update service {task.name} to {module.params['image']}"] if task.change.changed else []
    return task.finished({"actions": actions, **converge(module, task.change, task.apply)}, module.check_mode)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "service": {"type": "str", "required": True},
            "image": {"type": "str", "required": True},
            "image_id": {"type": "str"},
            "registries": REGISTRIES,
            "registry_auth": {"type": "bool", "default": False},
            "rollback": {"type": "bool", "default": True},
            "timeout": {"type": "float", "default": 300},
            "stable": {"type": "float", "default": 5},
            "socket": {"type": "path", "default": DEFAULT_SOCKET},
        },
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
