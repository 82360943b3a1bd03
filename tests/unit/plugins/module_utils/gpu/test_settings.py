# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.gpu import settings

ONE, TWO = "GPU-1f", "GPU-2e"
RUNTIME = {"default-runtime": "nvidia", "runtimes": {"nvidia": {"path": "nvidia-container-runtime"}}}
KEY = "node-generic-resources"


@pytest.mark.parametrize(
    ("existing", "uuids", "after"),
    [
        ({}, [], {}),
        ({"debug": True, KEY: ["FPGA=a"], "labels": ["rack=1"]}, [], {}),
        ({}, [ONE], {KEY: ["NVIDIA-GPU=GPU-1f"], **RUNTIME}),
        ({KEY: ["FPGA=a", "SSD=2"]}, [ONE], {KEY: ["FPGA=a", "SSD=2", "NVIDIA-GPU=GPU-1f"], **RUNTIME}),
        ({KEY: "SSD=2"}, [ONE], {KEY: ["SSD=2", "NVIDIA-GPU=GPU-1f"], **RUNTIME}),
        # The same ones in another order: nothing to restart for.
        (
            {KEY: [f"NVIDIA-GPU={TWO}", "FPGA=a", f"NVIDIA-GPU={ONE}"]},
            [ONE, TWO],
            {KEY: [f"NVIDIA-GPU={TWO}", "FPGA=a", f"NVIDIA-GPU={ONE}"], **RUNTIME},
        ),
        ({KEY: ["NVIDIA-GPU=2"]}, [ONE], {KEY: ["NVIDIA-GPU=GPU-1f"], **RUNTIME}),
        ({KEY: ["FPGA=a", "NVIDIA-GPU=GPU-1f"]}, [], {KEY: ["FPGA=a"]}),
        ({KEY: ["NVIDIA-GPU=GPU-1f"]}, [], {KEY: None}),
        (
            {"runtimes": {"nvidia": {"args": [], "path": "/usr/bin/nvidia-container-runtime"}}},
            [ONE],
            {
                KEY: ["NVIDIA-GPU=GPU-1f"],
                "default-runtime": "nvidia",
                "runtimes": {"nvidia": {"path": "/usr/bin/nvidia-container-runtime"}},
            },
        ),
        (
            {"labels": ["rack=1", "hydra.swarm.gpus=simulated"]},
            [ONE],
            {KEY: ["NVIDIA-GPU=GPU-1f"], "labels": ["rack=1"], **RUNTIME},
        ),
    ],
)
def test_real_ones(existing: Any, uuids: list[str], after: Any) -> None:
    before = repr(existing)
    assert settings.settings(existing, uuids, simulated=False) == after
    assert repr(existing) == before


@pytest.mark.parametrize(
    ("existing", "uuids", "after"),
    [
        ({}, [], {}),
        ({}, [ONE], {KEY: ["NVIDIA-GPU=GPU-1f"], "labels": ["hydra.swarm.gpus=simulated"]}),
        (
            {"labels": ["rack=1"]},
            [ONE],
            {KEY: ["NVIDIA-GPU=GPU-1f"], "labels": ["rack=1", "hydra.swarm.gpus=simulated"]},
        ),
        (
            {"labels": ["hydra.swarm.gpus=simulated", "rack=1"], KEY: ["NVIDIA-GPU=GPU-1f"]},
            [ONE],
            {KEY: ["NVIDIA-GPU=GPU-1f"], "labels": ["hydra.swarm.gpus=simulated", "rack=1"]},
        ),
        (
            {"labels": ["hydra.swarm.gpus=simulated"], KEY: ["NVIDIA-GPU=GPU-1f"]},
            [],
            {KEY: None, "labels": None},
        ),
    ],
)
def test_simulated_ones_are_marked_and_need_no_runtime(existing: Any, uuids: list[str], after: Any) -> None:
    assert settings.settings(existing, uuids, simulated=True) == after
