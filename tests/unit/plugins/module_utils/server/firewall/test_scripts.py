# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall import scripts
from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall.rules import Policy, Rule

BOTH = ("192.0.2.10", "192.0.2.20", "2001:db8::1")
POLICY = Policy(
    (Rule("accept", "tcp", "22"), Rule("accept", "udp", "1-9", BOTH), Rule("drop", "udp", "1-9"), Rule("drop")),
    (Rule("accept", sources=BOTH), Rule("accept", "tcp", "443"), Rule("drop")),
)


def test_nft_replaces_its_table_and_no_other() -> None:
    lines = scripts.nft_load(POLICY).splitlines()
    assert lines[:4] == [
        "nft -f - <<'END'",
        "table inet hydra_swarm",
        "delete table inet hydra_swarm",
        "table inet hydra_swarm {",
    ]
    assert lines[10:16] == [
        "ip6 saddr fe80::/10 udp dport 546 accept",
        "tcp dport 22 accept",
        "ip saddr { 192.0.2.10, 192.0.2.20 } udp dport 1-9 accept",
        "ip6 saddr { 2001:db8::1 } udp dport 1-9 accept",
        "udp dport 1-9 drop",
        "drop",
    ]
    assert "meta l4proto tcp ct original proto-dst 443 accept" in lines
    assert lines[-2:] == ["}", "END"]


def test_ports_of_docker_are_left_alone_where_none_is_listed() -> None:
    alone = Policy(POLICY.guard)
    assert "forward" not in scripts.nft_load(alone)
    assert "-o docker+" not in scripts.iptables_load("iptables", alone, 4)


def test_iptables_fills_its_chains_at_once_and_jumps_to_them_once() -> None:
    lines = scripts.iptables_load("ip6tables", POLICY, 6).splitlines()
    assert lines[:3] == ["ip6tables-restore -w --noflush <<'END'", "*mangle", ":HYDRA-SWARM - [0:0]"]
    first = lines.index("-A HYDRA-SWARM -p tcp -m tcp --dport 22 -j RETURN")
    assert lines[first : first + 4] == [
        "-A HYDRA-SWARM -p tcp -m tcp --dport 22 -j RETURN",
        "-A HYDRA-SWARM -s 2001:db8::1 -p udp -m udp --dport 1:9 -j RETURN",
        "-A HYDRA-SWARM -p udp -m udp --dport 1:9 -j DROP",
        "-A HYDRA-SWARM -j DROP",
    ]
    assert "-A HYDRA-SWARM-LISTED -p tcp -m conntrack --ctorigdstport 443 -j RETURN" in lines
    end = lines.index("COMMIT")
    assert lines[end : end + 2] == ["COMMIT", "END"]
    jump = "PREROUTING -j HYDRA-SWARM"
    assert lines[end + 2] == f"ip6tables -w -t mangle -C {jump} 2>/dev/null || ip6tables -w -t mangle -I {jump}"


def test_what_is_never_dropped_comes_first() -> None:
    lines = scripts.iptables_load("iptables", POLICY, 4).splitlines()
    first = [line for line in lines if line.startswith("-A HYDRA-SWARM ")][:4]
    assert [line.split()[2:-2] for line in first] == [
        ["-i", "lo"],
        ["-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"],
        ["-m", "addrtype", "!", "--dst-type", "LOCAL"],
        ["-p", "icmp"],
    ]


def test_taking_away_names_nothing_of_others() -> None:
    lines = scripts.iptables_unload("iptables").splitlines() + scripts.nft_unload().splitlines()
    assert [line for line in lines if "HYDRA-SWARM" not in line and "hydra_swarm" not in line] == [
        "nft -f - <<'END'",
        "END",
    ]
