#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a lab would be made with on this computer, and what there is of it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lab_info
short_description: What there is of a lab on this computer, and what making it would take
version_added: 0.1.0
description:
  - Says which kind of virtual server works here, which programs are missing, whether the servers' disk is built,
    and which servers run.
attributes:
  check_mode:
    description: Can run in check mode and say what would change, without changing it.
    support: full
  diff_mode:
    description: Shows what changed.
    support: none
options:
  lab:
    description: Name of the lab.
    type: str
    required: true
  folder:
    description: Folder with the lab's state.
    type: path
    required: true
  guests:
    description: The servers, each with C(name) and C(address).
    type: list
    elements: dict
    required: true
  backend:
    description: V(auto) is V(qemu) where this computer virtualises in hardware, and else V(uml).
    type: str
    choices: [auto, uml, qemu]
    default: auto
  recipe:
    description: Folder with the recipe of the servers' disk.
    type: path
    required: true
  release:
    description: Debian release on it.
    type: str
    required: true
  cache:
    description: Folder in which built disks are kept, each under a name that follows from what went into it.
    type: path
    required: true
seealso:
  - module: hydra.swarm.lab_guest
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Look at the lab
  hydra.swarm.lab_info:
    lab: hydra-lab
    folder: /var/lib/lab
    cache: /var/cache/lab
    recipe: files/recipe
    release: trixie
    guests:
      - {name: one, address: 172.27.0.10}
  register: lab
"""

RETURN = r"""
backend: {description: 'V(uml) or V(qemu).', type: str, returned: always}
missing: {description: Programs that are needed and not here., type: list, elements: str, returned: always}
base:
  description: The built disk, and whether it is there; with it, the kernel it starts with.
  type: dict
  returned: always
  contains:
    folder: {description: Its folder., type: str, returned: always}
    present: {description: Whether it is built., type: bool, returned: always}
    disk: {description: The disk., type: str, returned: always}
    kernel: {description: The kernel., type: str, returned: always}
    initrd: {description: The initial file system; there for V(qemu) alone., type: str, returned: always}
neighbours: {description: Whether another lab runs; it may need the built disks., type: bool, returned: always}
taps: {description: The names of the servers' interfaces on this computer., type: list, elements: str, returned: always}
guests:
  description: The servers as they are.
  type: list
  elements: dict
  returned: always
  contains:
    name: {description: Host name., type: str, returned: always}
    address: {description: IPv4 address., type: str, returned: always}
    state: {description: 'V(absent), V(stopped) or V(running).', type: str, returned: always}
    ssh: {description: Whether it answers with SSH., type: bool, returned: always}
"""

import shutil
from ipaddress import IPv4Interface
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.hydra.swarm.plugins.module_utils._core.errors import HydraError
from ansible_collections.hydra.swarm.plugins.module_utils._core.lab import PROGRAMS, Guest, Lab, choose_backend
from ansible_collections.hydra.swarm.plugins.module_utils._core.recipe import tag
from ansible_collections.hydra.swarm.plugins.module_utils._lab import (
    Servers,
    has_kvm,
    processor_flags,
)


def run(module: AnsibleModule) -> dict[str, Any]:
    given = module.params
    backend = choose_backend(given["backend"], processor_flags(), has_kvm())
    recipe = Path(given["recipe"])
    files = {str(path.relative_to(recipe)): path.read_bytes() for path in recipe.rglob("*") if path.is_file()}
    name = tag({**files, "/with": f"{backend} {given['release']}".encode()})
    folder = Path(given["cache"]) / name
    lab = Lab(given["lab"], given["folder"], IPv4Interface("0.0.0.0/0"), backend, 0)
    servers = Servers(lab, {}, (0, 0))
    seen = [servers.look(Guest(guest["name"], guest["address"])) for guest in given["guests"]]
    return {
        "backend": backend,
        "missing": [program for program in PROGRAMS[backend] if not shutil.which(program)],
        "base": {
            "folder": str(folder),
            "present": folder.is_dir(),
            **{
                what: str(folder / file)
                for what, file in {"disk": "disk.ext4", "kernel": "kernel", "initrd": "initrd.img"}.items()
            },
        },
        "neighbours": servers.neighbours(),
        "taps": [lab.tap(one.name) for one in seen],
        "guests": [
            {"name": one.name, "address": one.address, "state": one.state, "ssh": servers.greets(one)} for one in seen
        ],
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "lab": {"type": "str", "required": True},
            "folder": {"type": "path", "required": True},
            "guests": {"type": "list", "elements": "dict", "required": True},
            "backend": {"type": "str", "choices": ["auto", "uml", "qemu"], "default": "auto"},
            "recipe": {"type": "path", "required": True},
            "release": {"type": "str", "required": True},
            "cache": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(changed=False, **run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
