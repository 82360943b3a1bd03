# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two servers that reboot at once come back as the members they were, and nobody helps."""

from __future__ import annotations

from harness import until
from lab import Lab


def booted(lab: Lab, name: str) -> str:
    """When the server's first process began; a container's boot ID is that of the kernel it shares."""
    return lab.shell(name, "cut -d' ' -f22 /proc/1/stat; cat /proc/sys/kernel/random/boot_id")


def test_two_workers_reboot(lab: Lab) -> None:
    names = lab.names[1:]
    members, before = lab.assert_healthy(), {name: booted(lab, name) for name in names}
    for name in names:
        lab.ssh(name, "systemctl reboot")
    for name in names:
        until(f"{name} to be back", lambda name=name: booted(lab, name) != before[name], 180)  # type: ignore[misc]
    assert lab.heals(180) == members
    assert lab.play("swarm-up").changed == 0
