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
  - Says which kind of server works here, which programs are missing, whether the servers' disk is built, and which
    servers run.
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
  gateway:
    description: This computer's address on their network with the length of its prefix, like V(172.27.0.1/24).
    type: str
    required: true
  backend:
    description: The kind of server; V(auto) is V(container) where an engine answers that can run them, else V(qemu)
      where this computer virtualises in hardware, and else V(uml). A lab that is there keeps its kind.
    type: str
    choices: [auto, container, uml, qemu]
    default: auto
  engine:
    description: What M(hydra.swarm.engine_info) returned for the servers' image and the cluster that bears the lab's
      name.
    type: dict
    default: {answers: false}
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
    gateway: 172.27.0.1/24
    guests:
      - {name: one, address: 172.27.0.10}
  register: lab
"""

RETURN = r"""
backend: {description: 'V(container), V(uml) or V(qemu).', type: str, returned: always}
problem: {description: 'Why such servers cannot be made here; empty, they can.', type: str, returned: always}
works:
  description: The kinds that work here as far as it shows, the best first.
  type: list
  elements: str
  returned: always
missing: {description: Programs that are needed and not here., type: list, elements: str, returned: always}
base:
  description: The built disk, or image, and whether it is there; with a disk, the kernel it starts with.
  type: dict
  returned: always
  contains:
    folder: {description: Its folder; of an image its name., type: str, returned: always}
    present: {description: Whether it is built., type: bool, returned: always}
    broken: {description: Whether there is one that was cut off half-way., type: bool, returned: for a disk}
    disk: {description: The disk., type: str, returned: for a disk}
    kernel: {description: The kernel., type: str, returned: for a disk}
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

from ..module_utils.common.errors import HydraError, Refusal
from ..module_utils.lab import container
from ..module_utils.lab.kinds import NEEDS, Here, choose, problem, works
from ..module_utils.lab.servers import Guest, Lab, check
from ..module_utils.lab.world import Servers, has_kvm, kind_there, processor_flags
from ..module_utils.lab.world_disk import whole
from ..module_utils.machine.recipe import tag
from ..module_utils.machine.world_recipe import contents


def run(module: AnsibleModule) -> dict[str, Any]:
    given, engine = module.params, module.params["engine"]
    here = _here(engine)
    there = "container" if engine.get("machines") else kind_there(Path(given["folder"]))
    backend = choose(given["backend"], there, here)
    lab = Lab(given["lab"], given["folder"], _interface(given["gateway"]), backend, 0)
    guests = [Guest(guest["name"], guest["address"]) for guest in given["guests"]]
    check(lab, guests)
    servers = Servers(lab, {}, (0, 0))
    if backend == "container":
        seen = container.seen(guests, lab.name, engine.get("machines", ()))
        # An engine that does not answer has told of no image.
        image = engine.get("image") or {"name": "", "present": False}
        base = {"folder": image["name"], "present": image["present"]}
    else:
        seen = [servers.look(guest) for guest in guests]
        base = _base(given, backend)
    ways = {} if engine.get("routed", True) else {one.name: container.through(lab.name, one.name) for one in seen}
    return {
        "backend": backend,
        "problem": problem(lab.name, given["backend"], there, here),
        "works": works(here),
        "missing": [program for program in NEEDS[backend] if not shutil.which(program)],
        "base": base,
        "neighbours": servers.neighbours(),
        "taps": [lab.tap(one.name) for one in seen],
        "guests": [
            {
                "name": one.name,
                "address": one.address,
                "state": one.state,
                "ssh": one.state == "running" and servers.greets(one, ways.get(one.name, "")),
            }
            for one in seen
        ],
    }


def _here(engine: dict[str, Any]) -> Here:
    silent = "" if engine["answers"] or engine.get("installable", True) else engine["reason"]
    return Here(engine["answers"], silent, engine.get("unfit", ""), processor_flags(), has_kvm())


def _interface(gateway: str) -> IPv4Interface:
    try:
        return IPv4Interface(gateway)
    except ValueError as error:
        raise Refusal(f"gateway {error}: write an address with its prefix, like 172.27.0.1/24") from None


def _base(given: dict[str, Any], backend: str) -> dict[str, Any]:
    name = tag({**contents(given["recipe"]), "/with": f"{backend} {given['release']}".encode()})
    folder = Path(given["cache"]) / name
    files = {"disk": "disk.ext4", "kernel": "kernel", "initrd": "initrd.img"}
    return {
        "folder": str(folder),
        "present": whole(folder),
        "broken": folder.exists() and not whole(folder),
        **{what: str(folder / file) for what, file in files.items()},
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "lab": {"type": "str", "required": True},
            "folder": {"type": "path", "required": True},
            "guests": {"type": "list", "elements": "dict", "required": True},
            "gateway": {"type": "str", "required": True},
            "backend": {"type": "str", "choices": ["auto", "container", "uml", "qemu"], "default": "auto"},
            "engine": {"type": "dict", "default": {"answers": False}},
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
