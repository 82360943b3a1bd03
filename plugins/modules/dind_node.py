#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Machines of a development Swarm, as containers."""

from __future__ import annotations

DOCUMENTATION = r"""
module: dind_node
short_description: Machines of a development Swarm, as containers
version_added: 0.1.0
description:
  - Makes, changes, starts, stops and removes the machines of one cluster on this host's Docker Engine. A machine is a
    container with a fixed address that runs a Docker Engine of its own (a node), an NFS server, or systemd and SSH (a
    server).
  - All machines are handled at the same time, and all input is checked before the first one is touched.
  - Waits until what every started machine runs, such as its B(inner) engine, answers.
  - A container is only made anew when something differs that cannot be changed in place; C(reasons) says what. The
    machine's data is in a named volume and survives that.
  - Which container is which machine is told by the owner label and the volume with its data. One that somebody
    renamed gets its name back, and there is never a second one on the same volume.
  - What runs in a machine and was stopped (SIGSTOP) goes on; a machine whose engine answers no more, or whose network
    is not as its engine left it, is started anew.
  - Containers, networks and volumes that do not carry the cluster's owner label are never changed or removed.
options:
  cluster:
    description: Name of the cluster; the value of the owner label C(hydra.swarm.cluster) on all that it makes.
    type: str
    required: true
  state:
    description:
      - V(started) makes what is missing and waits until it is ready.
      - V(present) makes what is missing and starts nothing.
      - V(stopped) stops what runs; machines that do not exist are left alone.
      - V(absent) removes the machines, and with O(purge) their volumes.
    type: str
    choices: [started, present, stopped, absent]
    default: started
  nodes:
    description: The machines. With O(state=stopped) and O(state=absent), leaving it out means all of the cluster, also
      those that no inventory knows any more; O(state=absent) then removes the network too.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the container and its host name.
        type: str
        required: true
      address:
        description: IPv4 address on O(network); needed to make the machine.
        type: str
      address_is_final:
        description: Refuse to give an existing machine another address, as for a manager, whose address is part of its
          swarm.
        type: bool
        default: false
      service:
        description:
          - What the machine runs, a Docker Engine or an NFS server; or V(server), systemd and SSH, to be administered
            like any other server.
          - A server changes nothing of this host. The kernel settings that it would share are read-only, it cannot set
            the clock, and has no devices but those of every container.
        type: str
        choices: [engine, nfs, server]
        default: engine
      hostname:
        description: Its host name, which the other machines know it by too; the default is its name.
        type: str
      environment:
        description: Environment variables for what it starts with.
        type: dict
      ports:
        description: Published ports, each as V([[ADDRESS:]HOST:]CONTAINER[/PROTOCOL]).
        type: list
        elements: str
        default: []
      settings:
        description: The inner engine's C(daemon.json); a change restarts the machine. Left out, the file is left alone.
        type: dict
      containers:
        description:
          - What the containers of its engine may not reach, besides the machine itself and link-local addresses. Left
            out, they may reach everything. A change makes the machine anew.
          - This host's own addresses are closed as well, as they are when the machine is asked whether it is ready.
          - The swarm's ports and NFS are closed whatever is opened.
        type: dict
        suboptions:
          closed:
            description: Addresses and networks, such as the subnet of the machines.
            type: list
            elements: str
            default: []
          reach:
            description: What of that is open all the same, as the option C(containers_reach) of the
              M(hydra.swarm.firewall_rules) module.
            type: list
            elements: raw
            default: []
      cpus:
        description: Number of CPUs the machine may use; V(0) is no limit.
        type: float
        default: 0
      memory:
        description: Memory the machine may use, like V(2g); V(0) is no limit.
        type: str
        default: "0"
      volume:
        description: Named volume for its data (the engine's C(/var/lib/docker), the NFS server's C(/exports), a
          server's C(/disk)). The default is the machine's name with C(-data).
        type: str
      mounts:
        description: Named volumes it shares with other machines.
        type: list
        elements: dict
        default: []
        suboptions:
          volume:
            description: Name of the volume.
            type: str
            required: true
          path:
            description: Where it is mounted.
            type: str
            required: true
  image:
    description: Image of the machines; needed to make one.
    type: str
  network:
    description: The network between the machines, made when it is missing; needed to make a machine.
    type: dict
    suboptions:
      name:
        description: Name of the Docker network.
        type: str
        required: true
      subnet:
        description: Its IPv4 subnet, which must not overlap another Docker network or a route of the host.
        type: str
        required: true
      gateway:
        description: The host's address in it. The default is the subnet's first address.
        type: str
  bind_address:
    description: Address of the host that published ports are bound to when a port does not name one.
    type: str
    default: 127.0.0.1
  privileges:
    description: V(full) gives every capability, V(reduced) all but SYS_RESOURCE, which an engine that lacks it itself
      cannot give. V(auto) gives what this host has.
    type: str
    choices: [auto, full, reduced]
    default: auto
  purge:
    description: With O(state=absent), remove the volumes too. What is in them is lost.
    type: bool
    default: false
  min_free_gb:
    description: Free disk space, in GiB, that must be there before a machine is made.
    type: float
    default: 3
  timeout:
    description: Seconds a machine may take to be ready.
    type: int
    default: 90
  keep_going:
    description: With O(state=started), a machine that cannot be made, started or mended is told of in C(troubles) and
      fails nothing, as long as there is another one; left out, the task fails once all others are done.
    type: bool
    default: false
attributes:
  check_mode:
    description: Checks everything, changes nothing.
    support: full
  diff_mode:
    description: Shows every machine before and after.
    support: full
requirements: ["Docker SDK for Python", "Docker Engine 20.10 or later"]
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Two nodes, one of them reachable from this computer
  hydra.swarm.dind_node:
    cluster: hydra
    image: hydra-swarm/node:0f1e2d3c4b5a
    network: {name: hydra, subnet: 172.30.0.0/16}
    nodes:
      - {name: hydra-node, address: 172.30.0.10, ports: ["80", "8080"], memory: 4g}
      - {name: chimera-node, address: 172.30.0.20, settings: {node-generic-resources: ["NVIDIA-GPU=GPU-aaaa1111"]}}

- name: Stop every machine of the cluster and keep what is in it
  hydra.swarm.dind_node:
    cluster: hydra
    state: stopped

- name: Remove the cluster and its data
  hydra.swarm.dind_node:
    cluster: hydra
    state: absent
    purge: true
"""

