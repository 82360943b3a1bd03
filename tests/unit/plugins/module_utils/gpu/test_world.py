# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A host made of files: the PCI bus, and programs that print what was recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.gpu.smi import Pci
from ansible_collections.hydra.swarm.plugins.module_utils.gpu.world import Host

RECORDED = Path(__file__).parent / "nvidia_smi"
A100 = "GPU-932bfb2c-849a-2a22-1e84-9eff6bc02b39"


class Made(Host):
    def __init__(self, folder: Path, timeout: float = 10):
        (folder / "bin").mkdir()
        super().__init__(timeout, str(folder), str(folder / "bin"))

    def plug(self, slot: str, kind: str = "0x030200", vendor: str = "0x10de", driver: str = "nvidia") -> None:
        device = self.root / "sys/bus/pci/devices" / slot
        device.mkdir(parents=True)
        for name, content in (("vendor", vendor), ("class", kind), ("device", "0x20b5")):
            (device / name).write_text(f"{content}\n")
        if driver:
            (device / "driver").symlink_to(f"../../../bus/pci/drivers/{driver}")

    def program(self, name: str, script: str) -> None:
        path = self.root / "bin" / name
        path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
        path.chmod(0o755)

    def install(self, case: str) -> None:
        """An nvidia-smi that answers as recorded, and an lspci."""
        folder = RECORDED / case
        status = (folder / "status").read_text().strip() if (folder / "status").exists() else "0"
        self.program("nvidia-smi", f'[ "$1" = -L ] && exec cat {folder}/list; cat {folder}/query; exit {status}')
        self.program("lspci", f"cat {RECORDED}/one/lspci")


@pytest.fixture
def host(tmp_path: Path) -> Made:
    return Made(tmp_path)


def test_a_host_without_pci_or_gpu_runs_nothing(host: Made) -> None:
    host.program("nvidia-smi", f"touch {host.root}/ran")
    nothing = {
        "driver": {"state": "absent", "version": "", "problem": "", "reboot": False},
        "gpus": [],
        "offered": [],
        "notes": [],
    }
    assert host.look() == nothing
    host.plug("0000:02:00.0", vendor="0x1a03", kind="0x030000", driver="ast")  # a server's own display
    host.plug("0000:17:00.1", kind="0x040300", driver="snd_hda_intel")  # a GPU's audio function
    host.plug("0000:65:00.0", driver="vfio-pci")  # a virtual machine's
    assert host.look() == nothing
    assert not (host.root / "ran").exists()


def test_devices_as_the_kernel_lists_them(host: Made) -> None:
    host.plug("0000:65:00.0", kind="0x030000", driver="")
    host.plug("0000:17:00.0")
    assert host.devices() == [Pci("0000:17:00.0", "10de:20b5", "nvidia"), Pci("0000:65:00.0", "10de:20b5", "")]


def test_a_gpu_that_works(host: Made) -> None:
    host.plug("0000:17:00.0")
    host.install("one")
    seen = host.look()
    assert (seen["driver"]["state"], seen["driver"]["version"], seen["offered"]) == ("ok", "550.163.01", [A100])


def test_instances_are_asked_for_where_a_gpu_is_in_mig_mode(host: Made) -> None:
    host.plug("0000:17:00.0")
    host.plug("0000:65:00.0")
    host.install("mig")
    seen = host.look()
    assert [len(gpu["mig"]) for gpu in seen["gpus"]] == [3, 0]
    assert [uuid[:3] for uuid in seen["offered"]] == ["MIG", "MIG", "MIG", "GPU"]


def test_a_driver_that_is_not_there_names_the_card(host: Made) -> None:
    host.plug("0000:17:00.0", driver="nouveau")
    host.program("lspci", f"cat {RECORDED}/one/lspci")
    assert host.look()["driver"]["problem"] == (
        "there is no nvidia-smi for GA100 [A100 PCIe 80GB] [20b5] at 0000:17:00.0, which nouveau drives: install NVIDIA's "
        "driver"
    )


def test_the_kernel_still_runs_the_old_driver(host: Made) -> None:
    host.plug("0000:17:00.0")
    host.install("mismatch")
    version = host.root / "proc/driver/nvidia/version"
    version.parent.mkdir(parents=True)
    version.write_text((RECORDED / "mismatch/module").read_text())
    driver = host.look()["driver"]
    assert (driver["state"], driver["version"], driver["reboot"]) == ("broken", "580.119.02", True)


def test_of_a_broken_driver_nothing_is_offered(host: Made) -> None:
    host.plug("0000:17:00.0")
    host.plug("0000:65:00.0")
    host.install("lost_one")
    seen = host.look()
    assert (seen["driver"]["state"], len(seen["gpus"]), seen["offered"]) == ("broken", 1, [])


def test_an_nvidia_smi_that_hangs(tmp_path: Path) -> None:
    host = Made(tmp_path, timeout=0.3)
    host.plug("0000:17:00.0")
    host.program("nvidia-smi", "exec sleep 60")
    assert host.look()["driver"]["problem"] == (
        "nvidia-smi does not answer (10de:20b5 at 0000:17:00.0): look for 'NVRM' in 'dmesg'"
    )


def test_an_nvidia_smi_that_cannot_be_run(host: Made) -> None:
    host.plug("0000:17:00.0")
    path = host.root / "bin" / "nvidia-smi"
    path.write_bytes(b"\x7fELF")
    path.chmod(0o755)
    driver = host.look()["driver"]
    assert driver["state"] == "broken"
    assert "Exec format error" in driver["problem"]


def test_the_toolkit(host: Made) -> None:
    assert host.toolkit()["ok"] is False
    host.program("nvidia-ctk", "echo NVIDIA Container Toolkit CLI version 1.19.0; echo commit: abc")
    assert host.toolkit() == {"version": "1.19.0", "ok": True, "problem": ""}


@pytest.mark.parametrize(
    ("content", "settings"), [(None, {}), ("{", {}), ("[]", {}), (json.dumps({"debug": True}), {"debug": True})]
)
def test_the_engines_settings(host: Made, content: str | None, settings: object) -> None:
    path = host.root / "daemon.json"
    if content is not None:
        path.write_text(content)
    assert host.settings(str(path)) == settings
