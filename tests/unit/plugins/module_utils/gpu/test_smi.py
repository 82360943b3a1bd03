# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.gpu import smi

RECORDED = Path(__file__).parent / "nvidia_smi"
A100 = "GPU-932bfb2c-849a-2a22-1e84-9eff6bc02b39"


def recorded(case: str, what: str = "query") -> str:
    return (RECORDED / case / what).read_text(encoding="utf-8")


def test_one_gpu() -> None:
    (gpu,), complaints = smi.parse_query(recorded("one"))
    assert complaints == []
    assert gpu.version == "550.163.01"
    assert gpu.facts() == {
        "index": 0,
        "uuid": A100,
        "name": "NVIDIA A100 80GB PCIe",
        "memory_mib": 81920,
        "pci": "0000:17:00.0",
        "mig_mode": False,
        "mig": [],
    }


def test_one_that_was_recorded() -> None:
    (gpu,), complaints = smi.parse_query(recorded("h200"))
    assert (gpu.name, gpu.memory_mib, gpu.slot, complaints) == ("NVIDIA H200", 143771, "0000:00:06.0", [])
    assert smi.parse_list(recorded("h200", "list")) == {gpu.uuid: []}
    assert smi.parse_module(recorded("h200", "module")) == gpu.version == "580.159.04"


def test_eight_gpus() -> None:
    gpus, complaints = smi.parse_query(recorded("eight"))
    assert complaints == []
    assert [gpu.index for gpu in gpus] == list(range(8))
    assert len({gpu.uuid for gpu in gpus}) == len({gpu.slot for gpu in gpus}) == 8
    assert gpus[0].slot == "0000:1b:00.0"


def test_one_in_mig_mode_and_one_not() -> None:
    gpus, complaints = smi.parse_query(recorded("mig"))
    assert ([gpu.mig_mode for gpu in gpus], complaints) == ([True, False], [])
    assert smi.parse_list(recorded("mig", "list")) == {
        "GPU-7fdaf0a5-179b-f636-d15d-daf243e3ff16": [
            {"uuid": "MIG-0929581a-2be6-5dec-bf34-0954c6c529a6", "profile": "3g.40gb"},
            {"uuid": "MIG-feb88891-0321-5fef-9c87-d4af3b54259e", "profile": "1g.10gb"},
            {"uuid": "MIG-a25704ba-3a06-5299-a795-fd7cf4d13973", "profile": "1g.10gb"},
        ],
        A100: [],
    }


def test_memory_that_is_the_hosts() -> None:
    (gpu,), complaints = smi.parse_query(recorded("unified"))
    assert (gpu.memory_mib, gpu.mig_mode, gpu.slot, complaints) == (0, False, "000f:01:00.0", [])


@pytest.mark.parametrize(
    ("case", "number", "complaints"),
    [
        (
            "mismatch",
            0,
            ["Failed to initialize NVML: Driver/library version mismatch", "NVML library version: 580.126"],
        ),
        (
            "lost_one",
            1,
            [
                "1, [GPU is lost], [GPU is lost], 550.163.01, [GPU is lost], 00000000:65:00.0, NVIDIA A100 80GB PCIe",
            ],
        ),
        ("no_devices", 0, ["No devices were found"]),
        ("inforom", 1, ["WARNING: infoROM is corrupted at gpu 0000:17:00.0"]),
    ],
)
def test_what_is_no_gpu_is_a_complaint(case: str, number: int, complaints: list[str]) -> None:
    gpus, said = smi.parse_query(recorded(case))
    assert (len(gpus), said) == (number, complaints)


def test_a_name_with_a_comma() -> None:
    (gpu,), _complaints = smi.parse_query(f"0, {A100}, 1, 1.0, [N/A], 00000000:01:00.0, NVIDIA A, B")
    assert gpu.name == "NVIDIA A, B"


def test_lspci() -> None:
    assert smi.parse_lspci(recorded("one", "lspci")) == {"0000:17:00.0": "GA100 [A100 PCIe 80GB] [20b5]"}
    assert smi.parse_lspci("lspci: Cannot open /sys/bus/pci\n") == {}


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (recorded("mismatch", "module"), "580.119.02"),
        ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.163.01  Tue Apr  8 12:41:17 UTC 2025\n", "550.163.01"),
        ("", ""),
    ],
)
def test_the_kernel_module(text: str, version: str) -> None:
    assert smi.parse_module(text) == version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("NVIDIA Container Toolkit CLI version 1.12.0\ncommit: 62bd015475656ef795cb0d59cc4030a6bd4a9526\n", "1.12.0"),
        ("NVIDIA Container Toolkit CLI version 1.19.0-rc.2\ncommit: abc\n", "1.19.0-rc.2"),
        ("", ""),
    ],
)
def test_the_toolkit(text: str, version: str) -> None:
    assert smi.parse_toolkit(text) == version


@pytest.mark.parametrize(
    ("text", "slot"),
    [("00000000:C1:00.0", "0000:c1:00.0"), ("00010000:01:00.0", "10000:01:00.0"), ("[N/A]", "[N/A]"), ("", "")],
)
def test_slots_are_written_as_the_kernel_does(text: str, slot: str) -> None:
    assert smi.slot_of(text) == slot
