#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which NFS client a machine can have."""

from __future__ import annotations

DOCUMENTATION = r"""
module: nfs_client_info
short_description: Say which NFS client a machine can have, and whether its programs are there
version_added: 0.1.0
author: "The hydra.swarm authors (@hydra-swarm)"
description:
  - Where the kernel has an NFS client, programs that mount are of use (Debian's nfs-common). Elsewhere, as in
    containers, only programs are that bring a client of their own, such as C(nfs-ls) (Debian's libnfs-utils).
  - The P(hydra.swarm.nfs_client#role) role installs them.
options: {}
attributes:
  check_mode:
    support: full
    description: Reads only, so a check run does the same.
  diff_mode:
    support: none
    description: Changes nothing, so there is nothing to show.
"""

EXAMPLES = r"""
- name: See which NFS client there is
  hydra.swarm.nfs_client_info:
  register: found
"""

RETURN = r"""
client:
  description: Its C(kind), V(kernel) or V(user) (programs alone), and whether its programs are there (C(ready)).
  returned: success
  type: dict
  sample: {kind: kernel, ready: true}
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.server import nfs, world_nfs


def main() -> None:
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    programs = [program for program in nfs.CLIENTS.values() if world_nfs.which(program)]
    module.exit_json(changed=False, client=nfs.client(world_nfs.support("nfsv4"), programs))


if __name__ == "__main__":
    main()
