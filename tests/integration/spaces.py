# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A server, a member, a stranger and a container of the server, as network namespaces on this kernel."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any

SERVER, MEMBER, STRANGER, CONTAINER, NEIGHBOUR = SPACES = [f"hsfw{os.getpid()}{letter}" for letter in "smxcn"]
SSH, MANAGEMENT, GOSSIP, NFS, OTHER, WEB, HIDDEN = 10022, 2377, 7946, 2049, 9000, 8080, 8081
SWARM = {MANAGEMENT, GOSSIP, NFS}
OPEN = {SSH, OTHER}
UDP = {GOSSIP, 4789}
V4, V6, BEHIND = "10.99.0.1", "fd99::1", "172.18.0.2"
# The server's network, whose name begins as those of Docker's do, and the one between its containers.
LAN, BRIDGE = "br-lan", "docker_gwbridge"
NETWORKS = {LAN: (f"{V4}/24", f"{V6}/64"), BRIDGE: ("172.18.0.1/16", "fd18::1/64")}

# The collection, for programs in a namespace.
IMPORTABLE = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2] / ".collections")}

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
# Which of them answer: tcp:ADDRESS:PORT, udp:ADDRESS:PORT. All are asked at once, since one that is closed is waited for.
KNOCK = """
import concurrent.futures, json, socket, sys
def knock(place):
    kind, _, rest = place.partition(":")
    address, _, port = rest.rpartition(":")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
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
places = sys.argv[1:]
with concurrent.futures.ThreadPoolExecutor(len(places)) as pool:
    print(json.dumps([place for place, answers in zip(places, pool.map(knock, places)) if answers]))
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


@contextlib.contextmanager
def spaces() -> Iterator[None]:
    listeners = []
    try:
        for space in SPACES:
            ip("netns", "add", space)
            ip("-n", space, "link", "set", "lo", "up")
        for bridge, addresses in NETWORKS.items():
            ip("-n", SERVER, "link", "add", bridge, "type", "bridge")
            for address in addresses:
                ip("-n", SERVER, "address", "add", address, "dev", bridge, "nodad")
            ip("-n", SERVER, "link", "set", bridge, "up")
        wire(MEMBER, LAN, "10.99.0.2/24", "fd99::2/64")
        wire(STRANGER, LAN, "10.99.0.3/24", "fd99::3/64")
        wire(CONTAINER, BRIDGE, f"{BEHIND}/16", "fd18::2/64")
        wire(NEIGHBOUR, BRIDGE, "172.18.0.3/16", "fd18::3/64")
        ip("-n", CONTAINER, "route", "add", "default", "via", "172.18.0.1")
        ip("-n", CONTAINER, "route", "add", "default", "via", "fd18::1")
        for space in (MEMBER, STRANGER):
            ip("-n", space, "route", "add", "fd18::/64", "via", V6)
        inside(SERVER, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        inside(
            SERVER,
            "iptables",
            "-t",
            "nat",
            "-A",
            "POSTROUTING",
            "-s",
            "172.18.0.0/16",
            "!",
            "-o",
            "docker_gwbridge",
            "-j",
            "MASQUERADE",
        )
        # As Docker publishes the ports of a container.
        for port in (WEB, HIDDEN):
            dnat = f"PREROUTING -p tcp --dport {port} -m addrtype --dst-type LOCAL -j DNAT --to {BEHIND}:80"
            inside(SERVER, "iptables", "-t", "nat", "-A", *dnat.split())
        ports = [f"tcp:{port}" for port in SWARM | OPEN] + [f"udp:{port}" for port in UDP]
        near = [*ports, "tcp:53", f"tcp:{WEB}", "udp:53"]
        for space, words in (
            (SERVER, [*ports, "tcp:53", "udp:53"]),
            (MEMBER, near),
            (STRANGER, near),
            (CONTAINER, ["tcp:80"]),
            (NEIGHBOUR, ports),
        ):
            command = ["ip", "netns", "exec", space, sys.executable, "-c", LISTEN, *words]
            listeners.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        for one in listeners:
            assert one.stdout and one.stdout.readline() == "ready\n"
        yield
    finally:
        for one in listeners:
            one.kill()
            one.wait()
        for space in SPACES:
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


def answers(space: str, *addresses: str, more: Set[int] = frozenset()) -> dict[str, tuple[set[int], set[int]]]:
    """The TCP and UDP ports that each address answers on."""
    ports = {"tcp": {*SWARM, *OPEN, WEB, HIDDEN, *more}, "udp": {*UDP, *more}}
    places = [f"{kind}:{address}:{port}" for address in addresses for kind in ports for port in ports[kind]]
    open_ = set(json.loads(inside(space, sys.executable, "-c", KNOCK, *places)))

    def of(address: str, kind: str) -> set[int]:
        return {port for port in ports[kind] if f"{kind}:{address}:{port}" in open_}

    return {address: (of(address, "tcp"), of(address, "udp")) for address in addresses}


def reached(space: str, address: str = V4) -> set[int]:
    """The TCP ports that it answers on."""
    return answers(space, address)[address][0]


def waited(what: Any, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
    return False
