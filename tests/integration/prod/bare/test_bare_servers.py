# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Servers as they come: what is said of them before anything is touched, and that nothing is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import Lab

# What a run could leave: packages, files (names, owners, modes, contents below 64 KiB), modules it would load, ports, rules.
FOOTPRINT = r"""
iptables-save -t filter | sed '/^#/d; s,\[[0-9:]*],,'
dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\n'
find /etc /usr/local /var/lib/docker /exports /run/hydra* -xdev -type f -size -64k ! -path '/etc/machine-id' -exec sha256sum {} + 2>/dev/null | sort
find /etc /var/lib/docker /exports -xdev -printf '%p %U:%G %m %l\n' 2>/dev/null | sort
cut -d' ' -f1 /proc/modules | grep -xE 'br_netfilter|vxlan|ip_vs.*|nfs.*' | sort
ss -lntuH | awk '{print $1, $5}' | sort
sysctl -n net.ipv4.ip_forward fs.inotify.max_user_instances vm.max_map_count
"""


@pytest.fixture(scope="module")
def bare() -> Iterator[Lab]:
    """The lab's servers before anybody has done anything with them."""
    lab = Lab("prod")
    for name in lab.names:
        assert lab.ssh(name, "test -e /usr/sbin/dockerd").returncode == 1, (
            f"{name} is not bare: scripts/molecule destroy prod, then create"
        )
    yield lab
    lab.close()


def footprints(lab: Lab) -> set[str]:
    return {f"{name}: {line}" for name in lab.names for line in lab.shell(name, FOOTPRINT).splitlines()}


@pytest.fixture(scope="module")
def untouched(bare: Lab) -> set[str]:
    return footprints(bare)


def test_preflight_finds_them_fit_and_within_reach_of_each_other(bare: Lab, untouched: set[str]) -> None:
    ran = bare.play("preflight", format="json")
    lines = json.loads(ran.printed)
    assert [line for line in lines if line["level"] == "fail"] == []
    reached = {line["host"]: line["text"] for line in lines if line["check"] == "network"}
    assert set(reached) == set(bare.names)
    for name, text in reached.items():
        assert all(other in text for other in bare.names if other != name), (name, text)
    assert footprints(bare) ^ untouched == set()


def test_preflight_names_who_does_not_reach_whom(bare: Lab) -> None:
    manager, worker = bare.names[0], bare.names[1]
    rule = ("INPUT", "-s", bare.address(worker), "-p", "tcp", "--dport", "2377", "-j", "DROP")
    bare.inside(manager, "iptables", "-I", *rule)
    try:
        ran = bare.play("preflight", check=False)
    finally:
        bare.inside(manager, "iptables", "-D", *rule)
    assert ran.status == 2
    assert f"{worker} -> {manager} 2377/tcp: timed out" in ran.said
    assert ran.said.count("FAIL ") == 1


def test_a_connection_that_is_open_is_not_used_for_another_server_of_that_name(bare: Lab, tmp_path: Path) -> None:
    """The lab's servers have the names of real ones, and Ansible keeps connections open for a minute."""
    here, there = bare.names[1:3]
    assert bare.asked(here, "hostname") == here
    config = tmp_path / "ssh_config"
    told = (bare.folder / "ssh_config").read_text(encoding="utf-8")
    config.write_text(
        told.replace(f"HostName {bare.address(here)}", f"HostName {bare.address(there)}"), encoding="utf-8"
    )
    assert bare.but(ansible_ssh_common_args=f"-F {config}").asked(here, "hostname") == there


def test_check_mode_says_what_would_be_done_and_does_nothing(bare: Lab, untouched: set[str]) -> None:
    ran = bare.play("swarm-up", "--check", "--diff")
    assert "Would install docker.io" in ran.said
    assert "The engines above would be installed." in ran.said
    assert footprints(bare) ^ untouched == set()
