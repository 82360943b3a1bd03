# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.server import facts

TCP = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F0A 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0 0 10 0
   1: 0100007F:0949 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1 0 100 0 0 10 0
   2: 140200C0:0949 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1 0 100 0 0 10 0
   3: 140200C0:0801 00000000:0000 01 00000000:00000000 00:00000000 00000000     0        0 444 1 0 100 0 0 10 0
"""
TCP6 = """  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:0801 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 0 1
   1: 0000000000000000FFFF0000140200C0:0949 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 555 1
   2: 00000000000000000000000001000000:1F0A 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 666 1
"""
UDP = """   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
  7: 00000000:12B5 00000000:0000 07 0:0 00:0 0 0 0 0 2 0000 0
"""


@pytest.mark.parametrize(
    ("table", "protocol", "ports"),
    [
        (TCP, "tcp", {7946: ["111"], 2377: ["333"]}),
        (TCP6, "tcp", {2049: ["0"], 2377: ["555"]}),
        (UDP, "udp", {4789: ["0"]}),
        ("", "tcp", {}),
    ],
)
def test_listeners(table: str, protocol: str, ports: dict[int, list[str]]) -> None:
    assert facts.listeners(table, protocol, "192.0.2.20") == ports


@pytest.mark.parametrize(
    ("commands", "service"), [(["init", "systemd-timesyn"], "systemd-timesyncd"), (["chronyd"], "chrony"), (["sh"], "")]
)
def test_time_service(commands: list[str], service: str) -> None:
    assert facts.time_service(commands) == service


def test_nameservers() -> None:
    assert facts.nameservers("# nameserver 1\nsearch a\nnameserver 192.0.2.1\nnameserver\n") == ["192.0.2.1"]


def test_apt_sources() -> None:
    lines = "# deb http://no/ x main\ndeb-src http://no/ x main\ndeb [arch=amd64 signed-by=/k] http://a/debian/ trixie main\n"
    paragraphs = """Types: deb deb-src
URIs: http://a/debian https://b/
Suites: trixie
 trixie-updates
Components: main
# Enabled: no

Types: deb
URIs: http://off/
Suites: x
Enabled: no

Types: deb-src
URIs: http://src/
Suites: x
"""
    assert facts.apt_sources({"sources.list": lines, "a.sources": paragraphs}) == [
        {"uri": "http://a/debian", "suite": "trixie"},
        {"uri": "http://a/debian", "suite": "trixie-updates"},
        {"uri": "https://b", "suite": "trixie"},
        {"uri": "https://b", "suite": "trixie-updates"},
    ]


@pytest.mark.parametrize(
    ("suite", "url"), [("trixie", "http://a/dists/trixie/InRelease"), ("./", "http://a/./InRelease")]
)
def test_index_of(suite: str, url: str) -> None:
    assert facts.index_of({"uri": "http://a", "suite": suite}) == url


@pytest.mark.parametrize(
    ("host", "proxy"),
    [("deb.example.edu", "http://proxy:3128"), ("near.example.edu", "DIRECT"), ("", "http://proxy:3128")],
)
def test_proxy_of(host: str, proxy: str) -> None:
    dump = 'Acquire "";\nAcquire::http "";\nAcquire::http::Proxy "http://proxy:3128";\nAcquire::http::Proxy::near.example.edu "DIRECT";\n'
    settings = facts.apt_settings(dump)
    assert facts.proxy_of(settings, "http", host) == proxy
    assert facts.proxy_of(settings, "https", host) == ""
