# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What playbooks ask of the inventory; the answers are worked out in module_utils."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.report import stacks, summary
from ansible_collections.hydra.swarm.plugins.module_utils.storage import mountable
from ansible_collections.hydra.swarm.plugins.module_utils.swarm import inventory, plan, words
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.cluster import recovery
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.outage import maintenance, removal


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "answering": words.answering,
            "answers": words.answers,
            "cluster_holdings": summary.holdings,
            "in_swarm": plan.in_swarm,
            "inventory_problems": inventory.problems,
            "lock_names": inventory.lock_names,
            "machine": inventory.machine_of,
            "maintenance_way": maintenance.way,
            "member": inventory.member_of,
            "mountable": mountable.mountable,
            "node_names": inventory.node_names,
            "next_lab_verbs": summary.following_lab,
            "next_verbs": summary.following,
            "node_removal": removal.removal,
            "nodes_named": words.nodes_named,
            "pick": inventory.pick,
            "quorum_recovery": recovery.recovery,
            "published_ports": stacks.published_ports,
            "removal_outcome": removal.outcome,
            "sentences": inventory.sentences,
            "squashed": mountable.squashed,
            "strangers": removal.strangers,
            "summary": summary.summary,
            "swarm_start": plan.start,
        }
