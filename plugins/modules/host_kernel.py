#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The kernel modules and settings of a server, now and at every boot."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_kernel
short_description: Load kernel modules and set kernel settings, now and at boot, all in one task
version_added: 0.1.0
description:
  - Loads modules and sets settings, and writes one file of each kind, from which the next boot does the same.
  - It exists because with M(community.general.modprobe) and M(ansible.posix.sysctl) each module and setting is a task,
    because those keep no value that is higher than a minimum, and because they fail where a kernel lacks something.
  - What a kernel has built in needs no loading and counts as well. What it lacks is returned, and is no failure.
author: "The hydra.swarm authors (@hydra-swarm)"
options:
  modules:
    description: Modules the kernel should have.
    type: list
    elements: str
    default: []
  sysctls:
    description: Settings and their values, such as C(net.ipv4.ip_forward) and V(1).
    type: dict
    default: {}
  minimums:
    description: Settings and the least they should be. A value that is higher stays as it is, and is in no file.
    type: dict
    default: {}
  modules_file:
    description: The file that lists the modules for the next boot. It is this module's own, as a whole.
    type: path
    default: /etc/modules-load.d/hydra-swarm.conf
  sysctls_file:
    description: The file that holds the settings for the next boot. It is this module's own, as a whole.
    type: path
    default: /etc/sysctl.d/60-hydra-swarm.conf
attributes:
  check_mode:
    description: Can run in check mode and say what would change, without changing it.
    support: full
  diff_mode:
    description: Shows modules, settings and both files before and after.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
"""

EXAMPLES = r"""
- name: Make the kernel ready for overlay networks
  hydra.swarm.host_kernel:
    modules: [overlay, vxlan, ip_vs]
    sysctls: {net.ipv4.ip_forward: 1}
    minimums: {fs.inotify.max_user_instances: 1024}
"""

RETURN = r"""
lacking:
  description: A line for each module and setting that this kernel does not have, and each setting that is the host's of
    this container and lower there.
  returned: success
  type: list
  elements: str
  sample: [this kernel has no module ip_vs]
support:
  description: For each module V(loaded), V(built in), V(loadable) or V(missing), as it was before.
  returned: success
  type: dict
  sample: {overlay: loaded, ip_vs: loadable}
time:
  description: The C(service) that keeps the clock (empty; none), whether the kernel takes it for C(synchronised), and
    whether it is C(ours) to keep; a container's is the host's.
  returned: success
  type: dict
  sample: {service: chrony, synchronised: true, ours: true}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError
from ..module_utils.server import world_clock, world_kernel
from ..module_utils.server.kernel import plan, wanted


def run(module: Any) -> dict[str, Any]:
    params = module.params
    files = params["modules_file"], params["sysctls_file"]
    want = wanted(params["modules"], params["sysctls"], params["minimums"])
    state = world_kernel.state(want, *files)
    steps = plan(state, want)

    def apply() -> dict[str, Any]:
        return {"lacking": [*steps.lacking, *world_kernel.apply(steps, want, *files)]}

    facts = {"lacking": list(steps.lacking), "support": dict(state.support), "time": world_clock.keeping()}
    return {**facts, **converge(module, steps.change, apply)}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "modules": {"type": "list", "elements": "str", "default": []},
            "sysctls": {"type": "dict", "default": {}},
            "minimums": {"type": "dict", "default": {}},
            "modules_file": {"type": "path", "default": "/etc/modules-load.d/hydra-swarm.conf"},
            "sysctls_file": {"type": "path", "default": "/etc/sysctl.d/60-hydra-swarm.conf"},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
