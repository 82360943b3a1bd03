# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.modules import nfs_client_info


@pytest.mark.parametrize(
    ("support", "programs", "client"),
    [
        ("missing", [], {"kind": "user", "ready": False}),
        ("missing", ["nfs-ls"], {"kind": "user", "ready": True}),
        # Programs that mount are of no use to a kernel that cannot.
        ("missing", ["mount.nfs4"], {"kind": "user", "ready": False}),
        ("loadable", ["nfs-ls"], {"kind": "kernel", "ready": False}),
        ("loaded", ["mount.nfs4"], {"kind": "kernel", "ready": True}),
    ],
)
def test_which_client(
    call: Any, monkeypatch: pytest.MonkeyPatch, support: str, programs: list[str], client: dict[str, Any]
) -> None:
    monkeypatch.setattr(nfs_client_info.world_nfs, "support", lambda module: support)
    monkeypatch.setattr(nfs_client_info.world_nfs, "which", lambda name: name if name in programs else None)
    assert call(nfs_client_info, check=True) == {"changed": False, "client": client}
