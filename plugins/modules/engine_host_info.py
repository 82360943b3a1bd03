#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The Docker Engine of a server, and what would have to be installed for one."""

from __future__ import annotations

DOCUMENTATION = r"""
module: engine_host_info
short_description: The Docker Engine of a server, its packages, and its place in the swarm
version_added: 0.1.0
description:
  - Tells in one look whether an engine is installed and from where, whether it answers, whether it is in a swarm, and
    which packages have to be installed for what is wanted.
  - Changes nothing, and needs nothing but Python. Offers of packages are those of the last C(apt-get update).
author: "The hydra.swarm authors (@hydra-swarm)"
options:
  source:
    description: The engine that is wanted, the distribution's (docker.io) or Docker's own (docker-ce).
    type: str
    choices: [distribution, docker]
    default: distribution
  version:
    description: The version that is wanted, in full or its first parts (V(28.5)); empty is any.
    type: str
    default: ""
  latest:
    description: Whether the newest of that version is wanted, or one that is there is good enough.
    type: bool
    default: false
  packages:
    description: The packages to install; empty are the usual ones of the system and source.
    type: list
    elements: str
    default: []
  socket:
    description: The Unix socket of the machine's Docker Engine.
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
- name: See what an upgrade to 28.5 would install
  hydra.swarm.engine_host_info:
    version: "28.5"
    latest: true
  register: look

- name: Say it
  ansible.builtin.debug:
    msg: "{{ look.plan.problem or (look.plan.from ~ ' -> ' ~ look.plan.to) }}"
"""

RETURN = r"""
os:
  description:
    - The system's C(family) (debian, redhat or empty), C(id), C(major) version, C(codename), C(name) and
      C(architecture).
  returned: always
  type: dict
  sample: {family: debian, id: debian, major: "13", codename: trixie, name: Debian 13, architecture: amd64}
engine:
  description:
    - Where dockerd is (C(program)), the C(source) it came from (distribution, docker, other or none), the C(version)
      that answers, the C(error) if none does.
    - C(swarm) has the C(state) (inactive, active, pending, locked, error, or unknown where the engine is down), the
      C(node_id), and whether the node is a C(manager) that answers, and the C(leader).
  returned: always
  type: dict
  sample:
    program: /usr/sbin/dockerd
    source: distribution
    version: 26.1.5+dfsg1
    error: ""
    swarm: {state: active, node_id: y7cdnqzl0q1kbrtr2w0zznr2g, manager: true, leader: true}
faults:
  description:
    - What is wrong with the server's network although its engine answers, as M(hydra.swarm.node_info) tells it.
  returned: always
  type: list
  elements: dict
  sample: []
systemd:
  description: Whether systemd runs here.
  returned: always
  type: bool
enabled:
  description: Whether systemd starts the engine at boot.
  returned: always
  type: bool
plan:
  description:
    - C(conflict) says why that source is impossible here, C(problem) why the version is.
    - C(packages) is what to install, with versions; empty is nothing. C(from) and C(to) are the engine's version now
      and then. C(stale) is whether another program runs than the one installed, C(off_version) whether the installed
      one is not of the wanted version, C(unheld) are the engine's packages that any upgrade of the system would change.
  returned: always
  type: dict
  sample:
    conflict: ""
    problem: ""
    packages: [docker.io=28.5.2+dfsg4-5, docker-cli=28.5.2+dfsg4-5, iptables]
    from: 26.1.5+dfsg1-9+b9
    to: 28.5.2+dfsg4-5
    stale: false
    off_version: true
    unheld: []
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.errors import HydraError
from ..module_utils.engine import packages, world_host
from ..module_utils.engine.world import DEFAULT_SOCKET
from ..module_utils.machine import world_network
from ..module_utils.machine.network_faults import faults


def run(module: Any) -> dict[str, Any]:
    params = module.params
    engine = world_host.engine(params["socket"])
    seen = world_host.packages(engine["version"], params["version"], params["latest"])
    return {
        "changed": False,
        "os": {**seen.os, "architecture": world_host.architecture()},
        "engine": {"program": seen.program, "source": packages.source_of(seen), **engine},
        "faults": [] if engine["error"] else faults(world_network.look()),
        **world_host.systemd(),
        "plan": packages.plan(seen, params["source"], params["version"], params["latest"], params["packages"]),
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "source": {"type": "str", "choices": ["distribution", "docker"], "default": "distribution"},
            "version": {"type": "str", "default": ""},
            "latest": {"type": "bool", "default": False},
            "packages": {"type": "list", "elements": "str", "default": []},
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
