# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Interface

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.lab.servers import (
    Guest,
    Lab,
    check,
    command,
    known_hosts,
    plan,
    resolvers,
    seed,
    shown,
    ssh_config,
)

LAB = Lab("hydra-lab", "/lab", IPv4Interface("172.27.0.1/24"), "uml", 1536, ("192.0.2.53",))
ONE, TWO = Guest("one", "172.27.0.10"), Guest("two", "172.27.0.20")
KEYS = {"authorized": "ssh-ed25519 AAAA lab", "host": "PRIVATE", "host_public": "ssh-ed25519 BBBB lab"}


def test_a_lab_that_breaks_no_rule() -> None:
    check(LAB, [ONE, TWO])


@pytest.mark.parametrize(
    ("guests", "message"),
    [
        ([Guest("One", "172.27.0.10")], "server 'One' is no host name: use small letters, digits and '-', at most 63"),
        (
            [Guest("one", "172.28.0.10")],
            "server one has address 172.28.0.10, which is not in 172.27.0.0/24, or is this computer's: choose another",
        ),
        (
            [Guest("one", "172.27.0.1")],
            "server one has address 172.27.0.1, which is not in 172.27.0.0/24, or is this computer's: choose another",
        ),
        ([ONE, replace(TWO, address=ONE.address)], "address 172.27.0.10 is that of several servers: give each its own"),
        (
            [Guest("node-1", "172.27.0.10"), Guest("node-2", "172.27.0.20")],
            "interface hydra-lab-node- is that of several servers: give each its own",
        ),
    ],
)
def test_rules(guests: list[Guest], message: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(LAB, guests)
    assert str(refused.value) == message


def test_containers_have_no_interface_with_a_name_of_ours() -> None:
    guests = [Guest("node-1", "172.27.0.10"), Guest("node-2", "172.27.0.20")]
    check(replace(LAB, backend="container"), guests)


@pytest.mark.parametrize(
    ("state", "seen", "actions"),
    [
        ("running", "absent", ("create", "start")),
        ("running", "stopped", ("start",)),
        ("running", "running", ()),
        ("absent", "absent", ()),
        ("absent", "stopped", ("remove",)),
        ("absent", "running", ("stop", "remove")),
    ],
)
def test_what_is_done(state: str, seen: str, actions: tuple[str, ...]) -> None:
    assert plan([replace(ONE, state=seen)], state) == {"one": actions}


def test_a_server_that_is_a_process() -> None:
    words = command(LAB, ONE, {"disk": "/cache/disk.ext4"})
    assert words[:6] == [
        "/lab/one/kernel",
        "mem=1536M",
        "umid=one",
        "uml_dir=/lab/uml/",
        "ubd0=/lab/one/disk.cow,/cache/disk.ext4",
        "ubd1=/lab/one/seed.tar",
    ]
    assert "vec0:transport=tap,ifname=hydra-lab-one,depth=128,gro=1" in words
    assert words[-1] == LAB.mark("one") == "hydra.lab=hydra-lab/one"


def test_a_disk_that_exists_knows_what_it_was_made_from() -> None:
    assert "ubd0=/lab/one/disk.cow" in command(LAB, ONE, {"disk": ""})


def test_a_server_that_is_a_virtual_machine() -> None:
    lab = replace(LAB, backend="qemu")
    base = {"disk": "/cache/disk.ext4", "kernel": "/cache/kernel", "initrd": "/cache/initrd.img"}
    words = command(lab, ONE, base)
    kernel = words[words.index("-append") + 1].split()
    assert words[words.index("-kernel") + 1] == "/cache/kernel"
    assert kernel[:2] == ["console=ttyS0", "root=/dev/vda"] and "hydra.lab=hydra-lab/one" in kernel
    assert "tap,id=lab,ifname=hydra-lab-one,script=no,downscript=no" in words


@pytest.mark.parametrize("backend", ["uml", "qemu"])
def test_no_two_servers_are_taken_for_one(backend: str) -> None:
    lab = replace(LAB, backend=backend)
    base = {"disk": "d", "kernel": "k", "initrd": "i"}
    for part in ("systemd.machine_id=", "mac=") if backend == "qemu" else ("systemd.machine_id=",):
        found = [next(w for w in " ".join(command(lab, g, base)).split() if part in w) for g in (ONE, TWO)]
        assert found[0] != found[1]


@pytest.mark.parametrize(("backend", "interface"), [("uml", "vec0"), ("qemu", "eth0")])
def test_what_tells_a_server_apart(backend: str, interface: str) -> None:
    files = {file.path: file for file in seed(replace(LAB, backend=backend), TWO, [ONE, TWO], KEYS)}
    assert files["etc/hostname"].content == "two\n"
    assert files["etc/hydra-lab.env"].content == (
        f"INTERFACE={interface}\nADDRESS=172.27.0.20/24\nGATEWAY=172.27.0.1\n"
    )
    assert files["etc/hosts"].content.endswith("172.27.0.10 one\n172.27.0.20 two\n")
    assert files["etc/resolv.conf"].content == "nameserver 192.0.2.53\n"
    assert (files["etc/ssh/ssh_host_ed25519_key"].content, files["etc/ssh/ssh_host_ed25519_key"].mode) == (
        "PRIVATE",
        0o600,
    )
    authorized = files["home/ops/.ssh/authorized_keys"]
    assert (authorized.mode, authorized.owner) == (0o600, 1000)


def test_ssh_knows_the_servers() -> None:
    text = ssh_config("/lab", [ONE, TWO])
    assert text.startswith("Host one\n    HostName 172.27.0.10\nHost two\n    HostName 172.27.0.20\nHost *\n")
    assert "IdentityFile /lab/id_ed25519\n" in text and "StrictHostKeyChecking yes\n" in text
    assert known_hosts([ONE], {"one": KEYS["host_public"]}) == "one,172.27.0.10 ssh-ed25519 BBBB\n"


def test_a_server_whose_address_leads_nowhere() -> None:
    text = ssh_config("/lab", [ONE], {"one": "docker exec -i lab-one hydra-node connect"})
    assert text.startswith(
        "Host one\n    HostName 172.27.0.10\n    ProxyCommand docker exec -i lab-one hydra-node connect\nHost *\n"
    )


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["nameserver 192.0.2.1\nnameserver 192.0.2.2\n"], ("192.0.2.1", "192.0.2.2")),
        # A resolver on this computer's own loopback is none for other machines.
        (["# stub\nnameserver 127.0.0.53\n", "nameserver 192.0.2.9\n"], ("192.0.2.9",)),
        (["search example\n"], ()),
    ],
)
def test_name_servers(texts: list[str], found: tuple[str, ...]) -> None:
    assert resolvers(texts) == found


def test_status() -> None:
    seen = {
        "backend": "uml",
        "base": {"present": True, "folder": "/cache/abc"},
        "guests": [{"name": "one", "address": "172.27.0.10", "state": "running", "ssh": True}],
    }
    assert shown(seen) == (
        "SERVER  ADDRESS      STATE    SSH\none     172.27.0.10  running  answers\n\nKind: user-mode Linux\n"
        "Disk: built: /cache/abc"
    )
