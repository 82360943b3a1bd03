# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The servers of a lab: virtual machines on this computer, made to rehearse what real servers will go through.

A server is a kernel, a disk of its own on top of one that all share, and a second disk: an archive with what tells it
apart.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Interface, ip_address
from typing import Any

from ..common.errors import Refusal
from ..common.text import table
from .kinds import KINDS

HOSTNAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
LONGEST_INTERFACE = 15  # characters, Linux's IFNAMSIZ less the closing zero
USER = "ops"  # made by the disk's recipe; may become root
USER_ID = 1000


@dataclass(frozen=True)
class Guest:
    """One server, and whether it runs: C(state) is absent, stopped or running."""

    name: str
    address: str
    state: str = "absent"


@dataclass(frozen=True)
class Lab:
    """What all servers of a lab have in common; C(gateway) is this computer's address among them, with its prefix."""

    name: str
    folder: str
    gateway: IPv4Interface
    backend: str
    memory: int  # MiB
    resolvers: tuple[str, ...] = ()

    def mark(self, guest: str) -> str:
        """On the kernel's command line, so that a server's process is known from all others."""
        return f"hydra.lab={self.name}/{guest}"

    def tap(self, guest: str) -> str:
        return f"{self.name}-{guest}"[:LONGEST_INTERFACE]


def check(lab: Lab, guests: Sequence[Guest]) -> None:
    """Raises Refusal with every rule that names and addresses break."""
    problems = [
        f"server '{guest.name}' is no host name: use small letters, digits and '-', at most 63"
        for guest in guests
        if not HOSTNAME.fullmatch(guest.name)
    ]
    problems += [
        f"server {guest.name} has address {guest.address}, which is not in {lab.gateway.network}, or is this "
        "computer's: choose another"
        for guest in guests
        if ip_address(guest.address) not in lab.gateway.network or guest.address == str(lab.gateway.ip)
    ]
    for what, values in {
        "address": [guest.address for guest in guests],
        "interface": [lab.tap(guest.name) for guest in guests] if lab.backend != "container" else [],
    }.items():
        problems += [
            f"{what} {value} is that of several servers: give each its own"
            for value in sorted({value for value in values if values.count(value) > 1})
        ]
    if problems:
        raise Refusal("; ".join(problems))


def plan(guests: Iterable[Guest], state: str) -> dict[str, tuple[str, ...]]:
    """What to do with each server, in order: create, start, stop, remove. C(state) is running or absent."""
    wanted = {
        ("running", "absent"): ("create", "start"),
        ("running", "stopped"): ("start",),
        ("absent", "running"): ("stop", "remove"),
        ("absent", "stopped"): ("remove",),
    }
    return {guest.name: wanted.get((state, guest.state), ()) for guest in guests}


def command(lab: Lab, guest: Guest, base: Mapping[str, str]) -> list[str]:
    """The process that is the server. C(base) has the paths C(disk) and, for qemu, C(kernel) and C(initrd).

    For uml, the server's folder has the link to what starts its kernel. A disk that exists knows by itself what it was
    made from; then C(disk) is empty.
    """
    here = f"{lab.folder}/{guest.name}"
    digest = hashlib.sha256(lab.mark(guest.name).encode()).hexdigest()
    # Without 512 terminals of an old kind, each of which udev and systemd would look at.
    shared = ["rw", "net.ifnames=0", "pty.legacy_count=0", f"systemd.machine_id={digest[:32]}", lab.mark(guest.name)]
    if lab.backend == "uml":
        return [
            f"{here}/kernel", f"mem={lab.memory}M", f"umid={guest.name}", f"uml_dir={lab.folder}/uml/",
            f"ubd0={','.join(filter(None, (f'{here}/disk.cow', base['disk'])))}", f"ubd1={here}/seed.tar",
            "root=/dev/ubda", f"vec0:transport=tap,ifname={lab.tap(guest.name)},depth=128,gro=1",
            "con=null", "con0=null,fd:1", *shared,
        ]  # fmt: skip
    mac = "52:54:00:" + ":".join(digest[at : at + 2] for at in (32, 34, 36))
    return [
        "qemu-system-x86_64", "-machine", "accel=kvm:tcg", "-cpu", "max", "-m", str(lab.memory), "-nodefaults",
        "-display", "none",
        "-serial", "stdio", "-kernel", base["kernel"], "-initrd", base["initrd"],
        "-append", " ".join(["console=ttyS0", "root=/dev/vda", *shared]),
        "-drive", f"file={here}/disk.qcow2,format=qcow2,if=virtio",
        "-drive", f"file={here}/seed.tar,format=raw,if=virtio,readonly=on",
        "-netdev", f"tap,id=lab,ifname={lab.tap(guest.name)},script=no,downscript=no",
        "-device", f"virtio-net-pci,netdev=lab,mac={mac}", "-device", "virtio-rng-pci",
    ]  # fmt: skip


