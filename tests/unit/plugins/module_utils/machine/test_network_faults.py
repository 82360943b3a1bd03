# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.machine.network_faults import faults

# What a node of Engine 26 has, less what is none of this file's business.
MANGLE = """*mangle
-A PREROUTING -i br-+ -j HYDRA-SWARM-IN
-A PREROUTING -i docker+ -j HYDRA-SWARM-IN
-A FORWARD -i br-+ -j HYDRA-SWARM-OUT
-A FORWARD -i docker+ -j HYDRA-SWARM-OUT
"""
FILTER = """*filter
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker_gwbridge -j DOCKER
"""
# Engine 28.
FORWARD = "*filter\n-A FORWARD -j DOCKER-USER\n-A FORWARD -j DOCKER-FORWARD\n"
LOCAL = "*nat\n-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n"
LEAVES = """-A POSTROUTING -s 172.18.0.0/16 ! -o docker_gwbridge -j MASQUERADE
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
"""
NAT = LOCAL + LEAVES
WELL = {
    "rules": MANGLE + FILTER + NAT,
    "closes": True,
    "contained": True,
    "bridges": ["docker0", "docker_gwbridge"],
    "settings": "",
    "arguments": ["dockerd"],
    "resolver": "nameserver 127.0.0.11\noptions ndots:0\n",
    "answers": {"127.0.0.11": 0},
}
SERVER = {**WELL, "closes": False, "contained": False, "rules": FORWARD + NAT}
GONE = "the engine's rules are gone (%s): its containers may reach nobody, nor be reached"
OPEN = "the rules that keep containers from the cluster's machines are gone (table mangle)"
SILENT = "it resolves no names: none of the servers in its /etc/resolv.conf answers (%s)"


@pytest.mark.parametrize(
    "look",
    [
        WELL,
        SERVER,
        {},
        {**WELL, "rules": None},  # who looked may not read them
        {**WELL, "called": {"by itself": "chimera-node", "by its file": "chimera-node"}},
        {**SERVER, "called": {"by itself": "x", "by its file": "y"}},  # a server's name is its administrator's
        {**SERVER, "rules": "", "settings": '{"iptables": false}'},
        {**SERVER, "rules": "", "settings": '{"firewall-backend": "nftables"}'},
        {**SERVER, "rules": "", "arguments": ["dockerd", "--iptables=false"]},
        {**SERVER, "rules": FORWARD + LOCAL + LEAVES.splitlines()[0], "settings": '{"ip-masq": false}'},
        {**SERVER, "rules": FORWARD + LOCAL + LEAVES.splitlines()[0], "settings": '{"bridge": "br7"}'},
        {**SERVER, "rules": FORWARD + LOCAL + LEAVES.splitlines()[1]},  # the other bridge is its administrator's
        {**SERVER, "rules": FORWARD + NAT.replace("MASQUERADE", "SNAT --to-source 10.0.0.1")},
        {**SERVER, "resolver": "search cs.example\n", "answers": {}},  # meant so, where there is no internet
        {
            **SERVER,
            "resolver": "nameserver 10.0.0.2\n",
            "answers": {"10.0.0.2": 2},
        },  # it answers, and cannot ask others
        {**WELL, "resolver": "nameserver 192.0.2.1\nnameserver 10.0.0.2\n", "answers": {"10.0.0.2": 3}},
    ],
)
def test_what_is_well(look: dict[str, Any]) -> None:
    assert faults(look) == []


@pytest.mark.parametrize(
    ("look", "found"),
    [
        ({**WELL, "rules": MANGLE + NAT}, [("rules", True, GONE % "filter: DOCKER-USER")]),
        (
            {**WELL, "rules": MANGLE + FILTER + "*nat"},
            [("rules", True, GONE % "nat: DOCKER, nat: MASQUERADE for docker0, nat: MASQUERADE for docker_gwbridge")],
        ),
        (
            {**WELL, "rules": MANGLE + FILTER + LOCAL + LEAVES.splitlines()[1]},
            [("rules", True, GONE % "nat: MASQUERADE for docker_gwbridge")],
        ),
        (
            {**SERVER, "rules": FORWARD + LOCAL},
            [("rules", True, GONE % "nat: MASQUERADE for docker0, nat: MASQUERADE for docker_gwbridge")],
        ),
        ({**WELL, "rules": FILTER + NAT}, [("closed", True, OPEN)]),
        (
            {**WELL, "called": {"by itself": "x", "by its file": "chimera-node"}},
            [("called", True, "somebody changed its host name to x: it is chimera-node in the inventory")],
        ),
        (
            {**WELL, "rules": "", "settings": "no JSON"},
            [
                (
                    "rules",
                    True,
                    GONE
                    % "filter: DOCKER-USER, nat: DOCKER, nat: MASQUERADE for docker0, nat: MASQUERADE for docker_gwbridge",
                ),
                ("closed", True, OPEN),
            ],
        ),
        (
            {**WELL, "resolver": "# mine\n", "answers": {}},
            [("names", True, "it resolves no names: its /etc/resolv.conf names no server")],
        ),
        ({**WELL, "resolver": "nameserver 192.0.2.1\n", "answers": {}}, [("names", True, SILENT % "192.0.2.1")]),
        (
            {**SERVER, "resolver": "nameserver 192.0.2.1\nnameserver 192.0.2.2\n", "answers": {}},
            [("names", False, SILENT % "192.0.2.1, 192.0.2.2")],
        ),
        (
            {**SERVER, "resolver": "nameserver 10.0.0.2\n", "answers": {"10.0.0.2": 5}},
            [
                (
                    "names",
                    False,
                    "it resolves no names: none of the servers in its /etc/resolv.conf serves it (10.0.0.2)",
                )
            ],
        ),
    ],
)
def test_what_is_wrong(look: dict[str, Any], found: list[tuple[str, bool, str]]) -> None:
    assert [(fault["kind"], fault["mends"], fault["words"]) for fault in faults(look)] == found
