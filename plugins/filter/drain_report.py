# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter hydra.swarm.drain_report."""

from __future__ import annotations

DOCUMENTATION = r"""
name: drain_report
short_description: What draining or restoring a node did, as text
version_added: 0.1.0
author: "The hydra.swarm authors (@hydra-swarm)"
description:
  - Shows the node's state and, task by task, what moved where, what started, what stopped, and what is pending and why.
options:
  _input:
    description: The result of M(hydra.swarm.node_drain).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Say what became of the tasks
  ansible.builtin.debug:
    msg: "{{ drained | hydra.swarm.drain_report }}"
  tags: [report]
"""

RETURN = r"""
_value:
  description: Text of several lines.
  type: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.report.text import drained


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"drain_report": drained}
