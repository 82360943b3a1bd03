# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A server whose kernel has an NFS server, with NFS-Ganesha in its place, and back; tests/integration/prod/nfs has the rest."""

from __future__ import annotations

import pytest
from harness import Ran
from lab import Lab

EXPORT = "/exports/student-volumes"
SERVICES = {"kernel": "nfs-server", "ganesha": "nfs-ganesha"}


def run(lab: Lab, implementation: str = "auto") -> Ran:
    return lab.play("swarm-up", "--tags", "storage", nfs_server_implementation=implementation)


@pytest.mark.parametrize("implementation", ["ganesha", "kernel"])
def test_from_one_to_the_other(lab: Lab, implementation: str) -> None:
    server, client = lab.names[0], lab.names[1]
    other = next(service for name, service in SERVICES.items() if name != implementation)
    ran = run(lab, implementation)
    assert f"{other} is stopped; clients have to mount anew what they have mounted" in ran.said
    enabled = lab.inside(server, "systemctl", "is-enabled", *SERVICES.values(), check=False).split()
    assert dict(zip(SERVICES, enabled, strict=True)) == {
        **dict.fromkeys(SERVICES, "disabled"),
        implementation: "enabled",
    }
    lab.inside(server, "mkdir", "-p", f"{EXPORT}/{implementation}")
    mount = f"mount -t nfs4 -o ro,soft {lab.address(server)}:{EXPORT} /mnt"
    listed = lab.shell(client, f"unshare --mount sh -euc '{mount}; ls /mnt'")
    lab.inside(server, "rmdir", f"{EXPORT}/{implementation}")
    assert implementation in listed.split()
    assert run(lab).changed == 0, "auto keeps what serves"
