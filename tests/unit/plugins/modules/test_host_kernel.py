# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.server import world_kernel
from ansible_collections.hydra.swarm.plugins.module_utils.server.kernel import Kernel
from ansible_collections.hydra.swarm.plugins.modules import host_kernel


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A tree in the place of /proc/sys, and a kernel without modules."""
    (tmp_path / "proc").mkdir()
    for key, value in {"net.a": "0", "vm.b": "100"}.items():
        (tmp_path / "proc" / key).write_text(f"{value}\n")
    monkeypatch.setattr(world_kernel, "_path", lambda key: str(tmp_path / "proc" / key))
    monkeypatch.setattr(world_kernel, "foreign", lambda path: False)
    nothing = {"loaded": "", "filesystems": "", "dependencies": "", "builtin": "", "config": "", "present": frozenset()}
    monkeypatch.setattr(world_kernel, "kernel", lambda names: Kernel(**nothing))
    return {"modules_file": str(tmp_path / "modules.conf"), "sysctls_file": str(tmp_path / "sysctl.conf")}


def test_settings_now_and_at_boot(call: Any, files: dict[str, str], tmp_path: Path) -> None:
    wanted = {"sysctls": {"net.a": 1}, "minimums": {"vm.b": 50}}
    result = call(host_kernel, **files, **wanted)
    assert result["changed"] is True
    assert [(tmp_path / "proc" / key).read_text().strip() for key in ("net.a", "vm.b")] == ["1", "100"]
    assert "net.a = 1" in (tmp_path / "sysctl.conf").read_text()
    assert "service" in result["time"]
    assert call(host_kernel, **files, **wanted)["changed"] is False


def test_a_rehearsal_changes_nothing(call: Any, files: dict[str, str], tmp_path: Path) -> None:
    result = call(host_kernel, check=True, **files, sysctls={"net.a": 1})
    assert (result["changed"], (tmp_path / "proc/net.a").read_text()) == (True, "0\n")
    assert not (tmp_path / "sysctl.conf").exists()


def test_a_module_that_the_kernel_lacks_is_told_and_is_no_failure(call: Any, files: dict[str, str]) -> None:
    result = call(host_kernel, **files, modules=["ip_vs"])
    assert result["support"] == {"ip_vs": "missing"}
    assert len(result["lacking"]) == 1 and "ip_vs" in result["lacking"][0]


def test_a_value_that_the_kernel_does_not_take_is_named(call: Any, files: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "proc/net.a").unlink()
    (tmp_path / "proc/net.a").mkdir()
    result = call(host_kernel, **files, sysctls={"net.a": 1})
    assert result["msg"] == "setting net.a: the kernel does not take '1' (Is a directory): correct it"
