#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A volume of a node that shows a directory of the NFS server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_volume
short_description: A Docker volume on a node that shows a directory of the NFS server
version_added: 0.1.0
author: "The hydra.swarm authors (@hydra-swarm)"
description:
  - Defines a volume in the engine of the node it runs on. Run it on every node, and all of them see the
    same data.
  - Where the kernel has an NFS client, the volume is of type NFS. Where it has none, it is a bind onto the same path,
    at which the node must have the server's storage mounted.
  - An engine cannot change a volume. If options differ, the definition is removed and made anew, but only while nothing
    uses it. The data is on the server and is not touched, neither then nor when the volume is removed.
  - A volume of that name without our label is refused.
  - Asks the engine through its Unix socket; nothing but Python is needed on the node.
options:
  name:
    description: Name of the volume.
    type: str
    required: true
  cluster:
    description: Name of the cluster, the value of the label C(hydra.swarm.cluster).
    type: str
    required: true
  path:
    description: The directory on the server, and with a bind on the node. Needed unless O(state=absent).
    type: str
  server:
    description: The NFS server's address. Needed for NFS.
    type: str
    default: ""
  nfs_options:
    description: Mount options for NFS, without C(addr).
    type: str
    default: nfsvers=4.2,hard
  via:
    description: How the node gets at the data. V(auto) takes V(nfs) where the kernel has an NFS client, else V(bind).
    type: str
    choices: [auto, nfs, bind]
    default: auto
  labels:
    description: More labels, for a new definition. A volume that has others of these is refused.
    type: dict
    default: {}
  state:
    description: Whether the volume is defined.
    type: str
    choices: [present, absent]
    default: present
  timeout:
    description: Seconds to wait for ended containers of services, which the swarm clears away. It waits for no others.
    type: float
    default: 20
attributes:
  check_mode:
    support: full
    description: Says what would change without changing it; that something uses the volume is said as well.
  diff_mode:
    support: full
    description: Shows the definition before and after.
  idempotent:
    support: full
    description: A second run with the same options changes nothing.
"""

EXAMPLES = r"""
- name: The home directory of student1 on every node
  hydra.swarm.node_volume:
    name: student1.home
    cluster: hydra
    path: /exports/student-volumes/student1/home
    server: 172.30.0.5
"""

RETURN = r"""
driver_opts:
  description: Options of the volume's driver, as they are to be.
  returned: O(state=present)
  type: dict
  sample: {type: nfs, o: "addr=172.30.0.5,nfsvers=4.2,hard", device: ":/exports/student-volumes/student1/home"}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError
from ..module_utils.common.label_texts import label_texts
from ..module_utils.common.owner import OWNER
from ..module_utils.engine.world import Engine
from ..module_utils.machine import world_view
from ..module_utils.storage import volumes as core
from ..module_utils.storage import world_volumes

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "cluster": {"type": "str", "required": True},
    "path": {"type": "str"},
    "server": {"type": "str", "default": ""},
    "nfs_options": {"type": "str", "default": "nfsvers=4.2,hard"},
    "via": {"type": "str", "choices": ["auto", "nfs", "bind"], "default": "auto"},
    "labels": {"type": "dict", "default": {}},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "timeout": {"type": "float", "default": 20},
}
REQUIRED_IF = [("state", "present", ["path"])]


def labels_of(params: dict[str, Any]) -> dict[str, str]:
    return label_texts(params["labels"], f"volume {params['name']}")


def wanted_of(params: dict[str, Any], rehearsal: bool) -> core.Volume | None:
    if params["state"] == "absent":
        return None
    path, server, nfs_options = params["path"], params["server"], params["nfs_options"]
    core.check(params["name"], path, server, nfs_options)
    client = bool(world_view.kernel_features()["nfs_client"])
    kind = core.choose(params["via"], client, world_volumes.not_shared(path, rehearsal), server)
    labels = {**labels_of(params), OWNER: params["cluster"]}
    return core.Volume("local", core.options(kind, path, server, nfs_options), labels)


def run(module: AnsibleModule) -> dict[str, Any]:
    name, engine = module.params["name"], Engine()
    wanted = wanted_of(module.params, module.check_mode)
    found = world_volumes.find(engine, name)
    change = core.plan(name, found, wanted, module.params["cluster"], labels_of(module.params))
    if found and change.changed:
        world_volumes.require_unused(engine, name, change, 0 if module.check_mode else module.params["timeout"])

    def apply() -> None:
        if found:
            world_volumes.remove(engine, name, found.mountpoint)
        if wanted:
            world_volumes.create(engine, name, wanted)

    result = converge(module, change, apply)
    return {**result, "driver_opts": dict(wanted.options)} if wanted else result


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, required_if=REQUIRED_IF, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
