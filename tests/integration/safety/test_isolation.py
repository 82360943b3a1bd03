# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A container without rights, as a workspace is, reaches nothing of the machines and no network that it is not on.

Each test first shows that what it tries works for a machine: a packet that was wrong would prove nothing.
"""

from __future__ import annotations

import contextlib
import http.client
import http.server
import json
import subprocess
import threading
from collections.abc import Iterator

import pytest
from harness import Cluster, until

LISTEN = """
import socket
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
one.bind(("", 9999))
while True:
    print(one.recv(99).decode(), flush=True)
"""
# What an overlay network's packets look like between machines: the network's number, and a frame for a container's interface. Each is
# sent whole, and again in pieces, of which only the first says for which port it is: too long by options of its head that do nothing.
SEND = """
import ipaddress, socket, struct, sys
vni, mac, address, said, *targets = sys.argv[1:]
to = ipaddress.ip_address(address)
def header(udp, checksum=0):
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 7, 0, 64, 17, checksum, (to + 100).packed, to.packed)
def frame(text):
    udp = struct.pack("!HHHH", 9998, 9999, 8 + len(text), 0) + text
    total = sum(struct.unpack("!10H", header(udp)))
    ip = header(udp, ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF)
    return bytes.fromhex(mac.replace(":", "")) + bytes.fromhex("024200000099") + b"\\x08\\x00" + ip + udp
whole, pieces = frame(f"{said}, whole".encode()), frame(f"{said}, in pieces".encode().ljust(1400, b"."))
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
one.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
for options, sent in ((b"", whole), (b"\\x01" * 40, pieces)):
    one.setsockopt(socket.IPPROTO_IP, 4, options)
    for target in targets * 3:
        try:
            one.sendto(struct.pack("!II", 0x08000000, int(vni) << 8) + sent, (target, 4789))
        except OSError as error:
            print(target, error)
"""
KNOCK = """
import concurrent.futures, json, socket, sys
def knock(where):
    address, _, port = where.rpartition(":")
    try:
        socket.create_connection((address, int(port)), timeout=2).close()
        return where
    except OSError:
        return None
with concurrent.futures.ThreadPoolExecutor() as pool:
    print(json.dumps([one for one in pool.map(knock, sys.argv[1:]) if one]))
"""
# The node's own Python, for an image that has none.
PYTHON = [
    f"--volume={here}:{there}:ro"
    for here, there in {"/usr": "/usr", "/usr/lib": "/lib", "/usr/lib64": "/lib64"}.items()
]
NOBODY = ("--user=1000:1000", "--cap-drop=ALL", "--security-opt=no-new-privileges")
METADATA = "169.254.169.254"
INTERNET = "198.51.100.7"  # an address of nobody (RFC 5737)
PORT = 8099


class Box:
    """A container on a network of a node."""

    def __init__(self, cluster: Cluster, node: str, image: str, network: str, *command: str):
        self.cluster, self.node = cluster, node
        words = ("docker", "run", "--detach", "--network", network, *NOBODY, *PYTHON, image, *command)
        self.id = cluster.inside(node, *words)
        (shown,) = json.loads(cluster.inside(node, "docker", "inspect", self.id))
        self.address: str = shown["NetworkSettings"]["Networks"][network]["IPAddress"]

    def run(self, script: str, *arguments: str) -> str:
        return self.cluster.inside(self.node, "docker", "exec", self.id, "/usr/bin/python3", "-c", script, *arguments)

    def log(self) -> str:
        return self.cluster.inside(self.node, "docker", "logs", self.id)

    def close(self) -> None:
        self.cluster.inside(self.node, "docker", "rm", "--force", self.id, check=False)


class Victim(Box):
    """One that listens on the students' network; C(packet) is how one is addressed to it from outside of that."""

    def __init__(self, cluster: Cluster, node: str, image: str):
        super().__init__(cluster, node, image, "hydra_students_net", "/usr/bin/python3", "-c", LISTEN)
        (network,) = json.loads(cluster.inside(node, "docker", "network", "inspect", "hydra_students_net"))
        mac = cluster.inside(node, "docker", "exec", self.id, "cat", "/sys/class/net/eth0/address")
        self.packet = (network["Options"]["com.docker.network.driver.overlay.vxlanid_list"], mac, self.address)


@pytest.fixture(scope="module")
def attacker(cluster: Cluster, nodes: dict[str, str], tiny: str) -> Iterator[Box]:
    one = Box(cluster, nodes["chimera"], tiny, "hydra_public", "sleep", "3600")
    yield one
    one.close()