RETURN = r"""
nodes:
  description: Every machine named, with what was done to it.
  returned: always
  type: list
  elements: dict
  contains:
    name: {description: Its name., type: str, returned: always}
    address: {description: Its IPv4 address., type: str, returned: when it is known}
    state: {description: "absent, created, running or stopped.", type: str, returned: always}
    actions: {description: "What was done, in order.", type: list, elements: str, returned: always}
    reasons: {description: What differed., type: list, elements: str, returned: always}
troubles:
  description: Why a machine could not be made, started or mended, by its name.
  returned: always
  type: dict
  sample: {chimera-node: "start: no space left on device"}
engines:
  description: What each started machine's inner engine says of itself, by the machine's name; or its C(trouble).
  returned: when a machine was started
  type: dict
  sample: {hydra-node: {version: 26.1.5, swarm: active, node_id: komvo54u8x6rget6zerh1365b}}
kernel:
  description: "What the kernel offers: ipvs and nfs_client (booleans), cgroup (1 or 2)."
  returned: when a machine was started
  type: dict
  sample: {ipvs: false, nfs_client: false, cgroup: 1}
host_keys:
  description: The public SSH host key of each started server, by the machine's name.
  returned: when a server was started
  type: dict
  sample: {lab-one: ssh-ed25519 AAAA}
removed:
  description: Names of the networks and volumes removed.
  returned: always
  type: dict
  sample: {networks: [hydra], volumes: [hydra-node-data]}
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.errors import HydraError
from ..module_utils.machine.world_task import run

_MOUNT = {"volume": {"type": "str", "required": True}, "path": {"type": "str", "required": True}}
_CONTAINERS = {
    "closed": {"type": "list", "elements": "str", "default": []},
    "reach": {"type": "list", "elements": "raw", "default": []},
}
_NODE = {
    "name": {"type": "str", "required": True},
    "address": {"type": "str"},
    "address_is_final": {"type": "bool", "default": False},
    "service": {"type": "str", "choices": ["engine", "nfs", "server"], "default": "engine"},
    "hostname": {"type": "str"},
    "environment": {"type": "dict"},
    "ports": {"type": "list", "elements": "str", "default": []},
    "settings": {"type": "dict"},
    "containers": {"type": "dict", "options": _CONTAINERS},
    "cpus": {"type": "float", "default": 0},
    "memory": {"type": "str", "default": "0"},
    "volume": {"type": "str"},
    "mounts": {"type": "list", "elements": "dict", "default": [], "options": _MOUNT},
}
_NETWORK = {
    "name": {"type": "str", "required": True},
    "subnet": {"type": "str", "required": True},
    "gateway": {"type": "str"},
}
ARGUMENTS = {
    "cluster": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["started", "present", "stopped", "absent"], "default": "started"},
    "nodes": {"type": "list", "elements": "dict", "options": _NODE},
    "image": {"type": "str"},
    "network": {"type": "dict", "options": _NETWORK},
    "bind_address": {"type": "str", "default": "127.0.0.1"},
    "privileges": {"type": "str", "choices": ["auto", "full", "reduced"], "default": "auto"},
    "purge": {"type": "bool", "default": False},
    "min_free_gb": {"type": "float", "default": 3},
    "timeout": {"type": "int", "default": 90},
    "keep_going": {"type": "bool", "default": False},
}
REQUIRED_IF = [("state", state, ("nodes", "image", "network")) for state in ("started", "present")]


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, required_if=REQUIRED_IF, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
