# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fixtures for tests on the lab's servers (scripts/molecule create prod), on which the swarm is made if it is not there yet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("lab")

from lab import Lab  # noqa: E402  # what it asserts is to be explained too

# A shell, a web server and a client in 2 MB, from a package of the servers' own release.
PACK = """
cd "$(mktemp -d)"
apt-get download -q busybox-static >&2 || { apt-get update -q >&2; apt-get download -q busybox-static >&2; }
dpkg-deb -x busybox-static_*.deb unpacked
mkdir -p bin www
cp "$(find unpacked -type f -path '*/bin/busybox')" bin/busybox
for applet in sh httpd wget sleep cat env hostname ls; do ln -s busybox "bin/$applet"; done
tar -c bin www | docker import --change 'ENV PATH=/bin' - hydra-test/tiny:1 >&2
rm -r "$PWD"
docker save hydra-test/tiny:1
"""


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The servers, with the swarm."""
    made = Lab()
    assert "running" in made.play("lab-status").output, "the lab is not up: scripts/molecule create prod"
    if made.ssh(made.names[0], "docker node ls").returncode != 0:
        made.play("swarm-up")
    return made


@pytest.fixture(scope="session")
def tiny(lab: Lab) -> Iterator[str]:
    """ID of an image with a shell, a web server and a client, on every server; no registry is asked for an ID."""
    first, *others = lab.names
    packed = lab.pour(b"", first, "bash", "-euc", PACK)
    for name in others:
        lab.pour(packed, name, "docker", "load", "-q")
    yield lab.inside(first, "docker", "image", "inspect", "--format", "{{.Id}}", "hydra-test/tiny:1")
    for name in lab.names:
        lab.inside(name, "docker", "image", "rm", "--force", "hydra-test/tiny:1", check=False)