@pytest.fixture(scope="module", params=["chimera", "cerberus"])
def victim(request: pytest.FixtureRequest, cluster: Cluster, nodes: dict[str, str], tiny: str) -> Iterator[Victim]:
    """On the attacker's own node, and on another."""
    one = Victim(cluster, nodes[request.param], tiny)
    yield one
    one.close()


@pytest.fixture(scope="module")
def places(cluster: Cluster, nodes: dict[str, str], nfs: str, tiny: str) -> Iterator[dict[str, str]]:
    """What a workspace has no business with, and answers a node: by what it is, ADDRESS:PORT."""
    addresses = {host: cluster.machines[name]["swarm_node_address"] for host, name in nodes.items()}
    network = cluster.machines[nodes["hydra"]]["dind_cluster_network"]["name"]
    pool = json.loads(cluster.docker("network", "inspect", network))[0]["IPAM"]["Config"][0]
    gateway = pool.get("Gateway") or pool["Subnet"].rpartition(".")[0] + ".1"
    publish = ("--restart", "always", "--publish", f"{PORT}:80", tiny, "httpd", "-f", "-h", "/www")
    web = cluster.inside(nodes["hydra"], "docker", "run", "--detach", *publish)
    own = cluster.inside(nodes["chimera"], "docker", "run", "--detach", *publish)
    elsewhere(cluster, nodes, "add")
    computer = http.server.ThreadingHTTPServer((gateway, 0), http.server.BaseHTTPRequestHandler)
    another = http.server.ThreadingHTTPServer((_address_of_this_computer(), 0), http.server.BaseHTTPRequestHandler)
    for server in (computer, another):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield {
            "joining the swarm": f"{addresses['hydra']}:2377",
            "gossip of the manager": f"{addresses['hydra']}:7946",
            "gossip of its own node": f"{addresses['chimera']}:7946",
            "gossip of its own node, from inside": "172.18.0.1:7946",
            "NFS": f"{cluster.machines[nfs]['swarm_node_address']}:2049",
            "a published port": f"{addresses['hydra']}:{PORT}",
            "a published port of its own node": f"{addresses['chimera']}:{PORT}",
            "metadata": f"{METADATA}:{PORT}",
            "this computer, as gateway": f"{gateway}:{computer.server_port}",
            "this computer, at another address": "{}:{}".format(*another.server_address[:2]),
        }
    finally:
        for server in (computer, another):
            server.shutdown()
            server.server_close()
        elsewhere(cluster, nodes, "del")
        cluster.inside(nodes["hydra"], "docker", "rm", "--force", web, check=False)
        cluster.inside(nodes["chimera"], "docker", "rm", "--force", own, check=False)


def elsewhere(cluster: Cluster, nodes: dict[str, str], what: str) -> None:
    """Places that are of no machine of the cluster, for chimera behind hydra: where a cloud's machines ask who they are, and the internet."""
    hydra = cluster.machines[nodes["hydra"]]["swarm_node_address"]
    for address in (METADATA, INTERNET):
        cluster.inside(nodes["hydra"], "ip", "address", what, f"{address}/32", "dev", "lo", check=what == "add")
        cluster.inside(nodes["chimera"], "ip", "route", what, address, "via", hydra, check=what == "add")


def _address_of_this_computer() -> str:
    """The one it has towards the world."""
    shown = json.loads(
        subprocess.run(["ip", "-j", "route", "get", "198.51.100.1"], capture_output=True, check=True).stdout
    )
    return str(shown[0]["prefsrc"])


def reached(cluster: Cluster, where: Box | str, places: dict[str, str]) -> set[str]:
    said = where.run(KNOCK, *places.values()) if isinstance(where, Box) else cluster.inside(
        where, "python3", "-c", KNOCK, *places.values()
    )  # fmt: skip
    return {name for name, place in places.items() if place in json.loads(said)}


def assert_no_packet_arrives(cluster: Cluster, nodes: dict[str, str], attacker: Box, victim: Victim) -> None:
    """What a node sends arrives; what a container sends meanwhile does not, wherever it is sent."""
    node = cluster.machines[victim.node]["swarm_node_address"]
    targets = [node]
    if victim.node == attacker.node:  # ways to one's own machine
        targets += ["172.18.0.1", "172.18.255.255", "224.0.0.1", "255.255.255.255"]
    attacker.run(SEND, *victim.packet, "from a container", *targets)
    said = f"from a node, after {len(victim.log())} characters"
    sender = ("python3", "-c", SEND, *victim.packet, said, node)
    arrived = (f"{said}, whole", f"{said}, in pieces")
    until(
        "the node's packets",
        lambda: cluster.inside(nodes["hydra"], *sender) == "" and all(one in victim.log() for one in arrived),
    )
    assert "from a container" not in victim.log()


