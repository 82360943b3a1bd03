# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import HydraError
from ansible_collections.hydra.swarm.plugins.module_utils.server import world_kernel
from ansible_collections.hydra.swarm.plugins.module_utils.server.kernel import HEADER, State, plan, wanted


@pytest.fixture
def proc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A tree in the place of /proc/sys."""
    monkeypatch.setattr(world_kernel, "_path", lambda key: str(tmp_path / key))
    return tmp_path


def test_a_plan_is_applied(proc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (proc / "net.a").write_text("0\n")
    (proc / "net.ipv4.vs.b").write_text("9\n")
    loaded: list[str] = []
    monkeypatch.setattr(world_kernel, "_load", loaded.append)
    want = wanted(["ip_vs"], {"net.a": 1, "net.ipv4.vs.none": 1}, {"net.ipv4.vs.b": 5})
    steps = plan(State({"ip_vs": "loadable"}, {"net.a": "0"}), want)
    files = str(proc / "etc" / "modules.conf"), str(proc / "etc" / "sysctl.conf")
    assert world_kernel.apply(steps, want, *files) == ["this kernel has no setting net.ipv4.vs.none"]
    assert loaded == ["ip_vs"]
    # What turned out to be higher than its minimum stays.
    assert ((proc / "net.a").read_text(), (proc / "net.ipv4.vs.b").read_text()) == ("1", "9\n")
    assert Path(files[0]).read_text() == HEADER + "ip_vs\n"
    assert sorted(path.name for path in (proc / "etc").iterdir()) == ["modules.conf", "sysctl.conf"]


def test_values(proc: Path) -> None:
    (proc / "net.a").write_text("1 2\n")
    assert (world_kernel.value("net.a"), world_kernel.value("net.none")) == ("1 2", None)


def test_a_value_that_the_kernel_does_not_take(proc: Path) -> None:
    (proc / "net.a").mkdir()
    with pytest.raises(HydraError) as caught:
        world_kernel._set("net.a", "x")
    assert str(caught.value) == "setting net.a: the kernel does not take 'x' (Is a directory): correct it"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            SimpleNamespace(returncode=1, stderr="modprobe: FATAL: not found\n"),
            "kernel module vxlan could not be loaded (modprobe: FATAL: not found): 'dmesg | tail' says why; if the kernel was "
            "upgraded, reboot first",
        ),
        (FileNotFoundError(), "kernel module vxlan: there is no modprobe here to load it; install the package kmod"),
    ],
)
def test_a_module_that_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch, answer: Any, message: str) -> None:
    def run(*_args: Any, **_options: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(HydraError) as caught:
        world_kernel._load("vxlan")
    assert str(caught.value) == message