@dataclass(frozen=True)
class SeedFile:
    """A file that the server unpacks over its own at every boot."""

    path: str
    content: str
    mode: int = 0o644
    owner: int = 0


def seed(lab: Lab, guest: Guest, guests: Iterable[Guest], keys: Mapping[str, str]) -> list[SeedFile]:
    """What makes the shared disk this server. C(keys) has C(authorized), C(host) and C(host_public)."""
    interface = "vec0" if lab.backend == "uml" else "eth0"
    address = f"{guest.address}/{lab.gateway.network.prefixlen}"
    names = "".join(f"{one.address} {one.name}\n" for one in guests)
    return [
        SeedFile(f"home/{USER}/.ssh/authorized_keys", keys["authorized"], 0o600, USER_ID),
        SeedFile("etc/ssh/ssh_host_ed25519_key", keys["host"], 0o600),
        SeedFile("etc/ssh/ssh_host_ed25519_key.pub", keys["host_public"]),
        SeedFile("etc/hostname", f"{guest.name}\n"),
        SeedFile("etc/hosts", f"127.0.0.1 localhost\n::1 localhost\n{names}"),
        SeedFile("etc/resolv.conf", "".join(f"nameserver {address}\n" for address in lab.resolvers)),
        SeedFile("etc/hydra-lab.env", f"INTERFACE={interface}\nADDRESS={address}\nGATEWAY={lab.gateway.ip}\n"),
    ]


def ssh_config(folder: str, guests: Iterable[Guest], ways: Mapping[str, str] | None = None) -> str:
    """What ssh, and through it Ansible, has to know of the servers: users, keys, addresses.

    C(ways) has the commands that lead to servers whose addresses lead nowhere.
    """
    hosts = ""
    for guest in guests:
        hosts += f"Host {guest.name}\n    HostName {guest.address}\n"
        hosts += f"    ProxyCommand {ways[guest.name]}\n" if ways else ""
    return (
        f"{hosts}Host *\n    User {USER}\n    IdentityFile {folder}/id_ed25519\n    IdentitiesOnly yes\n"
        f"    UserKnownHostsFile {folder}/known_hosts\n    StrictHostKeyChecking yes\n"
        # So that connections kept open for the next task end soon after a server does.
        "    ServerAliveInterval 3\n    ServerAliveCountMax 3\n"
    )


def known_hosts(guests: Iterable[Guest], keys: Mapping[str, str]) -> str:
    """The servers' public keys, given by their names, under names and addresses."""
    return "".join(f"{guest.name},{guest.address} {' '.join(keys[guest.name].split()[:2])}\n" for guest in guests)


def resolvers(texts: Iterable[str]) -> tuple[str, ...]:
    """The name servers of the first resolv.conf text that names one which other machines can reach."""
    for text in texts:
        named = [words[1] for words in map(str.split, text.splitlines()) if len(words) > 1 and words[0] == "nameserver"]
        found = tuple(address for address in named if not address.startswith(("127.", "::1", "fe80:")))
        if found:
            return found
    return ()


def shown(seen: Mapping[str, Any]) -> str:
    """What lab_info returned, for people."""
    rows = [(g["name"], g["address"], g["state"], "answers" if g["ssh"] else "-") for g in seen["guests"]]
    disk = f"{'built' if seen['base']['present'] else 'not built'}: {seen['base']['folder']}"
    return f"{table(('SERVER', 'ADDRESS', 'STATE', 'SSH'), *rows)}\n\nKind: {KINDS[seen['backend']]}\nDisk: {disk}"
