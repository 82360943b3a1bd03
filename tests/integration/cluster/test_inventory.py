# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is tested here is the development cluster, under other names and addresses."""

from __future__ import annotations

import json

from harness import ROOT, Cluster

TRANSLATION = {
    "172.30.0.0/16": "172.31.240.0/24",
    "172.30.0.": "172.31.240.",
    "127.0.0.1": "127.0.0.2",
    '"hydra-node"': '"test-hydra-node"',
    '"chimera-node"': '"test-chimera-node"',
    '"cerberus-node"': '"test-cerberus-node"',
    '"nfs-server"': '"test-nfs-server"',
    '"nfs-server-data"': '"test-nfs-server-data"',
    '"dind_cluster_name": "hydra"': '"dind_cluster_name": "hydra-test"',
    '"name": "hydra"': '"name": "hydra-test"',
    # Beside other clusters on two processors a node may well be silent for three seconds.
    '"heartbeat": "1s"': '"heartbeat": "5s"',
}


def test_it_differs_from_the_development_cluster_in_names_addresses_and_heartbeat_only() -> None:
    wanted = json.dumps(Cluster(ROOT / "inventories/dev").machines)
    for old, new in TRANSLATION.items():
        assert old in wanted, f"{old} is no longer in inventories/dev: mend this table"
        wanted = wanted.replace(old, new)
    assert Cluster().machines == json.loads(wanted)
