# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter hydra.swarm.status_table."""

from __future__ import annotations

DOCUMENTATION = r"""
name: status_table
short_description: The state of a cluster as aligned tables
version_added: 0.1.0
author: "The hydra.swarm authors (@hydra-swarm)"
description:
  - Shows nodes, labels, networks, services and where each task runs, NFS exports and their use, and what kernels lack.
  - A table that would be empty is left out.
options:
  _input:
    description: What P(hydra.swarm.status#filter) made.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the cluster
  ansible.builtin.debug:
    msg: "{{ names | hydra.swarm.status(machines, managers, servers) | hydra.swarm.status_table }}"
  tags: [report]
"""

RETURN = r"""
_value:
  description: Text of several lines.
  type: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.report.text import status


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"status_table": status}
