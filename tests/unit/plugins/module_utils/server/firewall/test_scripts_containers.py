# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.hydra.swarm.plugins.module_utils.common.ports import MANAGER, MEMBERS, split
from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall import scripts
from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall.containers import containers
from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall.rules import Policy
from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall.scripts_containers import (
    digest,
    iptables,
    machine_script,
    nft,
)

RULES = containers(["192.0.2.10", "2001:db8::1"], ["192.0.2.7", {"ports": ["60000-60100/tcp"]}])


def of(lines: list[str], chain: str) -> list[str]:
    return [
        line.removeprefix(f"-A HYDRA-SWARM-{chain} ") for line in lines if line.startswith(f"-A HYDRA-SWARM-{chain} ")
    ]


def test_the_swarms_ports_are_dropped_before_answers_are_let_through() -> None:
    lines = list(iptables(RULES, 4))
    dropped = [f"-p {kind} -m {kind} --dport {number} -j DROP" for number, kind in map(split, (MANAGER, *MEMBERS))]
    assert of(lines, "SWARM") == dropped
    assert of(lines, "LEAVING")[0] == "-j HYDRA-SWARM-SWARM"
    assert of(lines, "IN")[-2:] == [
        "-m addrtype --dst-type LOCAL -j HYDRA-SWARM-SWARM",
        "-m addrtype --dst-type LOCAL -j HYDRA-SWARM-CLOSED",
    ]


def test_what_is_opened_comes_after_nfs_and_before_the_end() -> None:
    closed = of(list(iptables(RULES, 4)), "CLOSED")
    assert [line.split()[5] for line in closed[:4]] == ["111", "111", "2049", "2049"]
    assert closed[-3:] == ["-d 192.0.2.7 -j RETURN", "-p tcp -m tcp --dport 60000:60100 -j RETURN", "-j DROP"]
    assert "-d 192.0.2.7 -j RETURN" not in of(list(iptables(RULES, 6)), "CLOSED")


def test_each_version_of_ip_has_its_addresses() -> None:
    assert of(list(iptables(RULES, 6)), "LEAVING")[1:] == [
        "-d 2001:db8::1 -j HYDRA-SWARM-CLOSED",
        "-d fe80::/10 -j HYDRA-SWARM-CLOSED",
    ]
    assert "ip daddr { 169.254.0.0/16, 192.0.2.10 } jump closed" in nft(RULES)


def test_tasks_on_one_machine_are_kept_apart_whatever_becomes_of_the_engines_rules() -> None:
    kept = "-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP"
    apart = [f"-i docker_gwbridge -o {bridge}+ {kept}" for bridge in ("docker", "br-")]
    assert of(list(iptables(RULES, 4)), "OUT") == [
        *apart,
        "-o docker+ -j RETURN",
        "-o br-+ -j RETURN",
        "-j HYDRA-SWARM-LEAVING",
    ]
    lines = list(nft(RULES))
    dropped = 'iifname "docker_gwbridge" oifname "docker*" ct state new,invalid,untracked drop'
    assert lines.index(dropped) < lines.index('oifname "docker*" accept')


def test_a_bridge_of_the_hosts_own_is_none_of_dockers() -> None:
    lines = list(iptables(RULES, 4, ["br-lan"]))
    assert of(lines, "IN")[0] == "-i br-lan -j RETURN"
    out = ["-i br-lan -j RETURN", "-o br-lan -j HYDRA-SWARM-LEAVING", "-o br-lan -j RETURN"]
    assert of(lines, "OUT")[:3] == out
    ruled = list(nft(RULES, ("br-lan",)))
    assert 'iifname "br-lan" accept' in ruled
    # Before what tasks send each other is dropped, by bridges called as Docker's are.
    dropped = 'iifname "docker_gwbridge" oifname "br-*" ct state new,invalid,untracked drop'
    assert ruled.index('oifname "br-lan" jump leaving') < ruled.index('oifname "br-lan" accept') < ruled.index(dropped)


def test_without_rules_for_containers_nothing_is_matched() -> None:
    assert list(iptables(None, 4)) == []
    assert "docker" not in scripts.nft_load(Policy())


def test_a_machines_script_leaves_room_for_the_computers_addresses() -> None:
    lines = machine_script(RULES).splitlines()
    assert (
        lines.count(":HYDRA-SWARM-COMPUTER - [0:0]")
        == lines.count("-A HYDRA-SWARM-LEAVING -j HYDRA-SWARM-COMPUTER")
        == 2
    )
    assert lines.index("-A HYDRA-SWARM-LEAVING -d 192.0.2.10 -j HYDRA-SWARM-CLOSED") < lines.index("COMMIT")
    assert digest("a") != digest("b") and len(digest("a")) == 12
