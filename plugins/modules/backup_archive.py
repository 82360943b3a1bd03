#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Archives of backups on the control host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_archive
short_description: Prepare, put together and check archives of backups on the control host
version_added: 0.1.0
description:
  - With O(state=wanted), checks the keys and the folder of a backup before anything is copied, and says who is to
    copy what.
  - With O(state=merged), makes one archive of those that several machines made.
  - With O(state=checked), checks an archive before it is put back; what is corrupt, cut off, of another cluster, or of
    a later version is refused, and so is one that would overwrite a living swarm or data.
options:
  state:
    type: str
    choices: [wanted, merged, checked]
    required: true
    description: What is to be done.
  cluster:
    type: str
    required: true
    description: The cluster's name.
  folder:
    type: path
    description: Where archives are kept; made if it is not there. For O(state=wanted) and O(state=merged).
  key:
    type: path
    description:
      - The file with a public key, or with a secret one as age-keygen writes it. With O(state=checked), the secret one.
  recipients:
    type: list
    elements: str
    default: []
    description: Public keys that are known besides.
  keep:
    type: int
    default: 0
    description: With O(state=merged), how many archives of the cluster stay in O(folder), the newest; 0 keeps all.
  archive:
    type: path
    description: The archive that is to be put back.
  managers:
    type: dict
    default: {}
    description: Addresses of the inventory's managers, by host.
  servers:
    type: list
    elements: str
    default: []
    description: The hosts that are NFS servers.
  exports:
    type: list
    elements: str
    default: []
    description: What the inventory exports.
  looks:
    type: dict
    default: {}
    description:
      - The result of M(hydra.swarm.backup_info) for each manager and NFS server; of one that is not there, a failure or
        nothing.
  force:
    type: bool
    default: false
    description: Whether a living swarm, and data, may be overwritten.
  inventory:
    type: raw
    description: What the inventory says of nodes and exports, for its fingerprint.
attributes:
  check_mode:
    support: full
    description: Checks, and makes neither folders nor archives.
  diff_mode:
    support: none
    description: There is nothing to show.
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Check an archive before anything is touched
  hydra.swarm.backup_archive:
    state: checked
    cluster: hydra
    archive: ~/hydra-backups/hydra-20261130T220102Z.backup.tar
    key: ~/hydra-backup.key
    managers: {hydra: 172.30.0.10}
"""

RETURN = r"""
recipients: {description: The public keys., returned: with O(state=wanted), type: list, elements: str}
partial: {description: A folder for the machines' archives., returned: with O(state=wanted), type: str}
manager:
  description: The manager whose state is copied or put back; empty for none.
  returned: wanted or checked
  type: str
archive: {description: "The archive, in full.", returned: merged or checked, type: str}
bytes: {description: Its size., returned: merged, type: int}
removed: {description: Older archives that went., returned: merged, type: list, elements: str}
manifest: {description: What it says of itself., returned: merged or checked, type: dict}
inventory: {description: The inventory's fingerprint., returned: wanted or checked, type: str}
notes: {description: What else is to be known., returned: checked, type: list, elements: str}
"""

import os
import shutil
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.backup import keys, manifest, world_archive
from ..module_utils.common.errors import HydraError, Refusal
from ..module_utils.common.world_files import read

ARGUMENTS = {
    "state": {"type": "str", "choices": ["wanted", "merged", "checked"], "required": True},
    "cluster": {"type": "str", "required": True},
    "folder": {"type": "path"},
    "key": {"type": "path"},
    "recipients": {"type": "list", "elements": "str", "default": []},
    "keep": {"type": "int", "default": 0},
    "archive": {"type": "path"},
    "managers": {"type": "dict", "default": {}},
    "servers": {"type": "list", "elements": "str", "default": []},
    "exports": {"type": "list", "elements": "str", "default": []},
    "looks": {"type": "dict", "default": {}},
    "force": {"type": "bool", "default": False},
    "inventory": {"type": "raw"},
}
REQUIRED_IF = [
    ("state", "wanted", ["folder"]),
    ("state", "merged", ["folder"]),
    ("state", "checked", ["archive", "key"]),
]


def run(module: Any) -> dict[str, Any]:
    doing = {"wanted": _wanted, "merged": _merged, "checked": _checked}[module.params["state"]]
    return {"changed": False, **doing(module.params, module.check_mode)}


def _wanted(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    key = params["key"] or ""
    recipients = keys.recipients(params["recipients"], read(key) if key else "", key)
    manager = manifest.copied_from(list(params["managers"]), params["looks"])
    partial = _partial(params, make=not check_mode)
    found = {"recipients": recipients, "manager": manager, "partial": partial}
    return {**found, "inventory": manifest.fingerprint(params["inventory"])}


def _partial(params: dict[str, Any], make: bool) -> str:
    """A folder in that of the archives; what an earlier run has left in it goes. Runs exclude each other."""
    if not make:
        return os.path.join(params["folder"], f".{params['cluster']}.partial")
    path = os.path.join(world_archive.folder(params["folder"]), f".{params['cluster']}.partial")
    shutil.rmtree(path, ignore_errors=True)
    os.mkdir(path, 0o700)
    return path


def _merged(params: dict[str, Any], _check_mode: bool) -> dict[str, Any]:
    folder = world_archive.folder(params["folder"])
    partial = os.path.join(folder, f".{params['cluster']}.partial")
    paths = [os.path.join(partial, name) for name in sorted(os.listdir(partial))]
    if not paths:
        raise Refusal(f"no machine has made an archive: {partial} is empty")
    taken = max(world_archive.manifest_of(path)["taken"] for path in paths)
    name = manifest.file_name(params["cluster"], world_archive.stamp(taken))
    made = world_archive.merge(paths, os.path.join(folder, name))
    shutil.rmtree(partial)
    return {**made, "removed": world_archive.retain(folder, params["cluster"], params["keep"]), "changed": True}


def _checked(params: dict[str, Any], _check_mode: bool) -> dict[str, Any]:
    path = os.path.abspath(params["archive"])
    keys.identity(read(params["key"]), params["key"])
    told = world_archive.checked(path)
    problems = manifest.misplaced(told, path, params["cluster"], params["managers"], params["exports"])
    if problems:
        raise Refusal(f"Nothing was touched: {'; '.join(problems)}.")
    held = manifest.occupied(told, params["looks"])
    if held and not params["force"]:
        raise Refusal(
            f"Nothing was touched: {'; '.join(held)}. FORCE=1 overwrites it (without make, add -e confirm=yes): a "
            "swarm is left with all that is in it, and files of the archive take the place of those of the same name."
        )
    swarm = told.get("swarm") or {}
    manager = next((host for host, address in params["managers"].items() if address == swarm.get("address")), "")
    mine = manifest.fingerprint(params["inventory"])
    notes = [] if told["inventory"] in ("", mine) else ["The inventory was another one when the backup was made."]
    return {"archive": path, "manifest": told, "manager": manager, "inventory": mine, "notes": notes}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, required_if=REQUIRED_IF, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
