# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Engines and toolkits from the vendors' own repositories, on a server without an engine.

The repositories are stand-ins: Debian's engines under the names that Docker's have, and a toolkit that knows its version.
Addresses apart, roles do with them what they do with the vendors': key, signature, versions, packages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from lab import Lab
from repository import about, lay_out, package, renamed, served

SERVER, SIGNER = "cerberus", "chimera"
OWN = """
rm /etc/apt/sources.list.d/docker.sources
mkdir -p /etc/apt/keyrings
cp /etc/apt/keyrings/docker.* /etc/apt/keyrings/own.asc
rm /etc/apt/keyrings/docker.*
echo 'deb [arch=amd64 signed-by=/etc/apt/keyrings/own.asc] {base} trixie stable' > /etc/apt/sources.list.d/own.list
apt-get purge -qy --allow-change-held-packages docker-ce docker-ce-cli
"""
# What makes a signature.
GPG = """
apt-get update -q
apt-get install -qy --no-install-recommends gpg gpg-agent
gpg --batch --passphrase '' --quick-gen-key vendor@example.edu rsa3072 sign never
"""
# With the distribution's lists each look of apt takes a virtual server half a minute.
ALONE = """
apt-get update -q
apt-get install -qy --no-install-recommends python3-debian
mv /etc/apt/sources.list /etc/apt/sources.list.off
"""
TOOLKIT = ("nvidia-container-toolkit", "libnvidia-container-tools", "libnvidia-container1")


def dockers(deb: bytes) -> bytes:
    """The distribution's engine or client under the name and kind of version that Docker's has; all else as it is."""
    known = about(deb)
    version = f"5:{known['Version'].partition('+')[0]}-1~debian.13~trixie"
    if known["Package"] == "docker.io":
        return renamed(deb, "docker-ce", version, f"{known['Depends']}, docker-ce-cli, containerd.io")
    return renamed(deb, "docker-ce-cli", version, known["Depends"]) if known["Package"] == "docker-cli" else deb


def toolkit() -> Iterator[bytes]:
    """The toolkit's packages in two versions, with a program that knows its own."""
    for version in ("1.19.0", "1.19.2"):
        says = f"#!/bin/sh\necho 'NVIDIA Container Toolkit CLI version {version}'\n".encode()
        yield package("nvidia-container-toolkit-base", f"{version}-1", files={"usr/bin/nvidia-ctk": says})
        yield from (package(name, f"{version}-1") for name in TOOLKIT)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    made = Lab("prod")
    assert made.ssh(SERVER, "test -e /usr/sbin/dockerd").returncode == 1, (
        f"{SERVER} is not bare: scripts/molecule destroy sources, then create"
    )
    yield made
    made.close()


