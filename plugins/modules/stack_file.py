#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A stack file as it is to be deployed, or everything that speaks against it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: stack_file
short_description: Read a stack file, and check it before anything is deployed
version_added: 0.1.0
description:
  - Reads a Compose file of version 3, or one without a version, on the control host, and returns it in one form, with
    its variables replaced, ready for the docker command of a manager.
  - Paths in the file start at its folder. Variables get their values from O(environment), then from the environment of
    the run, then from a file C(.env) beside the stack file, then from their defaults in the file. One that gets none
    is refused.
  - Values arrive as they are written, so that V(1.10) stays V(1.10) and V(yes) stays V(yes) where a text is wanted. An
    C(env_file) is read as C(docker stack deploy) reads it, without variables, and quotes belong to the value.
  - Keys that Swarm ignores are left out, and the notes name them. C(restart) becomes the restart policy of C(deploy),
    and C(tmpfs) becomes mounts. A reservation of 0 generic resources is none.
  - Configs and secrets that the file brings get names with a hash of their content, so that a changed one is another
    one. Their contents are never returned. The hash of a secret is slow and salted, as everybody who may look at the
    swarm sees its name.
  - Fails with everything that is wrong with the file, each with its line and column, and does not stop at the first.
  - Nothing is changed anywhere.
options:
  name:
    description: Name of the stack.
    type: str
    required: true
  file:
    description: Path of the file; a relative one starts at the folder the run was started in.
    type: str
    required: true
  environment:
    description:
      - Values of variables in the file. They go before those of the environment of the run and of C(.env).
      - They become part of the document, which services carry for everybody who may look at the swarm. So they are not
        hidden in output either. What is secret belongs into the file's C(secrets).
    type: dict
    default: {}
  swarm:
    description:
      - What M(hydra.swarm.swarm_info) returned of the swarm, to check the stack against it.
      - Without it the file alone is checked.
    type: dict
    default: {}
  kernel:
    description:
      - "Whether the nodes' kernels have IPVS and an NFS client, as V({ipvs: true, nfs_client: true})."
      - Without it nothing is adapted to them.
    type: dict
    default: {}
  storage:
    description:
      - The cluster's NFS server. C(servers) has its names and addresses.
      - C(path) is the folder where all nodes have its storage mounted, for volumes where there is no NFS client. Empty
        or left out, they have not.
      - C(squashed) are the exports on which root of a node is nobody, so that volumes there have to be mounted with
        C(nocopy).
    type: dict
    default: {}
  adapt:
    description:
      - With V(auto), the stack is adapted to what the kernels lack, and to exports on which root is nobody.
      - With V(always), as if they lacked both. With V(never), it is deployed as it is written.
    type: str
    choices: [auto, always, never]
    default: auto
  attach:
    description:
      - 'Names of networks that services are put on besides those in the file, by service, such as
        V({proxy: [students_1, students_2]}).'
    type: dict
    default: {}
attributes:
  check_mode:
    description: Only looks.
    support: full
  diff_mode:
    description: Only looks.
    support: none
requirements: [PyYAML]
seealso:
  - module: hydra.swarm.swarm_info
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Read the core stack
  hydra.swarm.stack_file:
    name: core
    file: stacks/core.yml
    environment: {DOMAIN: hydra.example.org}
  delegate_to: localhost
  register: rendered

- name: Say what was left out or adapted
  ansible.builtin.debug:
    msg: "{{ rendered.stack.notes }}"
"""

RETURN = r"""
stack:
  description: The stack, as it is to be deployed.
  returned: success
  type: dict
  contains:
    name: {description: Its name., type: str, returned: always}
    file: {description: Absolute path of the file., type: str, returned: always}
    document:
      description: The file with its variables replaced, in one form. A C($) in it is one, and no variable.
      type: dict
      returned: always
    images: {description: Names of the images of its services., type: list, elements: str, returned: always}
    sources:
      description: The configs and secrets that the stack brings, without their contents.
      type: list
      elements: dict
      returned: always
      contains:
        kind: {description: 'V(config) or V(secret).', type: str, returned: always}
        key: {description: Its key in the file., type: str, returned: always}
        base: {description: Its name without the hash., type: str, returned: always}
        name: {description: Its name in the swarm., type: str, returned: always}
        origin:
          description: Where its content is. A C(path), a variable (C(environment)), or C(inline) in the file.
          type: dict
          returned: always
        template_driver: {description: Its template driver., type: str, returned: if it has one}
        labels: {description: Its labels., type: dict, returned: if it has any}
    notes:
      description: What was left out or adapted, a line each.
      type: list
      elements: str
      returned: always
  sample:
    name: core
    file: /home/me/stacks/core.yml
    document:
      version: "3.9"
      services:
        web:
          image: web:1
          deploy: {replicas: 2}
          networks: {default: {}}
          configs: [{source: site, target: /etc/site.conf}]
      networks: {}
      volumes: {}
      configs: {site: {external: true, name: core_site-1f2e3d4c5b6a}}
      secrets: {}
    images: ["web:1"]
    sources:
      - kind: config
        key: site
        base: core_site
        name: core_site-1f2e3d4c5b6a
        origin: {path: /home/me/stacks/site.conf}
    notes: ["web: Swarm ignores build, depends_on"]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.errors import HydraError
from ..module_utils.stack.file.world import render

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "file": {"type": "str", "required": True},
    "environment": {"type": "dict", "default": {}},
    "swarm": {"type": "dict", "default": {}},
    "kernel": {"type": "dict", "default": {}},
    "storage": {"type": "dict", "default": {}},
    "adapt": {"type": "str", "choices": ["auto", "always", "never"], "default": "auto"},
    "attach": {"type": "dict", "default": {}},
}


def run(module: Any) -> dict[str, Any]:
    return {"changed": False, "stack": render(**module.params)}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
