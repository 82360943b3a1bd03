#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keep the exports of an NFS server as listed."""

from __future__ import annotations

DOCUMENTATION = r"""
module: nfs_export
short_description: Keep the exports of an NFS server as listed
version_added: 0.1.0
author: "The hydra.swarm authors (@hydra-swarm)"
description:
  - Makes an NFS server export what is listed, in its exports file (which lasts) and in its live table (which counts).
    If only one of the two is right, the other is corrected.
  - Runs on the NFS server. The server itself is installed and started by the P(hydra.swarm.nfs_server#role) role.
  - A client may match several entries of an export. An address wins over a network, and a network over V(*);
    networks that overlap are refused, as are exports that lie in one another.
  - The kernel's server does not serve what is mounted below an exported directory. NFS-Ganesha would, so there such a
    directory is refused.
requirements:
  - python3-dbus for NFS-Ganesha
options:
  exports:
    description: What should be exported. With an empty list and O(exclusive=false), nothing changes and the live table
      is returned.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The directory, absolute. NFSv4 clients mount it under the same path.
        type: str
        required: true
      state:
        description: Whether it is exported. The directory and what is in it always stay.
        type: str
        choices: [present, absent]
        default: present
      clients:
        description: Who may use it. Needed unless O(exports[].state=absent).
        type: list
        elements: dict
        suboptions:
          host:
            description: An address, a network in CIDR notation, a host name, or V(*) for everybody. A name is resolved
              when the module runs, and its addresses are written, so that the server does not depend on DNS.
            type: str
            required: true
          access:
            description: Reading and writing, or reading only.
            type: str
            choices: [rw, ro]
            default: rw
          squash:
            description: Which users the server replaces with O(exports[].clients[].anonuid).
            type: str
            choices: [root, all, none]
            default: root
          anonuid:
            description: The user that stands for a replaced one.
            type: int
            default: 65534
          anongid:
            description: The group that stands for a replaced one.
            type: int
            default: 65534
          privileged_port:
            description: Whether the client must use a port below 1024, as only its root can.
            type: bool
            default: true
      security:
        description: How clients prove who their users are. NFS-Ganesha, which is set up without Kerberos, takes V(sys)
          alone.
        type: str
        choices: [sys, krb5, krb5i, krb5p]
        default: sys
      owner:
        description: Name or number of the user who owns the directory. Untouched if not given.
        type: str
      group:
        description: Name or number of the directory's group. Untouched if not given.
        type: str
      mode:
        description: The directory's mode, an octal string such as V('0755'). Untouched if not given.
        type: raw
  exclusive:
    description: Whether exports that are not listed go. Those of the server's other configuration files stay.
    type: bool
    default: false
  implementation:
    description:
      - Which NFS server it is.
      - V(auto) takes NFS-Ganesha where it alone runs or is installed, or where the kernel has no NFS server; else the
        kernel's.
    type: str
    choices: [auto, kernel, ganesha]
    default: auto
  file:
    description:
      - The exports file, which this module owns as a whole. One that it did not write is refused.
      - Default is C(/etc/exports.d/hydra.exports) for the kernel and C(/etc/ganesha/exports.conf) for NFS-Ganesha,
        whose C(/etc/ganesha/ganesha.conf) must include it.
    type: path
  timeout:
    description: How long to wait for the server to answer and to take the exports over, in seconds.
    type: int
    default: 30
attributes:
  check_mode:
    support: full
    description: Says what would change without changing anything; works before the server is installed.
  diff_mode:
    support: full
    description: Shows the exports file, the live table and the directories, before and after.
"""

EXAMPLES = r"""
- name: Export the students' volumes to the cluster
  hydra.swarm.nfs_export:
    exclusive: true
    exports:
      - path: /exports/student-volumes
        mode: "0755"
        clients:
          - {host: 172.30.0.0/16, squash: none}

- name: Stop exporting a directory, which stays
  hydra.swarm.nfs_export:
    exports:
      - {path: /exports/old, state: absent}

- name: See what is exported, and how full it is
  hydra.swarm.nfs_export:
  register: nfs
"""

RETURN = r"""
exports:
  description: The live table after the task (in check mode, as it would be), with exports of other files.
  returned: success
  type: list
  elements: dict
  sample:
    - path: /exports/student-volumes
      clients:
        - {host: 172.30.0.0/16, access: rw, squash: none, anonuid: 65534, anongid: 65534, privileged_port: true,
           security: sys}
usage:
  description: For each exported directory, how full the file system is that it lies on.
  returned: success
  type: dict
  sample: {"/exports/student-volumes": {"size_bytes": 1000000, "used_bytes": 400000, "free_bytes": 600000}}
implementation:
  description: Which NFS server it is.
  returned: success
  type: str
  sample: ganesha
file:
  description: The exports file.
  returned: success
  type: str
  sample: /etc/ganesha/exports.conf
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common import world_wait
from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError
from ..module_utils.server import nfs
from ..module_utils.storage import exports as core
from ..module_utils.storage import world_exports
from ..module_utils.storage.export_options import EXPORT

ARGUMENTS = {
    "exports": {"type": "list", "elements": "dict", "default": [], "options": EXPORT},
    "exclusive": {"type": "bool", "default": False},
    "implementation": {"type": "str", "choices": list(nfs.IMPLEMENTATIONS), "default": "auto"},
    "file": {"type": "path"},
    "timeout": {"type": "int", "default": 30},
}


def run(module: Any) -> dict[str, Any]:
    params = module.params
    hosts = {client["host"] for item in params["exports"] for client in item["clients"] or []}
    addresses = world_exports.addresses(filter(core.is_name, hosts))
    request = core.read_request(params["exports"], params["exclusive"], addresses)

    server = world_exports.find(params["implementation"], params["timeout"])
    file = params["file"] or server.default_file
    mounts = world_exports.read("/proc/self/mounts") or ""
    state = core.State(
        file=world_exports.read(file),
        live=server.live(),
        foreign=server.foreign(file),
        directories={path: world_exports.look(path, wanted) for path, wanted in request.directories.items()},
        filesystems={path: core.filesystem(path, mounts) for path in request.exports},
        below={path: core.mounts_below(path, mounts) for path in request.exports},
    )
    change = core.plan(server.form, file, state, request)

    def apply() -> dict[str, Any]:
        if change.after["live"]:
            server.demand()
        for path, wanted in change.after["directories"].items():
            if wanted != change.before["directories"][path]:
                world_exports.furnish(path, wanted)
        if change.after["file"] != change.before["file"]:
            world_exports.write(file, "".join(f"{line}\n" for line in change.after["file"]))
        lost = [path for path, found in state.directories.items() if found is None and path in state.live]
        server.reload(lost)

        def taken_over() -> tuple[core.Exports | None, str]:
            live = server.live()
            lacking = core.missing(live, change)
            return (None if lacking else live), f"{lacking}; the server's own log says why"

        return {
            "live": world_wait.until(f"the {server.name} NFS server to take {file} over", taken_over, params["timeout"])
        }

    result = converge(module, change, apply)
    live = result.pop("live", core.foreseen(state.live, change))
    paths = sorted(live)
    return {
        **result,
        "exports": [{"path": path, "clients": core.plain(live[path])} for path in paths],
        "usage": {path: used for path in paths if (used := world_exports.usage(path))},
        "implementation": server.name,
        "file": file,
    }


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
