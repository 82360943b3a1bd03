# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.hydra.swarm.plugins.module_utils.lab.container import machines, network, seen, through
from ansible_collections.hydra.swarm.plugins.module_utils.lab.servers import Guest

SERVERS = [{"name": "hydra", "address": "172.27.0.10"}]


def test_servers_are_machines_of_a_cluster_that_bears_the_labs_name() -> None:
    assert machines(SERVERS, "hydra-lab", "ssh-ed25519 AAAA lab") == [
        {
            "name": "hydra-lab-hydra",
            "hostname": "hydra",
            "address": "172.27.0.10",
            "service": "server",
            "environment": {"AUTHORIZED_KEY": "ssh-ed25519 AAAA lab"},
        }
    ]


def test_their_network() -> None:
    wanted = {"name": "hydra-lab", "subnet": "172.27.0.0/24", "gateway": "172.27.0.1"}
    assert network("hydra-lab", "172.27.0.1/24") == wanted


def test_the_way_to_one_whose_address_leads_nowhere() -> None:
    assert through("hydra-lab", "hydra") == "docker exec -i hydra-lab-hydra hydra-node connect"


def test_what_there_is() -> None:
    there = [
        {"name": "lab-one", "state": "running"},
        {"name": "lab-two", "state": "created"},
        {"name": "one", "state": "stopped"},
    ]
    guests = [Guest(name, "172.27.0.10") for name in ("one", "two", "three")]
    assert [one.state for one in seen(guests, "lab", there)] == ["running", "stopped", "absent"]
