#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Images of this computer's engine, on the nodes of a development swarm."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_load
short_description: Bring images of this computer's engine to the nodes of a development swarm, without a registry
version_added: 0.1.0
description:
  - Loads images from the Docker Engine of the control host into node containers that M(hydra.swarm.dind_node) made.
  - What a node has already, by image ID and not by name, is not loaded again. An image that it has under another name
    only gets the name it has here. Nothing gets a name that it does not have here.
  - All nodes are served at the same time from one C(docker save), and get only those layers that they lack.
  - An image that moved to another ID stays on the nodes without a name, so that services that run it, or go back to
    it, still find it by its ID.
  - Everything is checked before the first image is loaded. A run that failed on some nodes is repaired by another.
options:
  images:
    description: Names of images as a stack file has them. As with Docker, V(app) is V(app:latest).
    type: list
    elements: str
    required: true
  nodes:
    description: Names of the node containers.
    type: list
    elements: str
    required: true
  required:
    description:
      - Whether an image that neither this computer's engine nor every node has is an error, before anything is loaded.
      - If not, such an image is left to the nodes' registry and returned in C(elsewhere).
    type: bool
    default: true
  pull:
    description:
      - Whether this computer's engine tries to pull an image that it lacks, once for all nodes. The nodes then need no
        registry. A registry has to answer within 20 seconds.
      - In check mode the registry is only asked whether it has the image, which is then returned in C(elsewhere), as
        its ID is not known before it is pulled.
    type: bool
    default: true
  timeout:
    description: Seconds in which an image has to be pulled, and that a node, or the archive of the images, may go
      without any progress before it is given up.
    type: float
    default: 300
attributes:
  check_mode:
    description: Checks everything and says what would be loaded.
    support: full
  diff_mode:
    description: Shows the ID of each image on each node before and after, where they differ.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
requirements: ["Docker SDK for Python", "docker command line", "Docker Engine 20.10 or later"]
seealso:
  - module: hydra.swarm.dind_node
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Bring two images to three nodes
  hydra.swarm.image_load:
    images: [hydra-saml-auth, middleman:2.1]
    nodes: [hydra-node, chimera-node, cerberus-node]
  register: loaded

- name: Show what was done
  ansible.builtin.debug:
    msg: "{{ loaded.report | join('\n') }}"
"""

RETURN = r"""
images:
  description: The ID that the nodes know each image by, for those that were loaded or there. The keys are the names as
    given.
  returned: success
  type: dict
  sample: {hydra-saml-auth: 'sha256:6d2792e82950b672fc367c1cb9d23178e2a845317f5ddeb168370df9b57c67f7'}
elsewhere:
  description: The names of images that were left to the nodes' registry.
  returned: success
  type: list
  elements: str
  sample: ['nginx:1.27']
loaded:
  description: What was loaded. In check mode what would be, and nothing is sent or skipped.
  returned: success
  type: list
  elements: dict
  contains:
    image: {description: Name of the image., type: str, returned: always}
    nodes: {description: The nodes that lacked it., type: list, elements: str, returned: always}
    bytes_sent:
      description: How much was sent of its layers, to all nodes together. What images share is counted for the first.
      type: int
      returned: always
    layers_skipped:
      description: How many of its layers were not sent to these nodes, because they were there; all nodes together.
      type: int
      returned: always
tagged:
  description: Which images only got their name, and on which nodes.
  returned: success
  type: list
  elements: dict
  contains:
    image: {description: Name of the image., type: str, returned: always}
    nodes: {description: The nodes that had it under another name., type: list, elements: str, returned: always}
notes:
  description: What is worth knowing besides, such as an image for other machines.
  returned: success
  type: list
  elements: str
report:
  description: A line for each image that says where it was loaded and where it was already.
  returned: success
  type: list
  elements: str
  sample: ['app:latest (sha256:6d2792e82950): loaded into chimera-node; hydra-node had it']
"""

from dataclasses import replace
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError, Refusal
from ..module_utils.engine.world_sdk import connect, doing
from ..module_utils.image import images
from ..module_utils.image import world as image_world
from ..module_utils.image.names import references
from ..module_utils.machine.world_dind import at_once

ARGUMENTS = {
    "images": {"type": "list", "elements": "str", "required": True},
    "nodes": {"type": "list", "elements": "str", "required": True},
    "required": {"type": "bool", "default": True},
    "pull": {"type": "bool", "default": True},
    "timeout": {"type": "float", "default": 300},
}


def run(module: Any) -> dict[str, Any]:
    params, timeout = module.params, module.params["timeout"]
    names = references(params["images"])
    client = connect()
    there = image_world.nodes_there(client)
    problems = images.containers_problems(params["nodes"], {name: node.state for name, node in there.items()})
    if problems:
        raise Refusal("nothing was loaded:\n- " + "\n- ".join(problems))
    outer, nodes = image_world.look(client, names.values(), params["nodes"])
    lacking = [one for one, image in outer.items() if not image and not images.settled(one, nodes)]
    pulling = {}
    if lacking and params["pull"] and not module.check_mode:
        pulling = image_world.pull(lacking, timeout)
        outer |= image_world.look(client, lacking, [])[0]
    elif lacking and params["pull"]:
        pulling = image_world.ask_registry(lacking)
    # What a registry has would be pulled; its ID is not known before.
    to_pull = [one for one in lacking if module.check_mode and params["pull"] and one not in pulling]
    plan = images.plan({k: v for k, v in outer.items() if k not in to_pull}, nodes, params["required"], pulling)
    plan = replace(plan, to_pull=tuple(to_pull))
    ids = {fate.reference: fate.id for fate in plan.fates}
    loaded = [
        {"image": fate.reference, "nodes": list(fate.load), "bytes_sent": 0, "layers_skipped": 0}
        for fate in plan.fates
        if fate.load
    ]

    addresses = {name: node.address for name, node in there.items()}

    def apply() -> dict[str, Any]:
        at_once(lambda node: image_world.tag(client, node, plan.fates), nodes)
        if not loaded:
            return {}
        found, amounts = image_world.load(client, plan.fates, outer, nodes, addresses, timeout)
        ids.update(found)
        return {"loaded": amounts}

    result = {"loaded": loaded, **converge(module, plan.change, apply)}
    with doing("asking the engine for its version"):
        version = client.version()
    here = [(one, image) for one, image in outer.items() if image]
    done = replace(plan, fates=tuple(replace(fate, id=ids[fate.reference]) for fate in plan.fates))
    return {
        **result,
        "images": {name: ids[one] for name, one in names.items() if one in ids},
        "elsewhere": [name for name, one in names.items() if one in (*plan.elsewhere, *to_pull)],
        "tagged": [{"image": fate.reference, "nodes": list(fate.tag)} for fate in plan.fates if fate.tag],
        "notes": images.platform_notes(here, f"{version['Os']}/{version['Arch']}"),
        "report": images.report(done, rehearsal=module.check_mode),
    }


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
