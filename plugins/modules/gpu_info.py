#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The GPUs of a server, and what of them the swarm can hand out."""

from __future__ import annotations

DOCUMENTATION = r"""
module: gpu_info
short_description: Which NVIDIA GPUs a server has, in which state, and the engine settings that offer them to a swarm
version_added: 0.1.0
author: "The hydra.swarm authors (@hydra-swarm)"
description:
  - Looks for NVIDIA GPUs on the PCI bus, asks C(nvidia-smi) for them and C(nvidia-ctk) for its version.
  - Works out the settings of the Docker Engine (C(daemon.json)) that make it offer them as generic resources, one
    entry C(NVIDIA-GPU=UUID) each. A GPU in MIG mode offers its instances instead.
  - A driver that is missing or broken is a result, not an error. Where there is no GPU, nothing is run.
  - A GPU that is passed on to a virtual machine (driver C(vfio-pci)) is not this host's to offer.
  - Changes nothing.
options:
  declared:
    description:
      - How many GPUs should be found, or a list of their UUIDs, as the inventory's C(swarm_node_gpus). What is found
        besides or instead is told in RV(disagreement).
      - V(0) says that this host offers none, whatever it has; they are not looked for then.
      - Left out, or empty, what is found counts.
    type: raw
  simulated:
    description:
      - Whether to take what is O(declared) for what is there, without any GPU. The UUIDs of a number of GPUs are made
        up from O(name), the same on every run.
      - The engine then has the label C(hydra.swarm.gpus=simulated), so that nobody takes them for real ones.
      - Refused on a host that has a real one.
    type: bool
    default: false
  name:
    description: Name of the node, for messages and for simulated UUIDs.
    type: str
    required: true
  settings:
    description: The engine's settings. Resources of other kinds in them are kept in RV(engine_settings).
    type: path
    default: /etc/docker/daemon.json
  timeout:
    description: So many seconds C(nvidia-smi) has to answer. With many GPUs and no persistence daemon it is slow.
    type: float
    default: 60
attributes:
  check_mode:
    support: full
    description: Reads only, so a check run does the same.
  diff_mode:
    support: none
    description: Changes nothing, so there is nothing to show.
"""

EXAMPLES = r"""
- name: See which GPUs the server has
  hydra.swarm.gpu_info:
    name: chimera
    declared: 2
  register: found

- name: Stop if it is not what was declared
  ansible.builtin.assert:
    that: found.disagreement == ''
    fail_msg: "{{ found.disagreement }}"
"""

RETURN = r"""
gpus:
  description: The GPUs that C(nvidia-smi) reports, by index; of simulated ones, the UUID and what stands for a name.
  returned: always
  type: list
  elements: dict
  contains:
    index: {description: Its number. It may change with a restart., type: int, returned: always}
    uuid: {description: Its UUID., type: str, returned: always}
    name: {description: What it is., type: str, returned: always}
    memory_mib: {description: 'Its memory; 0 if it has none of its own.', type: int, returned: always}
    pci: {description: Its place on the PCI bus., type: str, returned: always}
    mig_mode: {description: Whether it is divided into instances (MIG)., type: bool, returned: always}
    mig: {description: 'Its instances, each with C(uuid) and C(profile).', type: list, elements: dict, returned: always}
  sample:
    - index: 0
      uuid: GPU-8f2a61c5-0d7b-4c1e-9a35-6e1f0b7c2d94
      name: NVIDIA A100 80GB PCIe
      memory_mib: 81920
      pci: "0000:17:00.0"
      mig_mode: false
      mig: []
driver:
  description:
    - C(state) is V(ok), V(missing) (a GPU, and no C(nvidia-smi)), V(broken) (it fails), V(absent) (no GPU) or
      V(simulated); C(version) is the driver's; C(problem) says what is wrong and what to do; C(reboot) is true where a
      reboot is known to mend it.
  returned: always
  type: dict
  sample: {state: ok, version: 550.163.01, problem: '', reboot: false}
toolkit:
  description: C(version) of the NVIDIA Container Toolkit, whether it is C(ok), and the C(problem) if not.
  returned: always
  type: dict
  sample: {version: 1.19.0, ok: true, problem: ''}
uuids:
  description: What the swarm can hand out, by UUID.
  returned: always
  type: list
  elements: str
resources:
  description: The same as entries of C(node-generic-resources).
  returned: always
  type: list
  elements: str
  sample: [NVIDIA-GPU=GPU-8f2a61c5-0d7b-4c1e-9a35-6e1f0b7c2d94]
engine_settings:
  description:
    - What is to be merged into the engine's settings. A value of null takes a key away.
    - Empty while the driver is missing or broken, so that what is there stays.
  returned: always
  type: dict
disagreement:
  description: How what is found differs from what is declared; empty if it does not, or if the driver is the reason.
  returned: always
  type: str
summary:
  description: All of it in a line.
  returned: always
  type: str
  sample: '1 GPU (NVIDIA A100 80GB PCIe), driver 550.163.01, container toolkit 1.19.0'
notes:
  description: What is no failure, and yet should be known, a line each.
  returned: always
  type: list
  elements: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.errors import HydraError, Refusal
from ..module_utils.gpu import declared as gpus
from ..module_utils.gpu import settings
from ..module_utils.gpu import state as gpu_state
from ..module_utils.gpu.world import Host


def run(module: Any) -> dict[str, Any]:
    name, declared, simulated = (module.params[key] for key in ("name", "declared", "simulated"))
    if problems := gpus.problems(declared, {}):
        raise Refusal(f"{name}: {'; '.join(problems)}")
    host = Host(module.params["timeout"])
    if simulated:
        seen = gpu_state.simulated(name, gpus.uuids(name, declared), host.devices())
    elif gpus.renounced(declared):
        seen = gpu_state.nothing()
    else:
        seen = host.look()
    state, uuids = seen["driver"]["state"], seen.pop("offered")
    told = state in ("ok", "absent", "simulated")
    existing = host.settings(module.params["settings"])
    toolkit = host.toolkit() if state not in ("absent", "simulated") else gpu_state.no_toolkit()
    return {
        "changed": False,
        **seen,
        "toolkit": toolkit,
        "uuids": uuids,
        "resources": [f"{gpus.KIND}={uuid}" for uuid in uuids],
        "engine_settings": settings.settings(existing, uuids, simulated) if told else {},
        "disagreement": gpus.disagreement(declared, uuids) if told else "",
        "summary": gpu_state.summary(seen["driver"], seen["gpus"], uuids, toolkit),
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "declared": {"type": "raw"},
            "simulated": {"type": "bool", "default": False},
            "name": {"type": "str", "required": True},
            "settings": {"type": "path", "default": "/etc/docker/daemon.json"},
            "timeout": {"type": "float", "default": 60},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
