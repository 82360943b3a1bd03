# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fixtures for tests on the lab's servers (make lab-up), on which the swarm is made if it is not there yet."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("lab")

from lab import Lab  # noqa: E402  # what it asserts is to be explained too

# A shell, a web server and a client in 2 MB; made on this computer, since the servers are slow.
PACK = """
set -e
apt-get download -q busybox-static >&2 || { apt-get update -q >&2; apt-get download -q busybox-static >&2; }
dpkg-deb -x busybox-static_*.deb unpacked
mkdir -p bin www
cp "$(find unpacked -type f -path '*/bin/busybox')" bin/busybox
for applet in sh httpd wget sleep cat nc env hostname date touch ls; do ln -s busybox "bin/$applet"; done
tar -c bin www
"""


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The servers, with the swarm."""
    made = Lab()
    assert "running" in made.play("lab-status").output, "the lab is not up: make lab-up"
    if made.ssh(made.names[0], "docker node ls").returncode != 0:
        made.play("swarm-up")
    return made


@pytest.fixture(scope="session")
def tiny(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """ID of an image with a shell, a web server and a client, on every server; no registry is asked for an ID."""
    folder = tmp_path_factory.mktemp("tiny")
    packed = subprocess.run(["bash", "-c", PACK], cwd=folder, check=True, capture_output=True).stdout
    first, *others = lab.names
    lab.pour(packed, first, "docker", "import", "--change", "ENV PATH=/bin", "-", "hydra-test/tiny:1")
    saved = lab.pour(b"", first, "docker", "save", "hydra-test/tiny:1")
    for name in others:
        lab.pour(saved, name, "docker", "load", "-q")
    yield lab.inside(first, "docker", "image", "inspect", "--format", "{{.Id}}", "hydra-test/tiny:1")
    for name in lab.names:
        lab.inside(name, "docker", "image", "rm", "--force", "hydra-test/tiny:1", check=False)


@pytest.fixture
def service(lab: Lab) -> Iterator[list[str]]:
    """Names of services, and with a colon before them of volumes, that are removed after the test."""
    names: list[str] = []
    yield names
    for name in names:
        lab.inside(lab.names[0], "docker", "service", "rm", name, check=False)


def settings(lab: Lab, name: str) -> dict[str, object]:
    """A server's engine settings."""
    return dict(json.loads(lab.inside(name, "cat", "/etc/docker/daemon.json")))


def leftovers(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*"))
