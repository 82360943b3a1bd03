# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is on the control host: the cluster's containers, networks and volumes, and what would be in their way."""

from __future__ import annotations

import errno
import io
import json
import shutil
import socket
import tarfile
from dataclasses import dataclass, field
from typing import Any

from ..common import linux
from ..common.owner import OWNER
from ..common.world_files import read
from ..engine.world_sdk import doing
from . import dind, identity, shape
from .dind import Machine

NO_ADDRESS = "not an address of this host"
SETTINGS_PATH = "/etc/docker/daemon.json"
UNLIMITED_MEMORY = 2**63 - 4096


@dataclass
class World:
    """One look at the engine; containers by name, owned or not."""

    containers: dict[str, dict[str, Any]]
    networks: dict[str, dict[str, Any]]
    volumes: dict[str, dict[str, Any]]
    local: bool
    machines: dict[str, Machine] = field(default_factory=dict)


def observe(client: Any, cluster: str) -> World:
    """Everything of the engine that can matter, in a handful of requests."""
    with doing(f"looking at cluster {cluster}"):
        containers = {c["Names"][0].lstrip("/"): c for c in client.containers(all=True) if c["Names"]}
        networks = {n["Name"]: n for n in client.networks()}
        volumes = {v["Name"]: v for v in client.volumes()["Volumes"] or []}
        world = World(containers, networks, volumes, client.base_url.startswith(("http+docker", "http+unix")))
        for name in owned(containers, cluster):
            world.machines[name] = _machine(client, name, networks)
    return world


def owned(objects: dict[str, dict[str, Any]], cluster: str) -> list[str]:
    """The names of those that carry this cluster's owner label."""
    return sorted(name for name, thing in objects.items() if (thing.get("Labels") or {}).get(OWNER) == cluster)


def _machine(client: Any, name: str, networks: dict[str, dict[str, Any]]) -> Machine:
    inspected = client.inspect_container(name)
    fixed = identity.made_as(inspected["Config"])
    attached = inspected["NetworkSettings"]["Networks"]
    current = networks.get(fixed.get("network", ""), {}).get("Id")
    fixed |= dind.connected(fixed, attached.get(fixed.get("network")), current)
    host = inspected["HostConfig"]
    memory = max(host.get("Memory") or 0, 0) % UNLIMITED_MEMORY
    status = inspected["State"]["Status"]
    state = {"running": "running", "restarting": "running", "created": "created"}.get(status, "stopped")
    cpus = max(host.get("CpuQuota") or 0, 0) / (host.get("CpuPeriod") or 1)
    return Machine(name, fixed, _settings(client, name), cpus, memory, state)


def address_of(container: dict[str, Any], network: str) -> str:
    """What the container, as its engine lists it, has on a network now."""
    return str(((container.get("NetworkSettings") or {}).get("Networks") or {}).get(network, {}).get("IPAddress") or "")


def _settings(client: Any, name: str) -> dict[str, Any] | None:
    """The container's daemon.json, running or not; None when it has none, an empty dict when it is unreadable."""
    import docker

    try:
        chunks, _stat = client.get_archive(name, SETTINGS_PATH)
    except docker.errors.NotFound:
        return None
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        member = archive.extractfile(archive.getmembers()[0])
        try:
            return json.load(member) if member else {}
        except ValueError:
            return {}


def subnets_of(networks: dict[str, dict[str, Any]], besides: str) -> dict[str, list[str]]:
    """The subnets of every other Docker network, also of those whose bridge is down."""
    return {
        f"Docker network '{name}'": [c["Subnet"] for c in (n.get("IPAM") or {}).get("Config") or [] if c.get("Subnet")]
        for name, n in networks.items()
        if name != besides
    }


def host_routes(path: str = linux.ROUTES) -> dict[str, list[str]]:
    """The control host's IPv4 routes but the default one, by interface (Linux; elsewhere the engine is in a VM)."""
    found: dict[str, list[str]] = {}
    for route in linux.routes(read(path)):
        # A VPN that takes everything has two routes of length 1 instead of a default one.
        if route["interface"] != "lo" and not route["subnet"].endswith("/1"):
            found.setdefault(f"the host's route through {route['interface']}", []).append(route["subnet"])
    return found


def host_addresses() -> list[str]:
    """The control host's own addresses, but for loopback and link-local ones, which mean another host elsewhere."""
    return linux.own_addresses(read(linux.TRIE), read(linux.ADDRESSES6))


def port_taken(published: str, containers: dict[str, dict[str, Any]]) -> str | None:
    """Who has this 'ADDRESS:HOST:CONTAINER/PROTOCOL' port on the host, or None when it is free."""
    address, port, rest = published.split(":")
    protocol = rest.split("/")[1]
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as probe:
        # For TCP it means to ignore connections that are closing; for UDP it would mean to share the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, kind == socket.SOCK_STREAM)
        try:
            probe.bind((address, int(port)))
            return None
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                return NO_ADDRESS
            if error.errno == errno.EACCES and not _answers(address, int(port), kind):
                return None
    return container_with(published, containers) or "another program"


def container_with(published: str, containers: dict[str, dict[str, Any]]) -> str | None:
    """Which of the containers has a port of this host."""
    address, port, rest = published.split(":")
    for name, container in containers.items():
        for mapping in container.get("Ports") or []:
            here = "0.0.0.0" in (address, mapping.get("IP")) or mapping.get("IP") == address
            if here and mapping.get("PublicPort") == int(port) and mapping.get("Type") == rest.partition("/")[2]:
                return f"container '{name}'"
    return None


def _answers(address: str, port: int, kind: int) -> bool:
    """Whether somebody listens; asked only where binding a low port is not ours to do."""
    if kind == socket.SOCK_DGRAM:
        return False
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def capacity(client: Any) -> tuple[int, int]:
    """How many CPUs and bytes of memory the engine's host has; 0 where it does not say."""
    info = _info(client)
    return info.get("NCPU") or 0, info.get("MemTotal") or 0


def free_bytes(client: Any) -> int | None:
    """Free disk space below the engine's data directory, or None where it cannot be seen."""
    try:
        return shutil.disk_usage(_info(client)["DockerRootDir"]).free
    except OSError:
        return None


def unfit(client: Any) -> str:
    """Why the engine can run no machines; empty: it can."""
    return shape.unfit(_info(client).get("SecurityOptions") or [])


def _info(client: Any) -> Any:
    with doing("asking the engine of this computer what it is and has"):
        return client.info()


def privileges() -> str:
    """V(full), or V(reduced) where this host itself lacks SYS_RESOURCE (capability 24) and so cannot give it."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            bounding = next(line.split()[1] for line in status if line.startswith("CapBnd:"))
    except OSError:
        return "full"
    return "full" if int(bounding, 16) >> 24 & 1 else "reduced"
