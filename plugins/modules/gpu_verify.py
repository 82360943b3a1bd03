#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A service that reserves one GPU sees that one, and no other."""

from __future__ import annotations

DOCUMENTATION = r"""
module: gpu_verify
short_description: Check on every node with GPUs that a task that reserves one sees exactly that one
version_added: 0.1.0
author: "The hydra.swarm authors (@hydra-swarm)"
extends_documentation_fragment: [hydra.swarm.registries]
description:
  - A swarm only counts GPUs. That a task sees the GPU it reserves and no other is the work of NVIDIA's runtime, and
    where that is set up wrongly, every task sees all GPUs. So this is tried, not assumed.
  - Runs a service of one task on each node, which reserves one C(NVIDIA-GPU) and lists the GPUs it sees. They are
    compared with the one that the swarm says it gave.
  - The services are called C(hydra-gpu-verify-NODE), carry the cluster's label, and are removed in any case; those of
    a run that was killed are removed by the next one.
  - Of simulated GPUs (the engine's label C(hydra.swarm.gpus=simulated)) only the reservation is checked.
  - Runs on a manager and asks its engine through the Unix socket; nothing but Python is needed there.
options:
  owner:
    description: Name of the cluster, the value of the label C(hydra.swarm.cluster).
    type: str
    required: true
  image:
    description:
      - An image with a shell and the GNU C library, by name or ID. NVIDIA's runtime adds C(nvidia-smi) to it.
      - One that asks for all GPUs by itself (C(NVIDIA_VISIBLE_DEVICES=all), as NVIDIA's do) makes the better test.
    type: str
    required: true
  nodes:
    description: Hostnames of the nodes to check. Empty, all that offer GPUs.
    type: list
    elements: str
    default: []
  timeout:
    description: So many seconds the tasks have to end, with the time to pull the image.
    type: float
    default: 300
  socket:
    description: The Unix socket of the manager's Docker Engine.
    type: path
    default: /var/run/docker.sock
attributes:
  check_mode:
    support: none
    description: There is nothing to see without running a task, so a check run skips it.
  diff_mode:
    support: none
    description: Leaves everything as it was, so there is nothing to show.
seealso:
  - module: hydra.swarm.gpu_info
"""

EXAMPLES = r"""
- name: Check that GPUs are handed out one by one
  hydra.swarm.gpu_verify:
    owner: hydra
    image: nvidia/cuda:12.2.2-base-ubuntu22.04
"""

RETURN = r"""
nodes:
  description: What came out, for each node.
  returned: always
  type: list
  elements: dict
  contains:
    node: {description: Its hostname., type: str, returned: always}
    simulated: {description: Whether its GPUs are., type: bool, returned: always}
    reserved: {description: 'What the swarm gave the task, by UUID.', type: list, elements: str, returned: always}
    seen: {description: 'What the task saw, by UUID.', type: list, elements: str, returned: always}
    problem: {description: What is wrong; empty if nothing., type: str, returned: always}
report:
  description: The same as a line for each node.
  returned: always
  type: list
  elements: str
  sample:
    - "chimera: a task that reserves one GPU gets GPU-8f2a61c5-0d7b-4c1e-9a35-6e1f0b7c2d94 (and no other GPU)"
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.errors import HydraError, Refusal
from ..module_utils.engine.view import view
from ..module_utils.engine.world import DEFAULT_SOCKET, Engine
from ..module_utils.gpu import verify
from ..module_utils.gpu.world_verify import Verification
from ..module_utils.image import registries, world_registries
from ..module_utils.swarm.world import Swarm


def run(module: Any) -> dict[str, Any]:
    params, engine = module.params, Engine(module.params["socket"])
    Swarm(engine).require_manager()
    nodes = verify.chosen(view(engine.get("/nodes"), [], [])["nodes"], params["nodes"])
    if found := world_registries.problems(engine, [params["image"]], params["registries"]):
        raise Refusal(found[0])
    with engine.logged_in(registries.login(registries.of_image(params["image"], params["registries"]))):
        results = Verification(engine, params["image"], params["owner"], params["timeout"]).results(nodes)
    lines = verify.report(results)
    answer = {"changed": False, "nodes": results, "report": lines}
    wrong = [line for line, one in zip(lines, results, strict=True) if one["problem"]]
    return {**answer, "msg": "\n".join(wrong)} if wrong else answer


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "owner": {"type": "str", "required": True},
            "image": {"type": "str", "required": True},
            "nodes": {"type": "list", "elements": "str", "default": []},
            "registries": registries.OPTION,
            "timeout": {"type": "float", "default": 300},
            "socket": {"type": "path", "default": DEFAULT_SOCKET},
        },
        supports_check_mode=False,
    )
    try:
        result = run(module)
    except HydraError as error:
        module.fail_json(msg=str(error))
    if "msg" in result:
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
