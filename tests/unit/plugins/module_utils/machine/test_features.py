# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.machine import features

FILESYSTEMS = "nodev\tproc\n\text4\nnodev\tnfs4\n"
MODULES = "kernel/net/netfilter/ipvs/ip_vs.ko.xz: kernel/lib/libcrc32c.ko.xz\nkernel/fs/nfs/nfsv4.ko:\n"


@pytest.mark.parametrize(
    ("filesystems", "ipvs", "cgroup_v2", "modules", "expected"),
    [
        ("", False, False, "", {"cgroup": 1, "ipvs": False, "nfs_client": False}),
        (FILESYSTEMS, True, True, "", {"cgroup": 2, "ipvs": True, "nfs_client": True}),
        ("nodev\tnfsd\n", False, True, MODULES, {"cgroup": 2, "ipvs": True, "nfs_client": True}),
        (
            "nodev\tnfsd\n",
            False,
            True,
            "kernel/net/netfilter/ipvs/ip_vs_rr.ko:\n",
            {"ipvs": False, "nfs_client": False},
        ),
    ],
)
def test_features(filesystems: str, ipvs: bool, cgroup_v2: bool, modules: str, expected: dict) -> None:
    assert features.features(filesystems, ipvs, cgroup_v2, modules).items() >= expected.items()


@pytest.mark.parametrize(
    ("ipvs", "nfs_client", "expected"),
    [
        (True, True, []),
        (False, True, [features.CONSEQUENCES["ipvs"]]),
        (False, False, [features.CONSEQUENCES["ipvs"], features.CONSEQUENCES["nfs_client"]]),
    ],
)
def test_consequences(ipvs: bool, nfs_client: bool, expected: list[str]) -> None:
    assert features.consequences({"ipvs": ipvs, "nfs_client": nfs_client}) == expected
