#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A server as it is before a swarm is built on it, observed in one go."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_info
short_description: What a server is and has, as far as a swarm depends on it
version_added: 0.1.0
description:
  - Observes in one task what a check before the building of a swarm needs to know of a server.
  - Changes nothing and loads nothing; no program but the package manager's and the engine's own is called.
  - The clock is compared with the control host's as NTP does it, so the time the connection takes is an uncertainty,
    and no error.
author: "The hydra.swarm authors (@hydra-swarm)"
options:
  address:
    description: The IPv4 address that the server is to have among the others.
    type: str
    required: true
  names:
    description: Host names that have to be resolved here, besides its own.
    type: list
    elements: str
    default: []
  package_sources:
    description: Whether to ask where the package manager finds its packages, one file's header for each host.
    type: bool
    default: true
  timeout:
    description: Seconds for each of those.
    type: float
    default: 8
  socket:
    description: The Unix socket of the server's Docker Engine.
    type: path
    default: /var/run/docker.sock
attributes:
  check_mode:
    support: full
    description: Reads only, so a check run does the same.
  diff_mode:
    support: none
    description: Changes nothing, so there is nothing to show.
seealso:
  - module: hydra.swarm.port_probe
  - module: hydra.swarm.node_info
"""

EXAMPLES = r"""
- name: See what the server is and has
  hydra.swarm.host_info:
    address: "{{ swarm_node_address }}"
  register: seen

- name: Say which interface the swarm will use
  ansible.builtin.debug:
    msg: "{{ seen.host.address.interface }}, MTU {{ seen.host.address.mtu }}"
"""

RETURN = r"""
host:
  description: The server.
  returned: always
  type: dict
  contains:
    hostname: {type: str, description: Its host name.}
    os:
      type: dict
      description:
        - Its distribution's C(family), C(id), the ids it is C(like), C(version), C(major) version, C(codename), and
          full C(name).
    systemd: {type: bool, description: Whether systemd runs it.}
    root: {type: bool, description: Whether this task ran as root.}
    python: {type: str, description: The version of the Python that ran it.}
    kernel:
      type: dict
      description:
        - Its C(release), the C(cgroup) version, and for each of its C(features) V(loaded), V(built in), V(loadable) or
          V(missing). The parts of its settings that are C(foreign), the host's of this container.
    nfs:
      type: dict
      description:
        - How the kernel has its NFS server (C(nfsd)), which NFS server C(runs) and which are C(installed), and whether
          root may open files by handle (C(handles)), as one in user space has to.
    memory: {type: int, description: Bytes of memory.}
    disk: {type: dict, description: 'The C(path) of the engine''s data or a parent, with bytes C(free) and C(total).'}
    address:
      type: dict
      description: The C(interface) that bears O(address) (empty; none does), its C(mtu), and C(all) addresses.
    ports: {type: list, elements: dict, description: 'Each C(port) of a swarm that is taken, and by which C(program).'}
    routes: {type: list, elements: dict, description: 'Each C(subnet) with a route of its own, and the C(interface).'}
    nameservers: {type: list, elements: str, description: The DNS servers it asks.}
    names: {type: dict, description: For each name why it cannot be resolved; empty where it can.}
    engine: {type: dict, description: 'Its C(version), whether it is C(running), and its state in a C(swarm).'}
    packages: {type: dict, description: 'The package C(manager), and each C(url) asked with its C(error).'}
    time:
      type: dict
      description:
        - The C(service) that keeps the clock, whether the kernel takes it for C(synchronised), and whether it is
          C(ours).
        - The C(offset) from the control host's clock in seconds, give or take C(uncertainty).
  sample:
    hostname: chimera
    os:
      family: debian
      id: debian
      like: []
      version: "13"
      major: "13"
      codename: trixie
      name: Debian GNU/Linux 13 (trixie)
    systemd: true
    root: true
    python: 3.13.5
    kernel: {release: 6.12.41, cgroup: 2, features: {overlay: loadable, vxlan: loadable, ip_vs: loadable}, foreign: []}
    nfs: {nfsd: loadable, runs: [kernel], installed: [kernel], handles: true}
    memory: 270553174016
    disk: {path: /var/lib/docker, free: 1073741824000, total: 2147483648000}
    address: {wanted: 192.0.2.20, interface: eno1, mtu: 1500, all: [192.0.2.20 on eno1]}
    ports: [{port: 7946/tcp, program: dockerd}]
    routes: [{subnet: 192.0.2.0/24, interface: eno1}]
    nameservers: [192.0.2.1]
    names: {chimera: ""}
    engine: {version: 26.1.5, running: "yes", swarm: active}
    packages: {manager: apt, sources: [{url: "http://deb.example.edu/debian/dists/trixie/InRelease", error: ""}]}
    time: {service: chrony, synchronised: true, ours: true, offset: 0.02, uncertainty: 0.4}
"""

import os
import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.errors import HydraError
from ..module_utils.engine.world import DEFAULT_SOCKET
from ..module_utils.server import world as server_world
from ..module_utils.server import world_clock, world_nfs, world_packages


def run(module: Any) -> dict[str, Any]:
    started, params = time.time(), module.params
    engine = server_world.engine(params["socket"])
    host = {
        **server_world.system(),
        "nfs": world_nfs.facts(),
        "engine": engine,
        "disk": server_world.disk(engine["root"]),
        "address": server_world.interface_of(params["address"]),
        "ports": server_world.ports(params["address"]),
        "names": server_world.resolved([os.uname().nodename, *params["names"]]),
        "packages": {"manager": "", "sources": []},
        "time": {**world_clock.keeping(), "offset": None, "uncertainty": None},
    }
    if params["package_sources"]:
        host["packages"] = world_packages.sources(params["timeout"])
    # The action plugin makes the offset of these.
    return {"changed": False, "host": host, "started": started, "ended": time.time()}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "address": {"type": "str", "required": True},
            "names": {"type": "list", "elements": "str", "default": []},
            "package_sources": {"type": "bool", "default": True},
            "timeout": {"type": "float", "default": 8},
            "socket": {"type": "path", "default": DEFAULT_SOCKET},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
