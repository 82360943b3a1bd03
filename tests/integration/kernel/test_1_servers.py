# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Limits and exports of servers whose kernel is their own; molecule/kernel/prepare.yml raised one on chimera before."""

from __future__ import annotations

from lab import Lab


def test_a_limit_that_was_higher_stays(lab: Lab) -> None:
    assert lab.inside("chimera", "sysctl", "-n", "fs.inotify.max_user_instances") == "4096"
    assert lab.inside("hydra", "sysctl", "-n", "fs.inotify.max_user_instances") == "1024"


def test_exports_are_for_members_alone_and_squash_root(lab: Lab) -> None:
    server = next(name for name in lab.names if lab.machines[name]["swarm_node_labels"].get("storage") == "nfs")
    listed = lab.inside(server, "exportfs", "-s").splitlines()
    members = {lab.address(name) for name in lab.names}
    for path in ("/exports/student-volumes", "/exports/openwebui"):
        mine = [line for line in listed if line.startswith(f"{path} ")]
        assert {line.split()[1].partition("(")[0] for line in mine} == members
        assert all("root_squash" in line and "no_root_squash" not in line for line in mine)
