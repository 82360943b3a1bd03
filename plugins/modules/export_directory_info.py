#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: export_directory_info
short_description: Which directories are below an NFS export, and how much is in them
version_added: 0.1.0
author: "The hydra.swarm authors (@hydra-swarm)"
description:
  - Lists the directories two levels below an export, as M(hydra.swarm.export_directory) makes them.
    Runs on the NFS server.
  - A directory with a quota is counted by the kernel. Others are walked through, which takes time where there are many
    files.
  - Changes nothing, follows no link, and leaves out names that M(hydra.swarm.export_directory) would refuse.
options:
  root:
    description: The exported directory.
    type: path
    required: true
  timeout:
    description: Seconds for walking through directories. The use of those that were not finished by then is not known.
    type: float
    default: 20
attributes:
  check_mode:
    support: full
    description: Reads only, so a check run does the same.
  diff_mode:
    support: none
    description: Changes nothing, so there is nothing to show.
"""

EXAMPLES = r"""
- name: See what the students have
  hydra.swarm.export_directory_info:
    root: /exports/student-volumes
  register: data
"""

RETURN = r"""
projects:
  description: The directories, by name. RV(projects[].used_bytes) is null if there was no time to count.
  returned: success
  type: list
  elements: dict
  contains:
    student: {description: Name of the upper directory., type: str, returned: always}
    project: {description: Name of the directory., type: str, returned: always}
    path: {description: The directory., type: str, returned: always}
    owner: {description: Number of its user., type: int, returned: always}
    mode: {description: Its mode., type: str, returned: always}
    used_bytes: {description: What is in it takes so much of the disk., type: int, returned: always}
    quota_bytes: {description: 'How much may be in it; 0 is no limit.', type: int, returned: always}
  sample:
    - student: student1
      project: ml
      path: /exports/student-volumes/student1/ml
      owner: 1000
      mode: "0700"
      used_bytes: 4096
      quota_bytes: 10737418240
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.errors import HydraError
from ..module_utils.storage import world_directories
from ..module_utils.storage.directories import check_root

ARGUMENTS = {"root": {"type": "path", "required": True}, "timeout": {"type": "float", "default": 20}}


def run(module: Any) -> dict[str, Any]:
    root = check_root(module.params["root"])
    return {"changed": False, "projects": world_directories.projects(root, module.params["timeout"])}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
