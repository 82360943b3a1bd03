# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import xml.etree.ElementTree as xml

from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall import ufw_firewalld as hosts
from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall.rules import Rule

OPENED = (
    Rule("accept", "tcp", "22"),
    Rule("accept", "tcp", "7000-7010", ("192.0.2.10", "2001:db8::1")),
    Rule("accept", sources=("192.0.2.0/24",)),
)
# As ufw 0.36 prints it.
SHOWN = """\
Added user rules (see 'ufw status' for running firewall):
ufw allow 80/tcp
ufw limit 22/tcp comment 'not ours'
ufw allow from 192.0.2.9 to any port 7946 proto tcp comment 'hydra.swarm'
"""


def test_rules_of_ufw() -> None:
    assert hosts.ufw_rules(OPENED) == [
        "allow 22/tcp",
        "allow from 192.0.2.0/24",
        "allow from 192.0.2.10 to any port 7000:7010 proto tcp",
        "allow from 2001:db8::1 to any port 7000:7010 proto tcp",
    ]


def test_ours_are_told_by_the_comment() -> None:
    ours, others = hosts.ufw_added(SHOWN)
    assert ours == {"allow from 192.0.2.9 to any port 7946 proto tcp"}
    # In SHOWN it is "limit 22/tcp": it lets in, and is not to be replaced.
    assert others == {"allow 80/tcp", "allow 22/tcp"}


def test_ufw_lets_in_before_it_closes() -> None:
    assert hosts.ufw_commands(["allow 1/tcp", "allow 2/tcp"], ["allow 2/tcp", "allow 3/tcp"]) == [
        "ufw allow 3/tcp comment 'hydra.swarm'",
        "ufw delete allow 1/tcp",
    ]


def test_policy_of_firewalld() -> None:
    root = xml.fromstring(hosts.firewalld_policy(OPENED).split("\n", 1)[1])
    assert root.attrib == {"target": "CONTINUE", "priority": "-1"}
    assert [one.attrib for one in root.findall("port")] == [{"port": "22", "protocol": "tcp"}]
    rules = [(rule.get("family"), [part.attrib for part in rule]) for rule in root.findall("rule")]
    port = {"port": "7000-7010", "protocol": "tcp"}
    assert rules == [
        ("ipv4", [{"address": "192.0.2.10"}, port, {}]),
        ("ipv6", [{"address": "2001:db8::1"}, port, {}]),
        ("ipv4", [{"address": "192.0.2.0/24"}, {}]),
    ]
