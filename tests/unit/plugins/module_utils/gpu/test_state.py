# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.gpu import state as gpu_state
from ansible_collections.hydra.swarm.plugins.module_utils.gpu.smi import Pci, parse_list, parse_query
from ansible_collections.hydra.swarm.plugins.module_utils.gpu.state import Answer

RECORDED = Path(__file__).parent / "nvidia_smi"
FIRST, SECOND = Pci("0000:17:00.0", "10de:20b5", "nvidia"), Pci("0000:65:00.0", "10de:20b5", "nvidia")
NOUVEAU = Pci("0000:17:00.0", "10de:20b5", "nouveau")
CARD = "10de:20b5 at 0000:17:00.0"
LOST = (
    "a GPU no longer answers: look for 'NVRM: Xid' in 'dmesg', and at its power and temperature; a reboot often brings it "
    "back"
)
NOT_LOADED = (
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver "
    "is installed and running. That means: the driver's kernel module is not loaded: reboot this host; if that does not "
    "help, see 'dkms status' (was it built for this kernel?) and 'mokutil --sb-state' (Secure Boot refuses modules nobody "
    "signed)"
)


def answer(case: str) -> Answer:
    folder = RECORDED / case
    status = int((folder / "status").read_text()) if (folder / "status").exists() else 0
    return Answer(status, (folder / "query").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("devices", "seen", "state", "version", "problem", "reboot"),
    [
        ([], None, "absent", "", "", False),
        ([FIRST], answer("one"), "ok", "550.163.01", "", False),
        ([Pci("0000:00:06.0", "10de:2335", "nvidia")], answer("h200"), "ok", "580.159.04", "", False),
        ([FIRST], answer("inforom"), "ok", "550.163.01", "", False),
        ([FIRST], None, "missing", "", f"there is no nvidia-smi for {CARD}: install NVIDIA's driver", False),
        (
            [NOUVEAU],
            None,
            "missing",
            "",
            f"there is no nvidia-smi for {CARD}, which nouveau drives: install NVIDIA's driver",
            False,
        ),
        ([FIRST], answer("not_loaded"), "broken", "", NOT_LOADED, False),
        ([NOUVEAU], answer("not_loaded"), "broken", "", NOT_LOADED, True),
        (
            [FIRST],
            answer("mismatch"),
            "broken",
            "",
            "Failed to initialize NVML: Driver/library version mismatch NVML library version: 580.126. That means: the "
            "driver was updated, and the kernel still runs the old one: reboot this host",
            True,
        ),
        (
            [FIRST, SECOND],
            answer("lost"),
            "broken",
            "",
            "Unable to determine the device handle for GPU 0000:65:00.0: GPU is lost.  Reboot the system to recover this "
            f"GPU. That means: {LOST}",
            False,
        ),
        (
            [FIRST, SECOND],
            answer("lost_one"),
            "broken",
            "550.163.01",
            "1, [GPU is lost], [GPU is lost], 550.163.01, [GPU is lost], 00000000:65:00.0, NVIDIA A100 80GB PCIe; not "
            f"listed: 0000:65:00.0. That means: {LOST}",
            False,
        ),
        (
            [FIRST, SECOND],
            answer("unlisted"),
            "broken",
            "550.163.01",
            f"nvidia-smi lists 1 of 2 GPUs; not listed: 0000:65:00.0. That means: {LOST}",
            False,
        ),
        (
            [FIRST],
            answer("no_devices"),
            "broken",
            "",
            "No devices were found. That means: the driver cannot use the GPU: look for 'NVRM' in 'dmesg'",
            False,
        ),
        (
            [FIRST],
            answer("blocked"),
            "broken",
            "",
            "Failed to initialize NVML: GPU access blocked by the operating system. That means: the kernel refuses "
            "/dev/nvidiactl: see 'ls -l /dev/nvidia*', and whether this host is itself a container",
            False,
        ),
        (
            [FIRST],
            answer("no_library"),
            "broken",
            "",
            "NVIDIA-SMI couldn't find libnvidia-ml.so library in your system. Please make sure that the NVIDIA Display "
            "Driver is properly installed and present in your system. Please also try adding directory that contains "
            "libnvidia-ml.so to your system PATH. That means: the driver's libraries are missing: install all of its "
            "packages in one version",
            False,
        ),
        (
            [FIRST],
            Answer(255, "Segmentation fault\n"),
            "broken",
            "",
            "Segmentation fault. That means: see what 'nvidia-smi' says on that host, and 'dmesg'",
            False,
        ),
        (
            [FIRST],
            Answer(None, ""),
            "broken",
            "",
            f"nvidia-smi does not answer ({CARD}): look for 'NVRM' in 'dmesg'",
            False,
        ),
    ],
)
def test_the_driver(
    devices: list[Pci], seen: Answer | None, state: str, version: str, problem: str, reboot: bool
) -> None:
    found, _gpus = gpu_state.driver(devices, {}, seen, "")
    assert found == {"state": state, "version": version, "problem": problem, "reboot": reboot}


