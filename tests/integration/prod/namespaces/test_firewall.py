# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The firewall's rules on this kernel: a server, a member, a stranger and a container in network namespaces.

Needs root, ip, nft, iptables and iptables-legacy, and says so by failing.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SERVER, MEMBER, STRANGER, CONTAINER = (f"hsfw{os.getpid()}{letter}" for letter in "smxc")
SSH, MANAGEMENT, GOSSIP, NFS, OTHER, WEB, HIDDEN = 10022, 2377, 7946, 2049, 9000, 8080, 8081
SWARM = {MANAGEMENT, GOSSIP, NFS}
OPEN = {SSH, OTHER}
UDP = {GOSSIP, 4789}
V4, V6, BEHIND = "10.99.0.1", "fd99::1", "172.18.0.2"

# The collection, for programs in a namespace.
IMPORTABLE = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[4] / ".collections")}

LISTEN = """
import selectors, socket, sys
loop = selectors.DefaultSelector()
for word in sys.argv[1:]:
    kind, port = word.split(":")
    one = socket.socket(socket.AF_INET6, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(("::", int(port)))
    if kind == "tcp":
        one.listen()
    loop.register(one, selectors.EVENT_READ, kind)
print("ready", flush=True)
while True:
    for key, _ in loop.select():
        if key.data == "tcp":
            key.fileobj.accept()[0].close()
        else:
            key.fileobj.sendto(b"pong", key.fileobj.recvfrom(99)[1])
"""
KNOCK = """
import concurrent.futures, json, socket, sys
address, kind, *ports = sys.argv[1:]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
def knock(port):
    with socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM) as one:
        one.settimeout(0.7)
        try:
            one.connect((address, int(port)))
            if kind == "udp":
                one.send(b"ping")
                one.recv(99)
            return True
        except OSError:
            return False
with concurrent.futures.ThreadPoolExecutor() as pool:
    print(json.dumps([int(port) for port, in_ in zip(ports, pool.map(knock, ports)) if in_]))
"""
PING = """
import socket, sys
one = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
one.settimeout(1)
one.sendto(b"\\x08\\x00\\xf7\\xfe\\x00\\x01\\x00\\x00", (sys.argv[1], 0))
assert one.recv(99)[20] == 0
"""
PLAY = """
import json, sys, types
from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall import world, world_undo
from ansible_collections.hydra.swarm.plugins.modules import firewall_rules
wanted = json.loads(sys.argv[1])
folder, commands = wanted.pop("folder"), wanted.pop("commands")
for name in ("RUN", "SAVED", "UNITS"):
    setattr(world_undo, name, f"{folder}/{name}/x")
world.PATH = f"{commands}:{world.PATH}"
check_mode = wanted.pop("check_mode", False)
params = {name: option.get("default") for name, option in firewall_rules.ARGUMENTS.items()}
module = types.SimpleNamespace(params={**params, **wanted}, check_mode=check_mode)
try:
    print(json.dumps(firewall_rules.run(module)))
except Exception as error:
    print(json.dumps({"failed": str(error)}))
"""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def inside(space: str, *command: str) -> str:
    whole = ["ip", "netns", "exec", space, *command]
    done = subprocess.run(whole, check=False, capture_output=True, text=True, env=IMPORTABLE)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def wire(inner: str, bridge: str, *addresses: str) -> None:
    ip("link", "add", "eth0", "netns", inner, "type", "veth", "peer", "name", inner, "netns", SERVER)
    ip("-n", SERVER, "link", "set", inner, "master", bridge, "up")
    for address in addresses:
        ip("-n", inner, "address", "add", address, "dev", "eth0", "nodad")
    ip("-n", inner, "link", "set", "eth0", "up")


