# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The server a module runs on, as far as it matters before a swarm is built on it. Reads only, and loads nothing."""

from __future__ import annotations

import array
import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

from ..common import linux
from ..common.errors import EngineError
from ..common.ports import ALL
from ..common.world_files import read
from ..engine import usage
from ..engine.world import Engine
from . import facts
from .world_kernel import foreign_settings, kernel

SIOCGIFCONF = 0x8912
DATA = "/var/lib/docker"
FEATURES = ("overlay", "bridge", "br_netfilter", "vxlan", "ip_vs", "ip_vs_rr", "nfs", "nfsv4")
PROGRAMS = ("/usr/bin/dockerd", "/usr/sbin/dockerd", "/usr/local/bin/dockerd")


def system() -> dict[str, Any]:
    known = kernel(FEATURES)
    return {
        "hostname": os.uname().nodename,
        "os": distribution(),
        "systemd": os.path.isdir("/run/systemd/system"),
        "root": os.geteuid() == 0,
        "python": ".".join(map(str, sys.version_info[:3])),
        "kernel": {
            "release": os.uname().release,
            "cgroup": 2 if os.path.exists("/sys/fs/cgroup/cgroup.controllers") else 1,
            "features": {name: known.support(name) for name in FEATURES},
            "foreign": foreign_settings(),
        },
        "memory": usage.memory({"meminfo": read("/proc/meminfo")})["limit"],
        "routes": linux.routes(read(linux.ROUTES)),
        "nameservers": facts.nameservers(read("/etc/resolv.conf")),
    }


def distribution() -> dict[str, Any]:
    return linux.os_release(next(filter(None, map(read, linux.OS_RELEASE)), ""))


def disk(root: str) -> dict[str, Any]:
    """The file system that holds the engine's data, or will: of a folder that is not there yet, its parent's."""
    path = root or _data_root()
    while not os.path.exists(path):
        path = os.path.dirname(path)
    stat = os.statvfs(path)
    return {
        "path": path,
        "free": stat.f_bavail * stat.f_frsize,
        "total": stat.f_blocks * stat.f_frsize,
    }


def _data_root() -> str:
    try:
        settings = json.loads(read("/etc/docker/daemon.json") or "{}")
    except ValueError:
        return DATA
    root = str(settings.get("data-root") or DATA) if isinstance(settings, dict) else DATA
    return root if root.startswith("/") else DATA


def interface_of(address: str) -> dict[str, Any]:
    """The interface that bears an address, with its MTU; C(all) has every address of this host with its interface."""
    found = addresses()
    name = next((interface for interface, known in found if known == address), "")
    return {
        "wanted": address,
        "interface": name,
        "mtu": int(read(f"/sys/class/net/{name}/mtu").strip() or 0) if name else 0,
        "all": [f"{known} on {interface}" for interface, known in found if not known.startswith("127.")],
    }


def addresses() -> list[tuple[str, str]]:
    """Interfaces with their IPv4 addresses, several for one interface if it has several."""
    size = 24 + 2 * struct.calcsize("P")  # struct ifreq
    entries = array.array("B", bytes(size * 1024))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("iP", len(entries), entries.buffer_info()[0])
        used = struct.unpack("iP", fcntl.ioctl(any_socket, SIOCGIFCONF, request))[0]
    data = entries.tobytes()[:used]
    found = []
    for start in range(0, used, size):
        entry = data[start : start + size]
        # An alias is shown under a label: eth0:1 is an address of eth0.
        name = entry[:16].partition(b"\0")[0].decode().partition(":")[0]
        found.append((name, socket.inet_ntoa(entry[20:24])))
    return found


def ports(address: str) -> list[dict[str, str]]:
    """The swarm's ports that something has already, with the name of its program; the kernel itself has none."""
    taken: dict[str, list[str]] = {}
    for protocol in ("tcp", "udp"):
        for table in (f"/proc/net/{protocol}", f"/proc/net/{protocol}6"):
            for number, inodes in facts.listeners(read(table), protocol, address).items():
                port = f"{number}/{protocol}"
                if port in ALL:
                    taken.setdefault(port, []).extend(inodes)
    owners = _programs({inode for inodes in taken.values() for inode in inodes}) if taken else {}
    return [
        {"port": port, "program": next((owners[inode] for inode in inodes if inode in owners), "")}
        for port, inodes in sorted(taken.items())
    ]


def _programs(inodes: Iterable[str]) -> dict[str, str]:
    """Which program has which socket, as far as there is one."""
    links = {f"socket:[{inode}]": inode for inode in inodes}
    found: dict[str, str] = {}
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            entries = os.listdir(f"/proc/{number}/fd")
        except OSError:  # a process that ended, or one that is none of ours
            continue
        for entry in entries:
            inode = links.get(_target(f"/proc/{number}/fd/{entry}"))
            if inode:
                found.setdefault(inode, read(f"/proc/{number}/comm").strip())
    return found


def _target(link: str) -> str:
    """Where a link points; nowhere, where it is gone by now: a busy program opens and closes files all the time."""
    try:
        return os.readlink(link)
    except OSError:
        return ""


def resolved(names: Iterable[str]) -> dict[str, str]:
    """For each name why it cannot be resolved; empty: it can."""
    errors = {}
    for name in names:
        try:
            socket.getaddrinfo(name, None)
            errors[name] = ""
        except OSError as error:
            errors[name] = str(error.strerror or error)
    return errors


def engine(path: str) -> dict[str, str]:
    """The engine's version, whether it answers and its state in a swarm; of one that does not run, the program's."""
    try:
        info = Engine(path, timeout=10).get("/info")
        swarm = info["Swarm"]["LocalNodeState"]
        return {"version": info["ServerVersion"], "running": "yes", "swarm": swarm, "root": info["DockerRootDir"]}
    except EngineError as error:
        trouble = "" if "FileNotFound" in repr(error.__cause__) else str(error)
    program = shutil.which("dockerd") or next((known for known in PROGRAMS if os.access(known, os.X_OK)), "")
    version = ""
    if program:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
        version = done.stdout.partition("version ")[2].partition(",")[0].strip()
    return {"version": version, "running": "", "swarm": "", "root": "", "trouble": trouble if program else ""}
