# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the inventory may not say: refused with value, rule and remedy before anything is touched."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from harness import Cluster, Ran

from .conftest import CLUSTER, HOSTS

# What breaks one rule on a host of its own, and what is said of it; {me} is the host's node.
BROKEN: list[tuple[dict[str, Any], list[str]]] = [
    (
        {"swarm_node_address": "172.31.242.20"},
        ["{me}", "172.31.242.20", "already that of bad-chimera-node", "give every machine its own"],
    ),
    (
        {"swarm_node_address": "172.31.242.300"},
        ["{me}", "'172.31.242.300'", "not an IPv4 address", "write four numbers"],
    ),
    (
        {"swarm_node_address": "10.9.9.9"},
        ["{me}", "10.9.9.9", "outside the subnet 172.31.242.0/24", "choose one inside"],
    ),
    ({"swarm_node_address": "172.31.242.1"}, ["{me}", "172.31.242.1", "is the gateway", "choose another"]),
    ({"swarm_node_address": "172.31.242.255"}, ["{me}", "172.31.242.255", "broadcast address", "choose another"]),
    (
        {"swarm_node_labels": {"my label": "x"}},
        ["{me}", "'my label'", "no placement constraint can name it", "use letters"],
    ),
    (
        {"swarm_node_labels": {"owner": "söphie"}},
        ["{me}", "'söphie'", "no placement constraint can name it", "use letters"],
    ),
    ({"swarm_node_labels": {"owner": None}}, ["{me}", "'owner'", "it has no value", "write ''"]),
    ({"swarm_node_labels": "gpu"}, ["{me}", "swarm_node_labels is no mapping", "write it like"]),
    ({"swarm_node_role": "boss"}, ["{me}", "'boss' is none of manager, worker"]),
    ({"swarm_node_availability": "maybe"}, ["{me}", "'maybe' is none of active, pause, drain"]),
    ({"dind_node_memory": "lots"}, ["{me}", "'lots'", "write it like 512m or 2g"]),
    ({"dind_node_memory": "1k"}, ["{me}", "'1k'", "less than the 64 MiB", "choose more"]),
    ({"dind_node_cpus": "many"}, ["{me}", "'many'", "write it like 1.5"]),
    ({"swarm_node_lables": {"a": "b"}}, ["swarm_node_lables (host {host})", "did you mean swarm_node_labels?"]),
    ({"swarn_node_gpus": 1}, ["swarn_node_gpus (host {host})", "did you mean swarm_node_gpus?"]),
    ({"stacks_of_mine": 1}, ["stacks_of_mine (host {host})", "list it in preflight_own_variables"]),
    ({"dind_node_ports": ["80:99999"]}, ["{me}", "'80:99999'", "ports from 1 to 65535"]),
    ({"swarm_node_name": "bad_node!"}, ["'bad_node!' is no host name", "use letters, digits and '-'"]),
    (
        {"swarm_node_name": "bad-chimera-node"},
        ["'bad-chimera-node' is that of chimera and {host}", "give every host its own"],
    ),
    ({"swarm_node_role": "worker"}, ["host {host} is in group managers and in group workers", "one role"]),
    ({"swarm_node_role": "manager"}, ["2 managers (bad-hydra-node, {me})", "even number", "make it 1 or 3"]),
]
# The host that is in the group managers, too.
TWICE = f"host{next(i for i, (_values, words) in enumerate(BROKEN) if 'in group managers' in words[0])}"
# What is said for the whole cluster.
EXPORTS: list[tuple[dict[str, Any], list[str]]] = [
    ({"path": "/etc", "clients": [{"host": "*"}]}, ["/etc is not below /exports", "choose a path there"]),
    ({"path": "/exports/../etc", "clients": [{"host": "*"}]}, ["'/exports/../etc'", "without '.', '..'"]),
    ({"path": "/exports/a", "clients": [{"host": "*", "squash": "nome"}]}, ["/exports/a", "root, all, none", "nome"]),
    ({"path": "/exports/b", "clients": [{"host": "300.1.1.1/8"}]}, ["/exports/b", "'300.1.1.1/8'"]),
    ({"path": "/exports/c", "cleints": []}, ["/exports/c", "unknown key cleints"]),
]
OTHERS: dict[str, tuple[Any, list[str]]] = {
    "swarm_node_timout": (9, ["swarm_node_timout (given with -e)", "did you mean swarm_node_timeout?"]),
}


@pytest.fixture(scope="module")
def told(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """What a swarm-up says of an inventory that breaks every rule; it touches nothing."""
    path = tmp_path_factory.mktemp("broken") / "bad.yml"
    hosts = {
        f"host{i}": {"swarm_node_name": f"bad-host{i}", "swarm_node_address": f"172.31.242.{100 + i}", **values}
        for i, (values, _words) in enumerate(BROKEN)
    }
    path.write_text(
        json.dumps(
            {"all": {"hosts": HOSTS, "children": {"workers": {"hosts": hosts}, "managers": {"hosts": {TWICE: {}}}}}}
        )
    )
    before = cluster.footprint()
    others = {name: value for name, (value, _words) in OTHERS.items()}
    exports = [export for export, _words in EXPORTS]
    ran = cluster.but(path, **CLUSTER, **others, nfs_server_exports=exports).play("swarm-up", check=False)
    assert ran.status != 0, f"not refused:\n{ran.output}"
    assert ran.said.lower().count("nothing was touched") == 1, ran.output
    assert cluster.footprint() == before
    return ran


@pytest.mark.parametrize("number", range(len(BROKEN)), ids=[str(values) for values, _words in BROKEN])
def test_rule(told: Ran, number: int) -> None:
    names = {"{me}": f"bad-host{number}", "{host}": f"host{number}"}
    words = [re.sub(r"{\w+}", lambda found: names[found[0]], word) for word in BROKEN[number][1]]
    assert rules(told, words), told.output


@pytest.mark.parametrize("words", [words for _value, words in [*EXPORTS, *OTHERS.values()]], ids=lambda words: words[0])
def test_rule_of_the_whole_cluster(told: Ran, words: list[str]) -> None:
    assert rules(told, words), told.output


def rules(told: Ran, words: list[str]) -> list[str]:
    lines = [line for line in told.output.splitlines() if line.startswith("- ")]
    return [line for line in lines if all(word in line for word in words)]


def test_every_broken_rule_is_named_at_once(told: Ran) -> None:
    assert f"breaks {len(BROKEN) + len(EXPORTS) + len(OTHERS)} rule(s)" in told.said


def test_subnet(refused: Callable[..., None]) -> None:
    network = {"name": "hydra-bad", "subnet": "172.31.242.0/33"}
    refused("'172.31.242.0/33'", "is not an IPv4 network", "write it like", dind_cluster_network=network)


def test_no_manager(refused: Callable[..., None]) -> None:
    refused(
        "no host has swarm_node_role: manager", "one, three or five", "put a host in the group",
        hosts={"hydra": {"swarm_node_role": "worker"}},
    )  # fmt: skip
