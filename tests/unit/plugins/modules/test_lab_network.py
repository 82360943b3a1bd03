# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How interfaces are made is told to lab's own tests; here is what the module compares, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.lab.network import rules
from ansible_collections.hydra.swarm.plugins.modules import lab_network

WANTED = {"hydra-lab": "172.27.0.1/24", "hydra-lab-one": "on hydra-lab"}


class Host:
    """This computer, with what it has of the lab's network; C(did) is what it was told."""

    there: dict[str, str]
    forwarding: bool
    did: list[Any]

    def __init__(self, network: Any, note: Path):
        self.network, self.note = network, SimpleNamespace(exists=lambda: self.forwarding)

    def links(self) -> dict[str, str]:
        return dict(self.there)

    def rules(self) -> list[str]:
        return ["a rule"] * len(rules(self.network)) if self.there else []

    def forwards(self) -> bool:
        return self.forwarding

    def make(self, there: dict[str, str]) -> None:
        self.did.append(("make", there))

    def remove(self, there: list[str]) -> None:
        self.did.append(("remove", there))


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Any:
    def has(there: dict[str, str], forwarding: bool) -> list[Any]:
        did: list[Any] = []
        for name, value in {"there": there, "forwarding": forwarding, "did": did}.items():
            monkeypatch.setattr(Host, name, value, raising=False)
        monkeypatch.setattr(lab_network, "Host", Host)
        monkeypatch.setattr(lab_network, "uplink", lambda: "eth0")
        return did

    return has


def lab(tmp_path: Path, **more: Any) -> dict[str, Any]:
    given = {"bridge": "hydra-lab", "gateway": "172.27.0.1/24", "taps": ["hydra-lab-one"], "folder": str(tmp_path)}
    return {**given, **more}


def test_what_is_missing_is_made(call: Any, host: Any, tmp_path: Path) -> None:
    did = host({}, False)
    result = call(lab_network, **lab(tmp_path))
    assert (result["changed"], result["uplink"], did) == (True, "eth0", [("make", {})])
    assert result["diff"]["after"]["interfaces"] == WANTED


@pytest.mark.parametrize(("there", "forwarding", "changed"), [(WANTED, True, False), (WANTED, False, True)])
def test_what_is_there_is_left_alone(
    call: Any, host: Any, tmp_path: Path, there: Any, forwarding: bool, changed: bool
) -> None:
    did = host(there, forwarding)
    assert (call(lab_network, **lab(tmp_path))["changed"], len(did)) == (changed, int(changed))


def test_removing_takes_what_is_there(call: Any, host: Any, tmp_path: Path) -> None:
    did = host(WANTED, True)
    assert call(lab_network, **lab(tmp_path, state="absent"))["changed"] is True
    assert did == [("remove", list(WANTED))]
    host({}, False)
    assert call(lab_network, **lab(tmp_path, state="absent"))["changed"] is False


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_rehearsal_does_nothing(call: Any, host: Any, tmp_path: Path, state: str) -> None:
    did = host({} if state == "present" else WANTED, False)
    assert (call(lab_network, check=True, **lab(tmp_path, state=state))["changed"], did) == (True, [])


def test_a_gateway_that_is_none(call: Any, host: Any, tmp_path: Path) -> None:
    did = host({}, False)
    said = call(lab_network, **lab(tmp_path, gateway="172.27.0.300/24"))["msg"]
    assert said.endswith("write an address with its prefix, like 172.27.0.1/24") and did == []