def test_cards_are_called_by_their_names_and_the_modules_version_is_told() -> None:
    names = {FIRST.slot: "GA100 [A100 PCIe 80GB] [20b5]"}
    found, _gpus = gpu_state.driver([FIRST], names, None, "550.163.01")
    assert found["problem"] == (
        "there is no nvidia-smi for GA100 [A100 PCIe 80GB] [20b5] at 0000:17:00.0: install NVIDIA's driver"
    )
    assert found["version"] == "550.163.01"


def test_what_a_virtual_machine_has_is_not_ours() -> None:
    assert gpu_state.usable([FIRST, Pci("0000:65:00.0", "10de:20b5", "vfio-pci")]) == [FIRST]


def test_what_is_offered() -> None:
    gpus, _complaints = parse_query(answer("mig").text)
    instances = parse_list((RECORDED / "mig" / "list").read_text(encoding="utf-8"))
    for gpu in gpus:
        gpu.mig = instances[gpu.uuid]
    assert gpu_state.offered(gpus) == [
        "MIG-0929581a-2be6-5dec-bf34-0954c6c529a6",
        "MIG-feb88891-0321-5fef-9c87-d4af3b54259e",
        "MIG-a25704ba-3a06-5299-a795-fd7cf4d13973",
        "GPU-932bfb2c-849a-2a22-1e84-9eff6bc02b39",
    ]
    assert gpu_state.notes(gpus) == []


def test_mig_mode_without_instances_offers_nothing_and_says_so() -> None:
    gpus, _complaints = parse_query(answer("mig_empty").text)
    assert gpu_state.offered(gpus) == []
    assert gpu_state.notes(gpus) == [
        "GPU 0 (GPU-7fdaf0a5-179b-f636-d15d-daf243e3ff16) is in MIG mode and has no instances, so it offers nothing: "
        "instances do not survive a reboot, make them anew (nvidia-smi mig -cgi ..., nvidia-mig-parted)"
    ]


def test_simulated_ones() -> None:
    seen = gpu_state.simulated("chimera", ["GPU-1f"], [])
    assert (seen["driver"]["state"], seen["offered"], seen["gpus"][0]["name"]) == ("simulated", ["GPU-1f"], "simulated")
    with pytest.raises(Refusal) as refusal:
        gpu_state.simulated("chimera", ["GPU-1f"], [FIRST])
    assert str(refusal.value) == (
        "chimera: its GPUs are to be simulated, and it has 1 real ones (0000:17:00.0): take nvidia_gpu_simulated away"
    )


@pytest.mark.parametrize(
    ("version", "problem"),
    [
        ("1.19.0", ""),
        ("1.19.0-rc.2", ""),
        ("1.20.1", ""),
        ("2.0.0", ""),
        ("1.18.2", "the NVIDIA Container Toolkit is 1.18.2: before 1.19 a task gets every GPU of its node"),
        ("", "the NVIDIA Container Toolkit is not installed; it takes 1.19 or later"),
    ],
)
def test_the_toolkit(version: str, problem: Any) -> None:
    assert gpu_state.toolkit(version) == {"version": version, "ok": not problem, "problem": problem}
