#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask an NFS server for its exports, as a client."""

from __future__ import annotations

DOCUMENTATION = r"""
module: nfs_probe
short_description: Say what an NFS server does not serve to a machine
version_added: 0.1.0
author: "The hydra.swarm authors (@hydra-swarm)"
description:
  - Asks an NFS server for exports, as a real client on the machine it runs on. It takes C(nfs-ls), else a mount that
    nobody else sees (which needs root), else it only tries the server's port.
  - An export that the machine's root may mount and not list counts as served; such is the home of a user where root is
    squashed.
  - The machine needs a shell and no Python.
options:
  server:
    description: The NFS server's address.
    type: str
    required: true
  exports:
    description: The paths that it should serve.
    type: list
    elements: str
    required: true
  timeout:
    description: How long it may take to answer, in seconds, for each export. After one that it does not answer for, no
      other is asked for.
    type: int
    default: 30
attributes:
  check_mode:
    support: full
    description: Reads only, so a check run does the same.
  diff_mode:
    support: none
    description: Changes nothing, so there is nothing to show.
seealso:
  - module: hydra.swarm.nfs_export
"""

EXAMPLES = r"""
- name: See whether the homes can be used here
  hydra.swarm.nfs_probe:
    server: 172.30.0.5
    exports: [/exports/student-volumes]
  register: asked

- name: Stop where they cannot
  ansible.builtin.assert:
    that: asked.unserved | length == 0
    fail_msg: "{{ asked.unserved | join('; ') }}"
"""

RETURN = r"""
unserved:
  description: What is not served and why. A sentence for each reason.
  returned: success
  type: list
  elements: str
  sample:
    - "NFS server 172.30.0.5 does not serve /exports/ada: Failed to mount nfs share : mount_cb: NFS4: failed with
      NFS4ERR_NOENT(-2)"
"""

from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.storage import served

ARGUMENTS = {
    "server": {"type": "str", "required": True},
    "exports": {"type": "list", "elements": "str", "required": True},
    "timeout": {"type": "int", "default": 30},
}


def run(module: Any, shell: Callable[[str], str]) -> dict[str, Any]:
    """C(shell) runs a script on the machine and returns what it printed."""
    server, paths, seconds = (module.params[name] for name in ("server", "exports", "timeout"))
    said = shell(served.question(server, paths, seconds)) if paths else ""
    return {"changed": False, "unserved": served.unserved(server, paths, seconds, said)}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    module.exit_json(**run(module, lambda script: module.run_command(["/bin/sh", "-c", script])[1]))


if __name__ == "__main__":
    main()
