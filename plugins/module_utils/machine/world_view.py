# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the kernel of a machine offers.

Reading only: nothing is loaded or mounted to find out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.world import Engine
from . import features

FEATURE_FILES = (
    "/proc/sys/kernel/osrelease",
    "/proc/filesystems",
    "/proc/net/ip_vs",
    "/sys/fs/cgroup/cgroup.controllers",
    "/lib/modules/{release}/modules.dep",
)


def kernel_features(engine: Engine | None = None) -> dict[str, Any]:
    """What the kernel of this machine offers, or of the machine on which an engine runs."""
    return told_by((engine or Engine()).texts(FEATURE_FILES))


def told_by(texts: Mapping[str, str]) -> dict[str, Any]:
    """The same, from what is in the files; one that is missing is not there."""
    release, filesystems, ipvs, cgroup_v2, modules = map(texts.get, FEATURE_FILES)
    return {
        "release": (release or "").strip(),
        **features.features(
            filesystems=filesystems or "",
            ipvs=ipvs is not None,
            cgroup_v2=cgroup_v2 is not None,
            modules=modules or "",
        ),
    }