def test_no_packet_gets_into_another_network(
    cluster: Cluster, nodes: dict[str, str], attacker: Box, victim: Victim
) -> None:
    assert_no_packet_arrives(cluster, nodes, attacker, victim)


def test_nothing_of_the_machines_is_reached(
    cluster: Cluster, nodes: dict[str, str], attacker: Box, places: dict[str, str]
) -> None:
    until("all of it to answer a node", lambda: reached(cluster, nodes["chimera"], places) == set(places))
    assert reached(cluster, attacker, places) == set()


def test_what_a_container_needs_is_reached(
    cluster: Cluster, nodes: dict[str, str], attacker: Box, places: dict[str, str], nfs: str, tiny: str
) -> None:
    """Another task on its network, on another node; the internet; and names that its node knows."""
    web = Box(cluster, nodes["cerberus"], tiny, "hydra_public", "sleep", "600")
    listen = "import http.server as h; h.ThreadingHTTPServer(('', 8000), h.BaseHTTPRequestHandler).serve_forever()"
    try:
        cluster.inside(web.node, "docker", "exec", "--detach", web.id, "/usr/bin/python3", "-c", listen)
        until("the task on the other node", lambda: reached(cluster, attacker, {"task": f"{web.address}:8000"}))
        assert reached(cluster, attacker, {"internet": f"{INTERNET}:{PORT}"}) == {"internet"}
        # With its network's name, since an engine asks nobody for a name without a dot.
        network = cluster.machines[nfs]["dind_cluster_network"]["name"]
        ask = f"import socket; print(socket.gethostbyname('{nfs}.{network}'))"
        assert attacker.run(ask).strip() == cluster.machines[nfs]["swarm_node_address"]
    finally:
        web.close()


def test_published_ports_answer_those_outside(cluster: Cluster, nodes: dict[str, str], places: dict[str, str]) -> None:
    for name in ("a published port", "a published port of its own node"):
        address, _colon, port = places[name].partition(":")
        with contextlib.closing(http.client.HTTPConnection(address, int(port), timeout=5)) as asked:
            asked.request("GET", "/")
            assert asked.getresponse().status == 200


def test_tasks_of_one_machine_are_apart(cluster: Cluster, nodes: dict[str, str], attacker: Box, tiny: str) -> None:
    """Each has an address on the bridge that the engine gives all of them; also without the engine's own rules."""
    with contextlib.closing(Victim(cluster, attacker.node, tiny)) as victim:
        (bridge,) = json.loads(cluster.inside(victim.node, "docker", "network", "inspect", "docker_gwbridge"))
        address = bridge["Containers"][victim.id]["IPv4Address"].partition("/")[0]
        say = "import socket, sys; socket.socket(2, 2).sendto(sys.argv[2].encode(), (sys.argv[1], 9999))"
        cluster.inside(victim.node, "iptables", "--flush")
        attacker.run(say, address, "from next door")
        sender = ("python3", "-c", say, address, "from the machine")
        until("the machine's packet", lambda: cluster.inside(victim.node, *sender) == "" and "machine" in victim.log())
        assert "next door" not in victim.log()


def test_it_stays_so(cluster: Cluster, nodes: dict[str, str], attacker: Box, places: dict[str, str], tiny: str) -> None:
    """Whatever becomes of the engine's own rules, and after a restart of the machine."""
    node = attacker.node
    cluster.inside(node, "iptables", "--flush")
    assert reached(cluster, attacker, places) == set()
    cluster.docker("restart", node)
    cluster.heals()
    cluster.inside(node, "ip", "route", "add", METADATA, "via", cluster.machines[nodes["hydra"]]["swarm_node_address"])
    until("all of it to answer", lambda: reached(cluster, node, places) == set(places))
    with (
        contextlib.closing(Victim(cluster, node, tiny)) as victim,
        contextlib.closing(Box(cluster, node, tiny, "hydra_public", "sleep", "600")) as another,
    ):
        assert_no_packet_arrives(cluster, nodes, another, victim)
        assert reached(cluster, another, places) == set()
