# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.modules import gpu_info

REAL = "GPU-8f2a61c5-0d7b-4c1e-9a35-6e1f0b7c2d94"
GPU = {"index": 0, "uuid": REAL, "name": "NVIDIA A100 80GB PCIe"}


class Host:
    """One whose GPUs are those given; it is not looked at where that is said."""

    def __init__(self, state: str, offered: list[str]):
        self.state, self.offered, self.looked = state, offered, False

    def __call__(self, timeout: float) -> Host:
        return self

    def devices(self) -> list[Any]:
        return []

    def look(self) -> dict[str, Any]:
        self.looked = True
        driver = {"state": self.state, "version": "550.163.01", "problem": "", "reboot": False}
        gpus = [dict(GPU, uuid=uuid) for uuid in self.offered]
        return {"driver": driver, "gpus": gpus, "offered": self.offered, "notes": []}

    def toolkit(self) -> dict[str, Any]:
        return {"version": "1.19.0", "ok": True, "problem": ""}

    def settings(self, path: str) -> Any:
        content = Path(path).read_text(encoding="utf-8")
        return json.loads(content)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    def of(host: Host, settings: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
        path = tmp_path / "daemon.json"
        path.write_text(json.dumps(settings or {}))
        monkeypatch.setattr(gpu_info, "Host", host)
        given = {"name": "chimera", "declared": None, "simulated": False, "settings": str(path), "timeout": 1, **params}
        return gpu_info.run(SimpleNamespace(params=given))

    return of


def test_what_is_found_is_offered(run: Any) -> None:
    result = run(Host("ok", [REAL]), {"node-generic-resources": ["FPGA=a"]}, declared=1)
    assert result["uuids"] == [REAL]
    assert result["resources"] == [f"NVIDIA-GPU={REAL}"]
    assert result["engine_settings"]["node-generic-resources"] == ["FPGA=a", f"NVIDIA-GPU={REAL}"]
    assert result["engine_settings"]["default-runtime"] == "nvidia"
    assert (result["changed"], result["disagreement"]) == (False, "")
    assert result["summary"] == "1 GPU (NVIDIA A100 80GB PCIe), driver 550.163.01, container toolkit 1.19.0"


def test_another_number_than_declared(run: Any) -> None:
    said = run(Host("ok", [REAL]), declared="2")["disagreement"]
    assert said.startswith(f"swarm_node_gpus declares 2, and found are 1: {REAL}.")
    assert run(Host("absent", []), declared=1)["disagreement"].startswith(
        "swarm_node_gpus declares 1, and found are 0: none."
    )


@pytest.mark.parametrize("state", ["missing", "broken"])
def test_a_driver_that_does_not_work_changes_no_settings(run: Any, state: str) -> None:
    result = run(Host(state, []), {"node-generic-resources": [f"NVIDIA-GPU={REAL}"]}, declared=1)
    assert (result["engine_settings"], result["disagreement"]) == ({}, "")
    assert result["summary"] == f"GPUs that cannot be used, driver {state}"


def test_a_host_that_is_said_to_have_none_is_not_looked_at(run: Any) -> None:
    host = Host("ok", [REAL])
    result = run(host, declared=0)
    assert (host.looked, result["uuids"], result["engine_settings"], result["disagreement"]) == (False, [], {}, "")
    assert (result["driver"]["state"], result["toolkit"]["ok"], result["summary"]) == ("absent", True, "no GPU")


def test_simulated_ones_are_those_of_the_development_cluster(run: Any) -> None:
    host = Host("ok", [REAL])
    result = run(host, declared=2, simulated=True, name="chimera-node")
    assert not host.looked
    assert result["uuids"][0] == "GPU-90e401fc-bafd-8958-1be4-cfb058e7fc9e"
    assert result["engine_settings"]["labels"] == ["hydra.swarm.gpus=simulated"]
    assert set(result["engine_settings"]) == {"node-generic-resources", "labels"}
    assert result["summary"] == "2 GPUs, simulated"


@pytest.mark.parametrize("declared", ["two", -1, ["GPU 1"]])
def test_what_cannot_be_meant(run: Any, declared: Any) -> None:
    with pytest.raises(Refusal, match=r"^chimera: swarm_node_gpus "):
        run(Host("ok", []), declared=declared)
