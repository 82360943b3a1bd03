#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A directory of somebody below an NFS export."""

from __future__ import annotations

DOCUMENTATION = r"""
module: export_directory
short_description: Give somebody a directory below an NFS export
version_added: 0.1.0
author: "The hydra.swarm authors (@hydra-swarm)"
description:
  - Makes a directory below an export, with owner, mode and, where the file system can, a quota. Runs on the NFS server.
  - Those above it, below the root, are root's with mode 0755, so that nobody else can rename or replace what is in
    them. One that exists and is not root's alone is refused, and so is the root itself.
  - Every directory is opened from the one above it, without following links. A symbolic link or a file in the place
    of a directory is refused.
  - Data is never changed. Of a directory that exists, owner, group, mode and quota are set where they differ.
requirements:
  - for quotas Linux 5.14, and XFS or ext4 mounted with C(prjquota)
options:
  root:
    description: The exported directory, which must exist. It alone may be reached through links.
    type: path
    required: true
  parts:
    description:
      - The names from the root down. The last one is the directory, those before it are root's.
      - A name has at most 31 lower-case letters, digits and V(-), and starts with a letter. So V(..), V(/) and empty
        names are refused.
    type: list
    elements: str
    required: true
  state:
    description: V(absent) changes nothing unless O(purge=true).
    type: str
    choices: [present, absent]
    default: present
  owner:
    description:
      - Name or number of its user.
      - Left out or empty, the student has a number of his own, out of O(owners). A directory that exists keeps its user
        if that is one of them. Otherwise it gets the number of another directory of the same student, and if there is
        none, the lowest that is of no other student's directory and of no account of this machine.
      - One that exists and belongs to another user, such as V(1000), keeps him, and RV(notes) say how it is changed.
    type: str
  owners:
    description: The numbers that are given to students, the first and the last.
    type: str
    default: 70000-79999
  group:
    description: Name or number of its group. Default is the number of the user.
    type: str
  mode:
    description: Its mode, an octal string.
    type: raw
    default: "0700"
  quota:
    description:
      - How much may be in it, such as V(10g). V(0) takes a limit away; left out or empty, it stays as it is.
      - It counts everything in the directory, whoever owns it.
    type: str
  quota_required:
    description: Whether it is an error if the file system can have no quota, rather than a line in RV(notes).
    type: bool
    default: false
  purge:
    description: With O(state=absent), remove it with B(all its data), and those above it that are then empty.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    description: Says what would change without changing anything.
  diff_mode:
    support: full
    description: Shows the directory before and after.
  idempotent:
    support: full
    description: A second run with the same options changes nothing.
"""

EXAMPLES = r"""
- name: A directory for project ml of student1
  hydra.swarm.export_directory:
    root: /exports/student-volumes
    parts: [student1, ml]
    quota: 10g

- name: Remove it with all that is in it
  hydra.swarm.export_directory:
    root: /exports/student-volumes
    parts: [student1, ml]
    state: absent
    purge: true
"""

RETURN = r"""
path:
  description: The directory.
  returned: success
  type: str
  sample: /exports/student-volumes/student1/ml
exists:
  description: Whether it is there after the task (in check mode, whether it is).
  returned: success
  type: bool
user:
  description:
    - The numbers of its user and its group (in check mode, those that they would be), in the form that a container's
      user is named.
  returned: success and not absent
  type: str
  sample: "70000:70000"
notes:
  description: What was asked for and is not done, or is better done by hand, a line each, with the reason.
  returned: success
  type: list
  elements: str
  sample: ["/exports/ml: no quota of 10 GiB is set, since ext4 on /dev/sda1 is not mounted with prjquota"]
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError, Refusal
from ..module_utils.storage import directories as core
from ..module_utils.storage import owners, world_directories

ARGUMENTS = {
    "root": {"type": "path", "required": True},
    "parts": {"type": "list", "elements": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "owner": {"type": "str"},
    "owners": {"type": "str", "default": "70000-79999"},
    "group": {"type": "str"},
    "mode": {"type": "raw", "default": "0700"},
    "quota": {"type": "str"},
    "quota_required": {"type": "bool", "default": False},
    "purge": {"type": "bool", "default": False},
}
PATIENCE = 60  # seconds for another run to make a directory


@contextmanager
def chosen(params: dict[str, Any], root: str, parts: tuple[str, ...]) -> Iterator[owners.Choice]:
    """The directory's user. While one is chosen and the directory made, nobody else chooses."""
    numbers = owners.check_numbers(params["owners"])
    if params["owner"]:
        yield owners.Choice(world_directories.user_id(params["owner"], "owner"))
    elif params["state"] == "absent":
        yield owners.Choice(0)
    else:
        with (
            world_directories.choosing(root, PATIENCE) as known,
            world_directories.opened(root, parts) as (fd, _lowest),
        ):
            found = world_directories.look(fd)
            now = found.owner if found else None
            path = "/".join((root, *parts))
            yield owners.choose(numbers, path, parts, now, known, world_directories.accounts())


def run(module: AnsibleModule) -> dict[str, Any]:
    params = module.params
    root, parts = core.check_root(params["root"]), core.check_parts(params["parts"])
    mode, quota = core.check_mode(params["mode"]), core.check_quota(params["quota"])
    with chosen(params, root, parts) as choice:
        group = world_directories.user_id(params["group"], "group") if params["group"] else choice.owner
        wish = core.Wish(root, parts, choice.owner, group, mode, quota, params["state"], params["purge"])
        result = settle(module, wish)
    if choice.note:
        result["notes"].append(choice.note)
    return result if wish.state == "absent" else {**result, "user": f"{wish.owner}:{wish.group}"}


def settle(module: AnsibleModule, wish: core.Wish) -> dict[str, Any]:
    with world_directories.opened(wish.root, wish.parts) as (fd, lowest):
        found = world_directories.look(fd)
        lack = world_directories.quota_lack(lowest, wish.path) if wish.quota is not None else ""
    notes = [core.quota_line(wish.path, wish.quota, lack)] if wish.quota and lack and wish.state == "present" else []
    if notes and module.params["quota_required"]:
        raise Refusal(f"{notes[0]}; mount it so, or run without quota_required")
    change = core.plan(found, wish, quotas=not lack)

    def apply() -> None:
        if wish.state == "absent":
            world_directories.purge(wish)
            return
        world_directories.furnish(wish)
        if "quota" in change.after and change.after["quota"] != change.before.get("quota", 0):
            world_directories.set_quota(wish)

    result = converge(module, change, apply)
    after = change.after if result["changed"] and not module.check_mode else change.before
    return {**result, "path": wish.path, "exists": after["state"] == "directory", "notes": notes}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