@pytest.fixture(scope="module")
def vendors(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of both vendors' repositories, signed by a key that the server does not know yet."""
    root = tmp_path_factory.mktemp("vendors")
    with ThreadPoolExecutor() as pool:
        list(pool.map(lab.shell, (SIGNER, SERVER), (GPG, ALONE)))
    key = lab.shell(SIGNER, "gpg --armor --export").encode() + b"\n"

    def sign(text: bytes) -> bytes:
        return lab.pour(text, SIGNER, "gpg", "--batch", "--clearsign")

    def debs(folder: str) -> Iterator[bytes]:
        for path in lab.shell(SERVER, f"ls {folder}/*.deb").splitlines():
            yield lab.pour(b"", SERVER, "cat", path)

    packages = [package("containerd.io", "1.7.24-1", "containerd, runc")]
    for folder in ("/var/cache/apt/archives", "/var/lib/hydra-lab/next"):
        packages += map(dockers, debs(folder))
    docker, nvidia = root / "linux/debian", root / "libnvidia-container"
    suite = {"Suite": "trixie", "Components": "stable", "Architectures": "amd64"}
    lay_out(docker, "dists/trixie/stable/binary-amd64", suite, packages, sign)
    lay_out(nvidia, "stable/deb/amd64", {"Architectures": "amd64"}, toolkit(), sign)
    (docker / "gpg").write_bytes(key)
    (nvidia / "gpgkey").write_bytes(key)
    with served(root, lab.shell(SERVER, "ip -4 route show default | cut -d' ' -f3")) as address:
        yield address


@pytest.fixture(scope="module")
def docker(lab: Lab, vendors: str) -> Lab:
    """The lab with Docker's repository as the engine's source."""
    return lab.but(docker_engine_source="docker", docker_engine_repository=f"{vendors}/linux")


def installed(lab: Lab, pattern: str) -> dict[str, str]:
    words = "${Package} ${Version} ${db:Status-Want} ${db:Status-Status}\\n"
    rows = [line.split() for line in lab.shell(SERVER, f"dpkg-query -W -f '{words}' '{pattern}' || true").splitlines()]
    return {row[0]: f"{row[1]} {row[2]}" for row in rows if row[-1] == "installed"}


def up(lab: Lab, check: bool = True, **extra: str):  # type: ignore[no-untyped-def]
    return lab.play("swarm-up", "--tags", "engine", "--limit", f"localhost,{SERVER}", check=check, **extra)


def test_dockers_engine_is_installed_in_the_version_that_is_named(docker: Lab) -> None:
    """The repository has a later one too."""
    up(docker, docker_engine_version="26.1")
    version = "5:26.1.5-1~debian.13~trixie hold"
    assert installed(docker, "docker*") == {"docker-ce": version, "docker-ce-cli": version}
    assert docker.inside(SERVER, "docker", "version", "--format", "{{.Server.Version}}").startswith("26.1.5")
    assert docker.inside(SERVER, "systemctl", "is-enabled", "docker") == "enabled"
    source = docker.inside(SERVER, "cat", "/etc/apt/sources.list.d/docker.sources")
    assert re.search(r"^Signed-By: /etc/apt/keyrings/docker\.\w+$", source, re.MULTILINE), source
    assert up(docker, docker_engine_version="26.1").changed == 0


def test_the_distributions_engine_is_refused_beside_it(lab: Lab, docker: Lab) -> None:
    before = installed(lab, "*")
    ran = up(lab, check=False, docker_engine_source="distribution")
    assert ran.status == 2
    assert "Nothing was touched: Docker's own engine is installed here (docker-ce 5:26.1.5" in ran.said
    assert installed(lab, "*") == before


def test_the_servers_own_entry_for_the_repository_is_used(docker: Lab, vendors: str) -> None:
    """With another key beside it, apt would read no source at all."""
    docker.shell(SERVER, OWN.format(base=f"{vendors}/linux/debian"))
    up(docker)
    assert docker.ssh(SERVER, "test -e /etc/apt/sources.list.d/docker.sources").returncode == 1
    assert installed(docker, "docker-ce") == {"docker-ce": "5:28.5.2-1~debian.13~trixie hold"}
    assert docker.inside(SERVER, "docker", "version", "--format", "{{.Server.Version}}").startswith("28.5.2")


def test_the_toolkit_is_installed_in_the_version_that_is_named(lab: Lab, vendors: str) -> None:
    """By the role's own tasks; that they are for servers with a GPU is decided before them."""
    wanted = {"nvidia_gpu_toolkit_url": f"{vendors}/libnvidia-container", "nvidia_gpu_toolkit_version": "1.19.0"}
    play = "../tests/integration/prod/sources/toolkit"
    ran = lab.play(play, "--limit", SERVER, **wanted)
    assert set(installed(lab, "*nvidia*").values()) == {"1.19.0-1 install"}
    assert (
        lab.inside(SERVER, "cat", "/etc/nvidia-container-runtime/config.toml")
        == 'swarm-resource = "DOCKER_RESOURCE_NVIDIA-GPU"'
    )
    assert ran.changed > 0 and lab.play(play, "--limit", SERVER, **wanted).changed == 0
