# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What this machine shows of NFS."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import HydraError
from ansible_collections.hydra.swarm.plugins.module_utils.server import nfs, world_nfs


def test_facts_make_a_machine() -> None:
    facts = world_nfs.facts()
    assert set(facts) == {"nfsd", "runs", "installed", "handles"}
    assert nfs.machine_of(facts, {}).nfsd == facts["nfsd"]


def test_a_process_is_older_than_a_file_that_was_written_later(tmp_path: Path) -> None:
    settings = tmp_path / "settings"
    settings.touch()
    os.utime(settings, (time.time() + 60, time.time() + 60))
    assert world_nfs.started_before(os.getpid(), str(settings))
    os.utime(settings, (0, 0))
    assert not world_nfs.started_before(os.getpid(), str(settings))
    assert not world_nfs.started_before(os.getpid(), str(tmp_path / "none"))


def test_without_systemd_it_is_said_who_else_may_start_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HydraError) as error:
        world_nfs.services({"kernel": "nfs-server", "ganesha": "nfs-ganesha"})
    assert str(error.value) == (
        "systemctl show: there is no systemctl; where something else than systemd starts the NFS server, say "
        "nfs_server_managed: false"
    )
