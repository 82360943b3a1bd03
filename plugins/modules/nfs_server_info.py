#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which NFS server a server is to run, and what that needs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: nfs_server_info
short_description: Say which NFS server a server is to run, and what that needs
version_added: 0.1.0
author: "The hydra.swarm authors (@hydra-swarm)"
description:
  - Chooses between the kernel's NFS server and NFS-Ganesha, and compares what there is with what that one needs. It
    changes nothing; the P(hydra.swarm.nfs_server#role) role does.
  - Needs systemd, which starts the server.
options:
  implementation:
    description:
      - Which NFS server it is to be.
      - V(auto) keeps NFS-Ganesha where it serves already, or where it alone is installed; else it takes the kernel's,
        where the kernel has one; else NFS-Ganesha.
    type: str
    choices: [auto, kernel, ganesha]
    default: auto
  paths:
    description: The directories that will be exported. NFS-Ganesha starts once their file systems are mounted.
    type: list
    elements: path
    default: []
  kernel_service:
    description: The service of the kernel's server.
    type: str
    default: nfs-server
  ganesha_service:
    description: The service of NFS-Ganesha.
    type: str
    default: nfs-ganesha
attributes:
  check_mode:
    support: full
    description: Reads only, so a check run does the same.
  diff_mode:
    support: none
    description: Changes nothing, so there is nothing to show.
seealso:
  - module: hydra.swarm.nfs_export
"""

EXAMPLES = r"""
- name: See which NFS server is to serve
  hydra.swarm.nfs_server_info:
    paths: [/exports/student-volumes]
  register: found

- name: Say it
  ansible.builtin.debug:
    msg: "{{ found.server.choice }}"
"""

RETURN = r"""
server:
  description: The NFS server.
  returned: success
  type: dict
  contains:
    implementation: {type: str, description: V(kernel) or V(ganesha).}
    choice: {type: str, description: Which one that is and why it is chosen.}
    ready: {type: bool, description: 'Whether it runs, now and at boot, as it should; its exports are not looked at.'}
    restart: {type: bool, description: Whether it runs with other settings than it should.}
    service: {type: str, description: Its service.}
    other: {type: str, description: The service of the other one if it runs or is enabled; else empty.}
    files: {type: dict, description: Paths and texts of the files that are not as they should be.}
  sample:
    implementation: ganesha
    choice: NFS-Ganesha, since this kernel has no NFS server
    ready: true
    restart: false
    service: nfs-ganesha
    other: ""
    files: {}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.errors import HydraError
from ..module_utils.server import nfs, world_nfs
from ..module_utils.server import world as server_world
from ..module_utils.server.kernel import MISSING
from ..module_utils.storage import ganesha, world_exports
from ..module_utils.storage.exports import filesystem


def run(module: Any) -> dict[str, Any]:
    params = module.params
    machine = nfs.machine_of(world_nfs.facts(), server_world.distribution())
    choice = nfs.choose(params["implementation"], machine)
    nfs.check(choice, machine)
    services = world_nfs.services({nfs.KERNEL: params["kernel_service"], nfs.GANESHA: params["ganesha_service"]})
    differing: dict[str, str] = {}
    stale = False
    if choice.implementation == nfs.GANESHA:
        name = params["ganesha_service"]
        layered = filesystem("/", world_exports.read("/proc/self/mounts") or "") == "overlay"
        wanted = ganesha.files(name, params["paths"], layered, world_nfs.support("sunrpc") != MISSING)
        found = {path: world_exports.read(path) for path in wanted}
        ganesha.check_ours(services[nfs.GANESHA].active, found)
        nfs.check_leaving(services[nfs.KERNEL], world_exports.Kernel.foreign(world_exports.Kernel.default_file))
        differing = {path: text for path, text in wanted.items() if found[path] != text}
        stale = bool(set(differing) & set(ganesha.effective(name))) or _stale(ganesha.effective(name))
    standing = nfs.standing(choice, services, bool(differing), stale)
    return {
        "changed": False,
        "server": {
            "implementation": choice.implementation,
            "choice": str(choice),
            "files": differing,
            **standing,
        },
    }


def _stale(files: tuple[str, ...]) -> bool:
    pid = world_nfs.ganesha()
    return pid is not None and any(world_nfs.started_before(pid, path) for path in files)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "implementation": {"type": "str", "choices": list(nfs.IMPLEMENTATIONS), "default": "auto"},
            "paths": {"type": "list", "elements": "path", "default": []},
            "kernel_service": {"type": "str", "default": "nfs-server"},
            "ganesha_service": {"type": "str", "default": "nfs-ganesha"},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
