# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The kernel's NFS server, as the module meets it: a file, a live table that follows it, directories."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.storage import exports_kernel, world_exports
from ansible_collections.hydra.swarm.plugins.modules import nfs_export


class Server(world_exports.Kernel):
    """Takes over what is in its file, unless it is C(deaf)."""

    def __init__(self, file: Path):
        self.default_file = str(file)
        self.table: Any = {}
        self.deaf = False

    @staticmethod
    def foreign(file: str) -> dict[str, str]:
        return {}

    def live(self) -> Any:
        return self.table

    def demand(self) -> None:
        pass

    def reload(self, lost: list[str]) -> None:
        if not self.deaf:
            self.table = exports_kernel.parse(world_exports.read(self.default_file) or "")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server(tmp_path / "hydra.exports")
    monkeypatch.setattr(world_exports, "find", lambda wanted, timeout: made)
    return made


def export(tmp_path: Path, host: str = "10.0.0.0/24", **more: Any) -> dict[str, Any]:
    return {"path": str(tmp_path / "data"), "clients": [{"host": host}], **more}


def test_file_live_table_and_directory_become_what_is_listed(call: Any, server: Server, tmp_path: Path) -> None:
    wanted = {"exports": [export(tmp_path, mode="0750")]}
    result = call(nfs_export, **wanted)
    assert (result["changed"], result["implementation"], result["file"]) == (True, "kernel", server.default_file)
    assert [(one["path"], one["clients"][0]["host"]) for one in result["exports"]] == [
        (f"{tmp_path}/data", "10.0.0.0/24")
    ]
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o750
    assert f"{tmp_path}/data" in (tmp_path / "hydra.exports").read_text()
    assert result["usage"][f"{tmp_path}/data"]["size_bytes"] > 0
    assert call(nfs_export, **wanted)["changed"] is False


def test_a_live_table_that_lost_something_gets_it_back(call: Any, server: Server, tmp_path: Path) -> None:
    call(nfs_export, exports=[export(tmp_path)])
    server.table = {}
    assert call(nfs_export, exports=[export(tmp_path)])["changed"] is True
    assert list(server.table) == [f"{tmp_path}/data"]


def test_a_rehearsal_touches_nothing_and_foresees_it(call: Any, server: Server, tmp_path: Path) -> None:
    result = call(nfs_export, check=True, exports=[export(tmp_path)])
    assert (result["changed"], [one["path"] for one in result["exports"]]) == (True, [f"{tmp_path}/data"])
    assert not (tmp_path / "data").exists() and not (tmp_path / "hydra.exports").exists()


def test_what_is_not_listed_goes_only_if_that_is_asked_for(call: Any, server: Server, tmp_path: Path) -> None:
    call(nfs_export, exports=[export(tmp_path)])
    assert call(nfs_export, exports=[])["changed"] is False
    assert call(nfs_export, exports=[], exclusive=True)["exports"] == []
    assert (tmp_path / "data").is_dir()


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"path": "/exports/../etc"}, "without '.', '..'"),
        ({"clients": []}, "clients"),
        ({"mode": "rwx"}, "mode"),
    ],
)
def test_what_is_refused_before_anything_is_touched(
    call: Any, server: Server, tmp_path: Path, bad: dict[str, Any], said: str
) -> None:
    assert said in call(nfs_export, exports=[export(tmp_path, **bad)])["msg"]
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_take_it_over_is_told(call: Any, server: Server, tmp_path: Path) -> None:
    server.deaf = True
    result = call(nfs_export, exports=[export(tmp_path)], timeout=0)
    assert result["msg"].startswith(
        f"waited 0 s for the kernel NFS server to take {server.default_file} over; last seen: "
    )
    assert result["msg"].endswith("the server's own log says why")
