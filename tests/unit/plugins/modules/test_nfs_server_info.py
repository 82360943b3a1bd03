# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.server.nfs import Service
from ansible_collections.hydra.swarm.plugins.module_utils.storage import ganesha
from ansible_collections.hydra.swarm.plugins.modules import nfs_server_info

FILES = ganesha.files("nfs-ganesha", ["/exports/a"], layered=True, rpc=False)
RUNS = Service("nfs-ganesha", active=True, enabled=True)
OFF = Service("nfs-server")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    def of(files: dict[str, str], service: Service, nfsd: str = "missing", old: str = "", **params: Any) -> Any:
        """The result on a container in which there are these files, and whose NFS-Ganesha is older than the file C(old)."""
        facts = {"nfsd": nfsd, "runs": [], "installed": [], "handles": True}
        world = SimpleNamespace(
            facts=lambda: facts,
            services=lambda names: {"kernel": OFF, "ganesha": service},
            support=lambda name: "missing",
            ganesha=lambda: 7 if service.active else None,
            started_before=lambda pid, path: path == old,
        )
        monkeypatch.setattr(nfs_server_info, "world_nfs", world)
        there = {"/proc/self/mounts": "overlay / overlay rw 0 0\n", **files}
        monkeypatch.setattr(nfs_server_info.world_exports, "read", there.get)
        given = {"implementation": "auto", "paths": ["/exports/a"], "kernel_service": "nfs-server", **params}
        module = SimpleNamespace(params={**given, "ganesha_service": "nfs-ganesha"})
        return nfs_server_info.run(module)["server"]

    return of


def test_a_fresh_machine_gets_all_files(run: Any) -> None:
    assert run({}, Service("nfs-ganesha")) == {
        "implementation": "ganesha",
        "choice": "NFS-Ganesha, since this kernel has no NFS server",
        "files": FILES,
        "service": "nfs-ganesha",
        "other": "",
        "restart": False,
        "ready": False,
    }


def test_one_that_is_as_it_should_be(run: Any) -> None:
    server = run(FILES, RUNS)
    assert (server["files"], server["restart"], server["ready"]) == ({}, False, True)


@pytest.mark.parametrize(
    ("path", "restart"),
    [
        (ganesha.SETTINGS, True),
        ("/etc/systemd/system/nfs-ganesha.service.d/hydra.conf", True),
        ("/etc/systemd/system/nfs-ganesha.service.d/hydra-mounts.conf", False),
    ],
)
def test_what_it_has_to_be_started_again_for(run: Any, path: str, restart: bool) -> None:
    server = run({**FILES, path: "older"}, RUNS)
    assert (server["files"], server["restart"], server["ready"]) == ({path: FILES[path]}, restart, False)


def test_a_run_that_was_killed_between_writing_and_starting_is_finished(run: Any) -> None:
    server = run(FILES, RUNS, old=ganesha.SETTINGS)
    assert (server["files"], server["restart"], server["ready"]) == ({}, True, False)


def test_the_kernels_needs_no_files(run: Any) -> None:
    server = run({}, Service("nfs-ganesha"), nfsd="loadable")
    assert (server["implementation"], server["service"], server["files"]) == ("kernel", "nfs-server", {})


def test_settings_of_somebody_else_are_not_replaced(run: Any) -> None:
    with pytest.raises(Refusal, match="with settings that are not this role's"):
        run({}, RUNS)
