# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A server that reboots comes back as the member it was, with what it needs of its kernel, and nobody helps."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from harness import until
from lab import Lab


def boot(lab: Lab, name: str) -> str:
    return lab.inside(name, "cat", "/proc/sys/kernel/random/boot_id")


@pytest.mark.parametrize("name", ["chimera", "hydra"], ids=["worker", "manager"])
def test_reboot(lab: Lab, name: str, mesh: Callable[[], None]) -> None:
    members, before = lab.assert_healthy(), boot(lab, name)
    lab.ssh(name, "systemctl reboot")
    until(f"{name} to be back", lambda: boot(lab, name) != before, 180)
    assert lab.heals(180) == members
    mesh()
    loaded = lab.shell(name, "cut -d' ' -f1 /proc/modules").split()
    assert {"ip_vs", "vxlan", "br_netfilter"} <= set(loaded)
    assert lab.inside(name, "sysctl", "-n", "fs.inotify.max_user_watches") == "524288"


def test_nothing_is_left_to_do_afterwards(lab: Lab) -> None:
    assert lab.play("swarm-up").changed == 0
