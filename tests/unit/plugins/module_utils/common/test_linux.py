# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common import linux


def test_routes() -> None:
    table = "Iface\tDestination\n" + "".join(
        f"{name}\t{to}\t0\t1\t0\t0\t0\t{mask}\t0\t0\t0\n"
        for name, to, mask in (
            ("eth0", "00000000", "00000000"),
            ("eth0", "000200C0", "00FFFFFF"),
            ("tun0", "0000000A", "000000FF"),
        )
    )
    assert linux.routes(table) == [
        {"subnet": "192.0.2.0/24", "interface": "eth0"},
        {"subnet": "10.0.0.0/8", "interface": "tun0"},
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n',
            {
                "family": "debian",
                "id": "ubuntu",
                "like": ["debian"],
                "version": "24.04",
                "major": "24",
                "codename": "",
                "name": "Ubuntu 24.04.1 LTS",
            },
        ),
        ("", {"family": "", "id": "", "like": [], "version": "", "major": "", "codename": "", "name": ""}),
    ],
)
def test_os_release(text: str, expected: dict[str, Any]) -> None:
    assert linux.os_release(text) == expected


@pytest.mark.parametrize(
    ("text", "family", "major", "codename"),
    [
        ('ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\nPRETTY_NAME="Debian"\n', "debian", "13", "trixie"),
        (
            'PRETTY_NAME="U"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nVERSION_CODENAME=noble',
            "debian",
            "24",
            "noble",
        ),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n', "redhat", "9", ""),
        ("ID=debian\nVERSION_CODENAME=forky\n", "debian", "", "forky"),
        ("ID=alpine\nVERSION_ID=3.20.1\n", "", "3", ""),
        ("", "", "", ""),
    ],
)
def test_systems(text: str, family: str, major: str, codename: str) -> None:
    seen = linux.os_release(text)
    assert (seen["family"], seen["major"], seen["codename"]) == (family, major, codename)


TRIE = """Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 192.0.2.2
        /32 host LOCAL
     |-- 192.0.2.255
        /32 link BROADCAST
Local:
     |-- 192.0.2.2
        /32 host LOCAL
     |-- 169.254.3.1
        /32 host LOCAL
"""
SIX = """20010db8000000000000000000000002 02 40 00 80     eth0
00000000000000000000000000000001 01 80 10 80       lo
fe8000000000000000fc00fffe000001 02 40 20 80     eth0
"""


def test_own_addresses() -> None:
    assert linux.own_addresses(TRIE, SIX) == ["192.0.2.2", "2001:db8::2"]
    assert linux.own_addresses("", "") == []
