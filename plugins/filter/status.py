# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter hydra.swarm.status."""

from __future__ import annotations

DOCUMENTATION = r"""
name: status
short_description: The state of a whole cluster in one piece
version_added: 0.1.0
author: "The hydra.swarm authors (@hydra-swarm)"
description:
  - Puts together what the machines, managers and NFS servers of an inventory answered.
  - Answers may be missing or failures; what they would have told is then missing in the result, which says why.
positional: machines, managers, servers
options:
  _input:
    description: The name of its node for each machine of the inventory.
    type: dict
    required: true
  machines:
    description: The result of M(hydra.swarm.node_info) for each machine.
    type: dict
    default: {}
  managers:
    description: The result of M(hydra.swarm.swarm_info) for each manager; the first that has an answer counts.
    type: dict
    default: {}
  servers:
    description: The result of M(hydra.swarm.nfs_export) for each NFS server.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show the swarm alone
  ansible.builtin.debug:
    msg: "{{ {} | hydra.swarm.status(managers={'hydra': seen}) }}"
"""

RETURN = r"""
_value:
  description:
    - Whether the cluster is C(up), or else the C(error); its C(nodes), C(networks), C(services) and C(nfs) servers, and
      what kernels are C(lacking).
  type: dict
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.report.status import Answers, combine


def status(
    names: Mapping[str, str],
    machines: Answers | None = None,
    managers: Answers | None = None,
    servers: Answers | None = None,
) -> dict[str, Any]:
    return combine(names, machines or {}, managers or {}, servers or {})


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"status": status}
