# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A cluster that is never made: right in everything but the one thing that a test changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import Cluster

HOSTS: dict[str, dict[str, Any]] = {
    "hydra": {"swarm_node_name": "bad-hydra-node", "swarm_node_address": "172.31.242.10"},
    "chimera": {"swarm_node_name": "bad-chimera-node", "swarm_node_address": "172.31.242.20"},
    "cerberus": {"swarm_node_name": "bad-cerberus-node", "swarm_node_address": "172.31.242.30"},
    "nfs": {"swarm_node_name": "bad-nfs-server", "swarm_node_address": "172.31.242.5"},
}
CLUSTER: dict[str, Any] = {
    "dind_cluster_name": "hydra-bad",
    "dind_cluster_network": {"name": "hydra-bad", "subnet": "172.31.242.0/24"},
    "dind_cluster_bind_address": "127.0.0.4",
    "dind_node_storage": "bad-nfs-server-data",
}
Refused = Callable[..., None]


@pytest.fixture
def refused(cluster: Cluster, tmp_path: Path) -> Iterator[Refused]:
    """Run swarm-up with one thing changed; it must fail, say all of C(words) in one message, and touch nothing."""
    before = cluster.footprint()
    bad = cluster.but(tmp_path / "bad.yml", **CLUSTER)

    def run(*words: str, hosts: dict[str, dict[str, Any]] | None = None, **variables: Any) -> None:
        changed = {name: {**values, **(hosts or {}).get(name, {})} for name, values in HOSTS.items()}
        (tmp_path / "bad.yml").write_text(json.dumps({"all": {"hosts": changed}}))
        ran = bad.play("swarm-up", check=False, **variables)
        assert ran.status != 0, f"not refused:\n{ran.output}"
        assert ran.said.lower().count("nothing was touched") == 1, ran.output
        assert [word for word in words if word not in ran.said] == [], ran.output
        assert cluster.footprint() == before

    before = cluster.footprint()
    yield run
    if cluster.footprint() != before:
        bad.play("swarm-clean", confirm="yes", dind_cluster_keep_image=True)
