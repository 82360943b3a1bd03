#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Put an archive's parts back on this machine."""

from __future__ import annotations

DOCUMENTATION = r"""
module: swarm_restore
short_description: Put a swarm's state and exported directories back from a sealed archive
version_added: 0.1.0
description:
  - Runs on the manager whose state the archive has, on an NFS server, or on one that is both.
  - All checksums are read, and the key is tried, before anything is touched.
  - The raft state is put into the engine's folder, and the engine makes a swarm of it whose only manager it is,
    with the same ID, nodes, services, configs, secrets and keys. It is not restarted. That other managers are
    unreachable does not matter.
  - Workers that know the swarm come back by themselves, since its keys are the same. Other managers are no managers any
    more, and join anew.
  - Directories are unpacked over what is there; files that the archive does not have stay.
  - A swarm, the data of one, and a directory that is not empty are only overwritten with O(force).
options:
  archive:
    description: The archive, on this machine. Without one, this machine only leaves its swarm, which takes O(force).
    type: path
  key_file:
    description:
      - The file with the secret key of age or SSH, on the control host, where it is read. Never shown, returned or
        logged.
    type: path
  identity:
    description: The secret key itself, in the place of O(key_file).
    type: str
  swarm:
    description: Whether to put the swarm's state back here.
    type: bool
    default: true
  address:
    description: This manager's address.
    type: str
    default: ""
  exports:
    description: The directories that are to be put back here, of those that the archive has.
    type: list
    elements: str
    default: []
  force:
    description: Whether what is there may be overwritten. A swarm that this engine is in is left first.
    type: bool
    default: false
  timeout:
    description: Seconds to wait for the engine to be a manager of the swarm.
    type: int
    default: 60
attributes:
  check_mode:
    description: Refuses what would be refused, and touches nothing.
    support: full
  diff_mode:
    description: Shows the swarm before and after.
    support: full
seealso:
  - module: hydra.swarm.swarm_backup
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Put the swarm back
  hydra.swarm.swarm_restore:
    archive: /var/tmp/hydra-20261130T220102Z.backup.tar
    key_file: ~/hydra-backup.key
    address: 192.0.2.10
"""

RETURN = r"""
swarm_id: {description: The ID of the swarm that was put back., returned: with a swarm, type: str}
exports: {description: The directories that were put back., returned: success, type: list, elements: str}
taken: {description: "When the archive was made, in seconds since 1970.", returned: with an archive, type: int}
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.backup import keys, manifest, world_archive, world_look, world_raft, world_seal
from ..module_utils.common import world_wait
from ..module_utils.common.change import Change
from ..module_utils.common.converge import converge
from ..module_utils.common.errors import EngineError, HydraError, Refusal
from ..module_utils.engine import world_swarm
from ..module_utils.engine.world import Engine
from ..module_utils.swarm.world_membership import PORT

ARGUMENTS = {
    "archive": {"type": "path"},
    "key_file": {"type": "path"},
    "identity": {"type": "str", "no_log": True},
    "swarm": {"type": "bool", "default": True},
    "address": {"type": "str", "default": ""},
    "exports": {"type": "list", "elements": "str", "default": []},
    "force": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 60},
}


def run(module: Any, engine: Engine | None = None) -> dict[str, Any]:
    params, engine = module.params, engine or Engine()
    look = world_look.look(engine if params["swarm"] else None, params["exports"])
    if not params["archive"]:
        return _left(module, engine, look)
    world_seal.require()
    identity = keys.identity(params["identity"] or "", "the key")
    told = world_archive.checked(params["archive"])
    wanted = [part for part in told["parts"] if part["kind"] == "data" and part["path"] in params["exports"]]
    swarm = told.get("swarm") if params["swarm"] else None
    taken = manifest.occupied({**told, "swarm": swarm}, {"this machine": look})
    if taken and not params["force"]:
        raise Refusal(f"nothing was touched: {'; '.join(taken)}; FORCE=1 (option force) overwrites it")
    if swarm and swarm["address"] != params["address"]:
        raise Refusal(
            f"nothing was touched: the swarm of the archive lives at {swarm['address']}, not at {params['address']}"
        )
    state = _opened(params["archive"], told, identity) if swarm else None
    for part in wanted[:1]:
        world_seal.try_key(world_archive.part(params["archive"], part["file"]), identity)

    def apply() -> None:
        if state and swarm:
            _put_back(engine, look, state, swarm, params)
        for part in wanted:
            os.makedirs(part["path"], mode=0o755, exist_ok=True)
            world_seal.open_directory(world_archive.part(params["archive"], part["file"]), identity, part["path"])

    after = {"swarm_id": swarm["id"] if swarm else "", "exports": [part["path"] for part in wanted]}
    result = converge(module, Change({"swarm_id": look.get("swarm_id", ""), "exports": None}, after), apply)
    return {**result, **after, "taken": told["taken"]}


def _opened(archive: str, told: dict[str, Any], identity: str) -> tuple[dict[str, tuple[int, bytes]], dict[str, Any]]:
    part = next(one for one in told["parts"] if one["kind"] == manifest.SWARM)
    return world_raft.unpack(world_seal.open_part(world_archive.part(archive, part["file"]), identity))


def _left(module: Any, engine: Engine, look: dict[str, Any]) -> dict[str, Any]:
    """A manager that is not the one whose state is put back makes room for it: two cannot have the same swarm."""
    if look["state"] != "inactive" and not module.params["force"]:
        raise Refusal("nothing was touched: this machine is in a swarm; FORCE=1 (option force) takes it out of it")
    change = Change({"state": look["state"]}, {"state": "inactive"})
    return {**converge(module, change, lambda: engine.post("/swarm/leave", force=True)), "exports": []}


def _put_back(
    engine: Engine,
    look: dict[str, Any],
    state: tuple[dict[str, tuple[int, bytes]], dict[str, Any]],
    swarm: dict[str, Any],
    params: dict[str, Any],
) -> None:
    copy, description = state
    if look["state"] != "inactive":
        engine.post("/swarm/leave", force=True)
    world_raft.put(copy, look["folder"])
    body = {"ListenAddr": f"0.0.0.0:{PORT}", "AdvertiseAddr": params["address"], "ForceNewCluster": True, "Spec": {}}
    try:
        engine.post("/swarm/init", body)
        found = _awaited(engine, swarm["id"], params["timeout"])
    except HydraError as error:
        raise EngineError(
            f"the engine made no swarm of the archive's state: {error}; what it was given is in {look['folder']}, and "
            "the archive is unchanged: mend the reason, then restore again with FORCE=1"
        ) from error
    if missing := manifest.lacking(description, found):
        raise EngineError(f"the swarm is back, but lacks what it had when it was copied: {'; '.join(missing)}")


def _awaited(engine: Engine, swarm_id: str, timeout: float) -> dict[str, Any]:
    """What the swarm has, once its manager leads it."""

    def look() -> tuple[dict[str, Any] | None, str]:
        seen = engine.get("/info")["Swarm"]
        if not seen.get("ControlAvailable"):
            return None, f"{seen.get('LocalNodeState')} {seen.get('Error') or ''}".strip()
        try:
            found = manifest.described(world_swarm.read(engine, everything=True))
        except EngineError as error:  # it is not the leader yet
            return None, str(error)
        if seen["Cluster"]["ID"] != swarm_id:
            raise EngineError(f"it made swarm {seen['Cluster']['ID']}, and the archive's is {swarm_id}")
        return found, ""

    return world_wait.until("the engine to lead the swarm of the archive", look, timeout)


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
