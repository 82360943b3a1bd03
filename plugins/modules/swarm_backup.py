#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Copy this machine's part of a cluster into a sealed archive."""

from __future__ import annotations

DOCUMENTATION = r"""
module: swarm_backup
short_description: Copy a swarm's state and exported directories into a sealed archive
version_added: 0.1.0
description:
  - Runs on a manager, on an NFS server, or on one that is both, and makes one archive of what it has to keep.
  - Of a manager that is the raft state with its keys, in which nodes, labels, networks, stacks, configs and secrets
    are. The engine's process is stopped by a signal while its files are read, for less than a second as a rule, and
    goes on in any case; containers run on.
  - Of an NFS server those are directories with all that is in them, packed by GNU tar with the numbers of owners, modes
    and ACLs. They are read while they are in use; quotas are no part of it.
  - All parts are sealed by the program C(age) to public keys, so nobody can open them here.
  - An autolocked swarm is refused, since no engine makes a swarm of its copy (moby issue 36852).
options:
  cluster:
    description: The cluster's name.
    type: str
    required: true
  folder:
    description: Where the archive is written, a directory that exists. Its owner gets the archive.
    type: path
    required: true
  recipients:
    description: Public keys of age or SSH that it is sealed to.
    type: list
    elements: str
    required: true
  swarm:
    description: Whether to copy the swarm's state.
    type: bool
    default: true
  address:
    description: With O(swarm), the manager's address, at which alone the copy can live.
    type: str
    default: ""
  exports:
    description: Directories to copy.
    type: list
    elements: str
    default: []
  inventory:
    description: A fingerprint of the inventory, kept in the archive.
    type: str
    default: ""
  keep:
    description: How many archives of the cluster stay in O(folder); 0 keeps all.
    type: int
    default: 0
  record:
    description: Whether the time is written into the swarm, as its label C(hydra.swarm.backup).
    type: bool
    default: true
attributes:
  check_mode:
    description: Refuses what would be refused, and copies nothing.
    support: full
  diff_mode:
    description: Shows the archive that is made.
    support: full
seealso:
  - module: hydra.swarm.swarm_restore
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Copy the swarm and the students' directories
  hydra.swarm.swarm_backup:
    cluster: hydra
    folder: /var/backups/hydra-swarm
    recipients: [age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p]
    address: 192.0.2.10
    exports: [/exports/student-volumes]
    keep: 14
"""

RETURN = r"""
archive: {description: The archive., returned: success, type: str}
bytes: {description: Its size., returned: not in check mode, type: int}
taken: {description: "When, in seconds since 1970.", returned: not in check mode, type: int}
stood_still: {description: Seconds in which the engine stood still., returned: with a swarm, type: float}
notes: {description: What is not as it should be in the copy., returned: not in check mode, type: list, elements: str}
removed: {description: Older archives that went., returned: not in check mode, type: list, elements: str}
"""

import os
import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.backup import keys, manifest, world_archive, world_raft, world_record, world_seal
from ..module_utils.common.change import Change
from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError, Refusal
from ..module_utils.engine import world_swarm
from ..module_utils.engine.world import Engine
from ..module_utils.swarm.world import Swarm

ARGUMENTS = {
    "cluster": {"type": "str", "required": True},
    "folder": {"type": "path", "required": True},
    "recipients": {"type": "list", "elements": "str", "required": True},
    "swarm": {"type": "bool", "default": True},
    "address": {"type": "str", "default": ""},
    "exports": {"type": "list", "elements": "str", "default": []},
    "inventory": {"type": "str", "default": ""},
    "keep": {"type": "int", "default": 0},
    "record": {"type": "bool", "default": True},
}


def run(module: Any, engine: Engine | None = None) -> dict[str, Any]:
    params = module.params
    recipients = keys.recipients(params["recipients"], "", "")
    world_seal.require()
    if not os.path.isdir(params["folder"]):
        raise Refusal(f"there is no folder {params['folder']} to write the backup to: make it, or name another")
    for path in params["exports"]:
        if not os.path.isdir(path):
            raise Refusal(
                f"there is no directory {path}, which is to be copied: run swarm-up, which makes what is exported"
            )
    engine = engine or Engine()
    info = _manager(engine) if params["swarm"] else {}
    taken = int(time.time())
    path = os.path.join(params["folder"], manifest.file_name(params["cluster"], world_archive.stamp(taken)))

    def apply() -> dict[str, Any]:
        made = _copied(params, engine, info, recipients, taken, path)
        if info and params["record"]:
            world_record.record(engine, taken)
        return {**made, "removed": world_archive.retain(params["folder"], params["cluster"], params["keep"])}

    result = converge(module, Change({"archive": ""}, {"archive": path}), apply)
    return {**result, "archive": path}


def _manager(engine: Engine) -> dict[str, Any]:
    """What GET /info says of a manager whose copy can be brought back."""
    Swarm(engine).require_manager()
    spec = engine.get("/swarm")["Spec"]
    if (spec.get("EncryptionConfig") or {}).get("AutoLockManagers"):
        raise Refusal(
            "this swarm is autolocked, and no engine makes a swarm of the copy of a locked one (moby issue 36852): "
            "turn autolock off (docker swarm update --autolock=false); the backup is sealed with a key of its own"
        )
    found: dict[str, Any] = engine.get("/info")
    return found


def _copied(
    params: dict[str, Any], engine: Engine, info: dict[str, Any], recipients: list[str], taken: int, path: str
) -> dict[str, Any]:
    notes: list[str] = []
    told: dict[str, Any] = {"made_by": "hydra.swarm", "cluster": params["cluster"], "taken": taken}
    told |= {"inventory": params["inventory"], "swarm": None}
    result: dict[str, Any] = {}
    with world_archive.Writer(path) as writer:
        if info:
            description = manifest.described(world_swarm.read(engine, everything=True))
            copy, seconds = world_raft.frozen_copy(os.path.join(info["DockerRootDir"], "swarm"))
            sealed = world_seal.seal(world_raft.pack(copy, description), recipients)
            writer.add({"kind": manifest.SWARM, "file": "swarm.tar.gz.age"}, [sealed])
            told["swarm"] = {
                "id": info["Swarm"]["Cluster"]["ID"],
                "node": info["Name"],
                "address": params["address"],
                "engine": info["ServerVersion"],
            }
            result["stood_still"] = round(seconds, 3)
        for number, directory in enumerate(params["exports"], 1):
            part = {"kind": "data", "path": directory, "file": f"data-{number}.tar.gz.age"}
            writer.add(part, world_seal.seal_directory(directory, recipients, notes))
        size = writer.finish(told)
    return {**result, "bytes": size, "taken": taken, "notes": notes}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
