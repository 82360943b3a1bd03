# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import subprocess
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.drill import faults

HOSTS = faults.hosts(
    {"hydra": "hydra-node", "chimera": "chimera-node"},
    {"hydra": {"swarm_node_address": "10.0.0.1"}, "chimera": {"swarm_node_address": "10.0.0.2"}},
    ["chimera"],
)
ABOUT = {"systemd": False, "netem": True, "device": "eth0", "data": "/var/lib/docker", "alone": True}


def test_who_does_what() -> None:
    plan = faults.plan("kill", 30, "chimera-node", HOSTS, ["hydra"])
    assert (plan["refusal"], plan["host"], plan["node"], plan["where"]) == ("", "chimera", "chimera-node", "host")
    assert (plan["watchers"], plan["alone"], plan["peers"]) == (["hydra"], False, ["10.0.0.1"])


def test_a_manager_that_is_alone_watches_itself_and_of_several_another_one_does() -> None:
    alone = faults.plan("hang", 30, "hydra", HOSTS, ["hydra"])
    assert (alone["watchers"], alone["alone"]) == (["hydra"], True)
    assert faults.plan("hang", 30, "hydra", HOSTS, ["hydra", "chimera"])["watchers"] == ["chimera"]


@pytest.mark.parametrize(
    ("how", "seconds", "node", "words"),
    [
        ("kil", 30, "chimera", "HOW=kil is no fault; did you mean kill?; there are drain, kill"),
        ("kill", 0, "chimera", "FOR=0: a fault lasts from 1 to 3600 seconds"),
        ("hang", 3601, "chimera", "FOR=3601"),
        ("pause", 30, "hydra", "HOW=pause: hydra-node is a server, and nobody here could start it again"),
    ],
)
def test_refused(how: str, seconds: int, node: str, words: str) -> None:
    assert words in faults.plan(how, seconds, node, HOSTS, ["hydra"])["refusal"]


def test_what_needs_nobody_at_the_machine_is_done_to_servers_too() -> None:
    assert set(faults.FAULTS) - set(faults.ways(HOSTS, "hydra-node")) == {"kill", "stop", "pause"}
    assert faults.ways(HOSTS, "chimera") == [*faults.FAULTS]


@pytest.mark.parametrize("how", [how for how, fault in faults.FAULTS.items() if fault.where != faults.HOST])
@pytest.mark.parametrize("netem", [True, False])
@pytest.mark.parametrize("alone", [True, False])
def test_a_shell_takes_every_script(how: str, netem: bool, alone: bool) -> None:
    make, undo, _note = faults.scripts(how, "a node", ["10.0.0.1"], {**ABOUT, "netem": netem, "alone": alone})
    for script in (make, undo):
        subprocess.run(["sh", "-n"], input=script, text=True, check=True)


def rules(how: str, **about: Any) -> list[str]:
    make = faults.scripts(how, "chimera-node", ["10.0.0.1"], {**ABOUT, **about})[0]
    return [line for line in make.splitlines() if "DROP" in line]


def test_a_partition_leaves_ssh_alone() -> None:
    make = faults.scripts("partition", "chimera-node", ["10.0.0.1"], ABOUT)[0].splitlines()
    chain = [line for line in make if line.startswith("-A HYDRA-DRILL")]
    assert chain == [
        "-A HYDRA-DRILL -p tcp --dport 22 -j RETURN",
        "-A HYDRA-DRILL -p tcp --sport 22 -j RETURN",
        "-A HYDRA-DRILL -s 10.0.0.1 -j DROP",
        "-A HYDRA-DRILL -d 10.0.0.1 -j DROP",
    ]


def test_of_the_data_plane_alone_the_managers_hear_nothing() -> None:
    assert [line.split("--dport ")[1].split()[0] for line in rules("partition-data")] == ["4789"] * 2 + ["7946"] * 4


def test_without_netem_packets_are_lost_and_that_is_said() -> None:
    assert all("--probability 0.15" in line for line in rules("lossy", netem=False))
    assert "no netem" in faults.scripts("lossy", "x", ["10.0.0.1"], {**ABOUT, "netem": False})[2]
    assert rules("lossy") == []


def test_a_file_system_that_others_are_on_is_not_filled() -> None:
    make, _undo, note = faults.scripts("disk-full", "x", [], {**ABOUT, "alone": False})
    assert "fallocate" not in make and "prlimit" in make and "shares its file system" in note
    assert "fallocate" in faults.scripts("disk-full", "x", [], ABOUT)[0]


def test_what_goes_into_a_rule_is_an_address() -> None:
    assert faults.address("10.0.0.1") == "10.0.0.1"
    with pytest.raises(Refusal, match="is no IPv4 address"):
        faults.address("10.0.0.1 -j ACCEPT")
