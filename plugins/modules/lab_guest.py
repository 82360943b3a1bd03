#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The servers of a lab on this computer."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lab_guest
short_description: Virtual servers on this computer, all at the same time
version_added: 0.1.0
description:
  - Makes virtual servers with kernels of their own from one disk that they share, starts them at the same time, and
    waits until each answers on its SSH port.
  - Each server's disk keeps what differs from the shared one. What tells a server apart (name, address, keys) is on a
    second, small disk.
  - A server that runs is left as it is, whatever disk it was made from.
  - The folder gets C(ssh_config) and C(known_hosts), with which C(ssh -F FOLDER/ssh_config NAME) works.
requirements:
  - For V(qemu), C(qemu-system-x86_64) and C(qemu-img). And C(ssh-keygen).
attributes:
  check_mode:
    description: Can run in check mode and say what would change, without changing it.
    support: full
  diff_mode:
    description: Shows the state of each server before and after.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
options:
  lab:
    description: Name of the lab; the marks on processes and the names of interfaces begin with it.
    type: str
    required: true
  folder:
    description: Folder for disks, keys and logs; it must exist.
    type: path
    required: true
  guests:
    description: The servers. With O(state=absent) all servers that have files in O(folder) go, listed or not.
    type: list
    elements: dict
    required: true
    suboptions:
      name: {description: Host name., type: str, required: true}
      address: {description: IPv4 address., type: str, required: true}
  gateway:
    description: This computer's address on their network with the length of its prefix, like V(172.27.0.1/24).
    type: str
    required: true
  backend:
    description: V(uml) is a kernel that runs as a process, V(qemu) a virtual machine, with KVM where that works.
    type: str
    choices: [uml, qemu]
    required: true
  base:
    description: Paths C(disk), the disk that all share, C(kernel), and for V(qemu) C(initrd).
    type: dict
    default: {}
  memory:
    description: Memory of each, in MiB.
    type: int
    default: 1536
  owner:
    description: IDs of the user and the group who will use the keys, like V(1000:1000).
    type: str
    default: "0:0"
  wait:
    description: Seconds until each must answer with SSH.
    type: float
    default: 240
  state:
    description: Whether the servers are to run, or to be gone with all their data.
    type: str
    choices: [running, absent]
    default: running
seealso:
  - module: hydra.swarm.lab_network
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Start two servers
  hydra.swarm.lab_guest:
    lab: hydra-lab
    folder: /var/lib/lab
    backend: uml
    base: {disk: /var/cache/lab/disk.ext4, kernel: /var/cache/lab/kernel}
    gateway: 172.27.0.1/24
    guests:
      - {name: one, address: 172.27.0.10}
      - {name: two, address: 172.27.0.20}
"""

RETURN = r"""
guests:
  description: The servers as they were found, before anything was changed.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Host name., type: str, returned: always}
    address: {description: IPv4 address., type: str, returned: always}
    state: {description: 'V(absent), V(stopped) or V(running).', type: str, returned: always}
"""

from ipaddress import IPv4Interface
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.change import Change
from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError
from ..module_utils.lab.servers import Guest, Lab, check, plan
from ..module_utils.lab.world import Servers, name_servers


def run(module: AnsibleModule) -> dict[str, Any]:
    given = module.params
    gateway = IPv4Interface(given["gateway"])
    lab = Lab(given["lab"], given["folder"], gateway, given["backend"], given["memory"], name_servers())
    guests = [Guest(guest["name"], guest["address"]) for guest in given["guests"]]
    check(lab, guests)
    user, group = (int(number) for number in given["owner"].split(":"))
    servers = Servers(lab, given["base"], (user, group))
    if given["state"] == "absent":
        guests += [Guest(name, "") for name in servers.others(guest.name for guest in guests)]
    seen = [servers.look(guest) for guest in guests]
    actions = plan(seen, given["state"])

    def apply() -> None:
        started = {}
        if given["state"] == "running":
            servers.write_shared(guests)
        for guest in guests:
            for action in actions[guest.name]:
                if action == "create":
                    servers.create(guest, guests)
                elif action == "start":
                    started[guest.name] = servers.start(guest)
                elif action == "stop":
                    servers.stop(guest.name)
                else:
                    servers.remove(guest.name)
        for guest in guests if given["state"] == "running" else []:
            servers.await_ssh(guest, given["wait"], started.get(guest.name))

    before = {guest.name: guest.state for guest in seen}
    after = {name: given["state"] if actions[name] else state for name, state in before.items()}
    found = [{"name": guest.name, "address": guest.address, "state": guest.state} for guest in seen]
    return {"guests": found, **converge(module, Change(before, after), apply)}


def main() -> None:
    guest = {"name": {"type": "str", "required": True}, "address": {"type": "str", "required": True}}
    module = AnsibleModule(
        argument_spec={
            "lab": {"type": "str", "required": True},
            "folder": {"type": "path", "required": True},
            "guests": {"type": "list", "elements": "dict", "required": True, "options": guest},
            "gateway": {"type": "str", "required": True},
            "backend": {"type": "str", "choices": ["uml", "qemu"], "required": True},
            "base": {"type": "dict", "default": {}},
            "memory": {"type": "int", "default": 1536},
            "owner": {"type": "str", "default": "0:0"},
            "wait": {"type": "float", "default": 240},
            "state": {"type": "str", "choices": ["running", "absent"], "default": "running"},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
