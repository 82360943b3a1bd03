#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: swarm_info
short_description: Nodes, networks, services, configs and secrets of a swarm, and where each task runs
version_added: 0.1.0
description:
  - Reads the whole swarm from a manager in one go.
  - A task that is pending carries its reason, and one that does not start carries the error of the attempt before it.
  - Changes nothing. Of secrets and configs it tells names and labels alone, of join tokens nothing.
author: "The hydra.swarm authors (@hydra-swarm)"
options:
  socket:
    description: The Unix socket of the manager's Docker Engine.
    type: path
    default: /var/run/docker.sock
attributes:
  check_mode:
    support: full
    description: Reads only, so a check run does the same.
  diff_mode:
    support: none
    description: Changes nothing, so there is nothing to show.
"""

EXAMPLES = r"""
- name: Read the swarm
  hydra.swarm.swarm_info:
  register: seen

- name: List the services that have fewer tasks than they should
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.running }} of {{ item.desired }}"
  loop: "{{ seen.swarm.services }}"
  loop_control:
    label: "{{ item.name }}"
  when: item.running < item.desired
"""

RETURN = r"""
swarm:
  description: The swarm as the manager sees it.
  returned: always
  type: dict
  contains:
    nodes:
      type: list
      elements: dict
      description:
        - Each node's C(id), C(name), C(status), C(availability), C(role), C(leader), C(reachability) (managers only),
          C(address), C(engine) version, C(labels), C(engine_labels), C(platform), C(cpus), C(memory) in bytes and
          C(generic_resources) (a list of names or a number for each kind).
    networks:
      type: list
      elements: dict
      description:
        - Each swarm-wide network's C(id), C(name), C(driver), C(attachable), C(internal), C(ingress), C(subnets) and
          C(cluster), the owner that its label hydra.swarm.cluster names.
    services:
      type: list
      elements: dict
      description:
        - Each service's C(id), C(name), the C(stack) it is of, C(labels), C(mode), C(image), number of tasks C(desired)
          and C(running), C(endpoint_mode), C(ports), C(constraints), C(max_per_node), what a task has C(reserved), and
          its C(tasks).
        - Each task has C(id), C(name), C(slot) (0 for a global service), C(node), C(node_id), C(state), C(desired)
          state, C(error), C(image) and the time C(since) when it is in its state.
        - Of an image that is named by its ID, since it comes from no registry, C(image) is the label hydra.swarm.image.
    configs:
      type: list
      elements: dict
      description: Each config's C(name) and C(labels).
    secrets:
      type: list
      elements: dict
      description: Each secret's C(name) and C(labels).
  sample:
    nodes:
      - id: p90d7ty9c4fy8m1u3vw9w5o4w
        name: chimera-node
        status: ready
        availability: active
        role: worker
        leader: false
        reachability: ""
        address: 172.30.0.20
        engine: 26.1.5
        labels: {gpu: "true", role: worker, workload: jupyter}
        engine_labels: {}
        platform: linux/x86_64
        cpus: 2.0
        memory: 25276510208
        generic_resources: {NVIDIA-GPU: [GPU-aaaa1111]}
    networks:
      - id: a5p64r1zqdptziv5ro50cyoxs
        name: hydra_public
        driver: overlay
        attachable: true
        internal: false
        ingress: false
        subnets: [10.0.1.0/24]
        cluster: hydra
    services: []
    configs: []
    secrets: []
kernel:
  description: What the manager's kernel offers, as M(hydra.swarm.node_info) tells it.
  returned: always
  type: dict
  sample: {release: 6.1.0, cgroup: 2, ipvs: true, nfs_client: true}
backup:
  description:
    - When the swarm was last copied by M(hydra.swarm.swarm_backup), as C(taken) in seconds since 1970, and its C(age)
      in seconds; both are null for never.
  returned: always
  type: dict
  sample: {taken: 1796076322, age: 7200}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.backup import world_record
from ..module_utils.common.errors import HydraError
from ..module_utils.engine import world_swarm
from ..module_utils.engine.world import DEFAULT_SOCKET, Engine
from ..module_utils.machine import world_view
from ..module_utils.swarm.cluster.world import refuse_lost
from ..module_utils.swarm.membership import view_of
from ..module_utils.swarm.world import Swarm

ARGUMENTS = {"socket": {"type": "path", "default": DEFAULT_SOCKET}}


def run(module: Any, engine: Engine | None = None) -> dict[str, Any]:
    engine = engine or Engine(module.params["socket"])
    refuse_lost(engine, view_of(Swarm(engine).require_manager()), 0)
    return {
        "changed": False,
        "swarm": world_swarm.read(engine, everything=True),
        "kernel": world_view.kernel_features(engine),
        "backup": world_record.told(engine),
    }


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