@pytest.fixture(scope="module")
def _spaces() -> Iterator[None]:
    listeners = []
    try:
        for space in (SERVER, MEMBER, STRANGER, CONTAINER):
            ip("netns", "add", space)
            ip("-n", space, "link", "set", "lo", "up")
        for bridge, addresses in {"lan": (f"{V4}/24", f"{V6}/64"), "docker_gwbridge": ("172.18.0.1/16",)}.items():
            ip("-n", SERVER, "link", "add", bridge, "type", "bridge")
            for address in addresses:
                ip("-n", SERVER, "address", "add", address, "dev", bridge, "nodad")
            ip("-n", SERVER, "link", "set", bridge, "up")
        wire(MEMBER, "lan", "10.99.0.2/24", "fd99::2/64")
        wire(STRANGER, "lan", "10.99.0.3/24", "fd99::3/64")
        wire(CONTAINER, "docker_gwbridge", f"{BEHIND}/16")
        ip("-n", CONTAINER, "route", "add", "default", "via", "172.18.0.1")
        inside(SERVER, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        # As Docker publishes the ports of a container.
        for port in (WEB, HIDDEN):
            dnat = f"PREROUTING -p tcp --dport {port} -m addrtype --dst-type LOCAL -j DNAT --to {BEHIND}:80"
            inside(SERVER, "iptables", "-t", "nat", "-A", *dnat.split())
        ports = [f"tcp:{port}" for port in SWARM | OPEN] + [f"udp:{port}" for port in UDP]
        for space, words in ((SERVER, ports), (CONTAINER, ["tcp:80"])):
            command = ["ip", "netns", "exec", space, sys.executable, "-c", LISTEN, *words]
            listeners.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        for one in listeners:
            assert one.stdout and one.stdout.readline() == "ready\n"
        yield
    finally:
        for one in listeners:
            one.kill()
            one.wait()
        for space in (SERVER, MEMBER, STRANGER, CONTAINER):
            subprocess.run(["ip", "netns", "delete", space], check=False, capture_output=True)


class Server:
    def __init__(self, folder: Path, tool: str):
        self.folder, self.backend = folder, "nftables" if tool == "nftables" else "iptables"
        (folder / "commands").mkdir()
        for name in ("RUN", "SAVED", "UNITS"):
            (folder / name).mkdir()
        if tool == "iptables-legacy":  # as where the alternative is set to it
            for family in ("iptables", "ip6tables"):
                for suffix in ("", "-restore"):
                    (folder / "commands" / f"{family}{suffix}").symlink_to("/usr/sbin/xtables-legacy-multi")

    def play(self, fails: bool = False, **wanted: Any) -> dict[str, Any]:
        usual = {
            "members": ["10.99.0.2", "10.99.0.1", "fd99::2"],
            "manager": True,
            "nfs": True,
            "ssh_ports": [SSH],
            "backend": self.backend,
            "rollback_after": 0,
            "folder": str(self.folder),
            "commands": str(self.folder / "commands"),
        }
        result = json.loads(inside(SERVER, sys.executable, "-c", PLAY, json.dumps({**usual, **wanted})))
        assert ("failed" in result) == bool(fails), result
        return result

    def rules(self) -> str:
        """Everything, also of others, without times and counters."""
        shown = inside(SERVER, "sh", "-c", "nft -s list ruleset; iptables-legacy-save; ip6tables-legacy-save")
        return re.sub(r"\[\d+:\d+\]|^#.*$", "", shown, flags=re.MULTILINE)


def reached(space: str, address: str = V4, kind: str = "tcp") -> set[int]:
    ports = {*SWARM, *OPEN, WEB, HIDDEN} if kind == "tcp" else UDP
    return set(json.loads(inside(space, sys.executable, "-c", KNOCK, address, kind, *map(str, ports))))


def waited(what: Any, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
    return False


@pytest.fixture(params=["nftables", "iptables", "iptables-legacy"])
def server(request: pytest.FixtureRequest, _spaces: None, tmp_path: Path) -> Iterator[Server]:
    one = Server(tmp_path, request.param)
    yield one
    one.play(state="absent")


def test_a_stranger_is_kept_out_and_a_member_is_not(server: Server) -> None:
    everything = SWARM | OPEN | {WEB, HIDDEN}
    assert reached(STRANGER) == everything and reached(STRANGER, kind="udp") == UDP  # the test can see a difference
    assert server.play(check_mode=True)["changed"]
    assert reached(STRANGER) == everything
    first = server.play()
    assert first["changed"] and first["diff"]["before"]["rules"] == {}
    assert reached(STRANGER) == OPEN | {WEB, HIDDEN}
    assert reached(STRANGER, V6) == OPEN
    assert reached(STRANGER, kind="udp") == reached(STRANGER, V6, "udp") == set()
    assert reached(MEMBER) == everything
    assert reached(MEMBER, V6) == SWARM | OPEN
    assert reached(MEMBER, kind="udp") == reached(MEMBER, V6, "udp") == UDP
    assert reached(SERVER) >= SWARM | OPEN  # itself
    again = server.play()
    assert not again["changed"], again["diff"]
    assert not server.play(check_mode=True)["changed"]


def test_a_worker_answers_nobody_on_the_managers_port(server: Server) -> None:
    server.play(manager=False, nfs=False)
    assert reached(MEMBER) & SWARM == {GOSSIP, NFS}
    assert reached(STRANGER) & SWARM == {NFS}  # not an NFS server of ours


def test_published_ports_are_open_as_listed(server: Server) -> None:
    server.play(published=[f"{WEB}/tcp"])
    assert reached(STRANGER) == OPEN | {WEB}
    assert reached(MEMBER) == SWARM | OPEN | {WEB, HIDDEN}
    server.play(published=[{"port": f"{WEB}/tcp", "sources": ["10.99.0.0/30"]}, f"{HIDDEN}/tcp"])
    assert reached(STRANGER) == OPEN | {WEB, HIDDEN}
    server.play(published=[{"port": f"{WEB}/tcp", "sources": ["10.98.0.0/24"]}, {"port": f"{OTHER}/tcp"}])
    assert reached(STRANGER) == OPEN
    assert reached(STRANGER, V6) == OPEN
    assert not server.play(published=[{"port": f"{WEB}/tcp", "sources": ["10.98.0.0/24"]}, f"{OTHER}/tcp"])["changed"]


def test_everything_else_is_closed_where_that_is_wanted(server: Server) -> None:
    server.play(default_deny=True, published=[f"{WEB}/tcp"])
    assert reached(STRANGER) == {SSH, WEB}
    assert reached(STRANGER, V6) == {SSH}
    inside(STRANGER, sys.executable, "-c", PING, V4)  # that IPv6 found its neighbour took ICMP, too
    assert reached(MEMBER) == SWARM | OPEN | {WEB, HIDDEN}


def test_what_others_made_stays_and_what_is_ours_goes(server: Server) -> None:
    inside(SERVER, "nft", "add table inet theirs; add chain inet theirs c { type filter hook input priority 0; }")
    inside(SERVER, "iptables-legacy", "-t", "mangle", "-A", "PREROUTING", "-p", "tcp", "--dport", "5", "-j", "DROP")
    inside(SERVER, "iptables", "-t", "mangle", "-A", "FORWARD", "-p", "tcp", "--dport", "6", "-j", "DROP")
    server.play(state="absent")
    before = server.rules().lower()
    server.play(published=["1/tcp"])
    after = server.rules().lower()
    assert "hydra" in after
    assert [line for line in before.splitlines() if line.strip() and line not in after and line[0] not in "#:"] == []
    assert server.play(state="absent")["changed"]
    assert "hydra" not in server.rules().lower()
    assert not server.play(state="absent")["changed"]
    assert list((server.folder / "SAVED").iterdir()) == []


def test_a_change_by_hand_is_put_right(server: Server) -> None:
    server.play()
    script = (
        "nft flush chain inet hydra_swarm guard"
        if server.backend == "nftables"
        else "iptables -t mangle -F HYDRA-SWARM"
    )
    inside(SERVER, "sh", "-c", f"PATH={server.folder}/commands:$PATH {script}")
    assert reached(STRANGER) >= SWARM
    assert server.play()["changed"]
    assert reached(STRANGER) & SWARM == set()


def test_what_nobody_confirms_is_taken_back(server: Server) -> None:
    server.play(manager=False)
    old = server.rules()
    token = server.play(rollback_after=2, default_deny=True)["rollback"]
    assert token and reached(STRANGER) == {SSH}
    assert waited(lambda: reached(STRANGER) == OPEN | {WEB, HIDDEN}, 6)
    assert server.rules() == old
    assert "was taken back" in server.play(state="confirmed", token=token, fails=True)["failed"]


def test_a_first_change_that_nobody_confirms_leaves_nothing(server: Server) -> None:
    assert server.play(rollback_after=1)["rollback"]
    assert waited(lambda: "hydra" not in server.rules().lower(), 6)
    assert list((server.folder / "SAVED").iterdir()) == []


def test_what_is_confirmed_stays(server: Server) -> None:
    token = server.play(rollback_after=2)["rollback"]
    server.play(state="confirmed", token=token)
    assert not waited(lambda: reached(STRANGER) & SWARM, 4)
    assert not server.play(rollback_after=2)["changed"]
    # At boot, the saved script finds nothing and loads all of it; run once more it changes nothing.
    rules, saved = server.rules(), str(server.folder / "SAVED" / "x")
    inside(SERVER, "nft", "delete table inet hydra_swarm") if server.backend == "nftables" else None
    for _time in range(2):
        inside(SERVER, "sh", "-c", f"PATH={server.folder}/commands:$PATH sh {saved}")
        assert server.rules() == rules


def test_rules_that_are_refused_in_part_leave_the_old_ones(server: Server) -> None:
    server.play(manager=False)
    old = server.rules()
    # A stand-in whose second half fails, as where IPv6 lacks what IPv4 has.
    name, real = ("nft", "/usr/sbin/nft") if server.backend == "nftables" else ("ip6tables-restore", "")
    stand_in = server.folder / "commands" / name
    kept = stand_in.readlink() if stand_in.is_symlink() else None
    stand_in.unlink(missing_ok=True)
    real = real or f"/usr/sbin/{'ip6tables-legacy-restore' if kept else 'ip6tables-restore'}"
    # In the namespace where rules are tried, nothing but lo exists, and it works.
    stand_in.write_text(
        f'#!/bin/sh\ncase " $* " in *" -f "*|*noflush*) grep -q lan /proc/net/dev && exit 3 ;; esac\nexec {real} "$@"\n'
    )
    stand_in.chmod(0o755)
    failed = server.play(fails=True, rollback_after=5)["failed"]
    stand_in.unlink()
    if kept:
        stand_in.symlink_to(kept)
    assert failed.startswith("the firewall refused a part of the rules, and is as it was")
    if server.backend == "iptables":  # nft did nothing at all, neither there nor back
        server.play(manager=False)
    assert server.rules() == old
