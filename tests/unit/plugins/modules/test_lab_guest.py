# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a server is made and started is told to lab's own tests; here is which of that the module does, and in which order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.lab.servers import Guest
from ansible_collections.hydra.swarm.plugins.modules import lab_guest


class Servers:
    """Servers in some state; C(did) is what was done to them."""

    states: dict[str, str]
    did: list[str]

    def __init__(self, lab: Any, base: Any, owner: tuple[int, int]):
        self.owner = owner

    def others(self, names: Any) -> list[str]:
        return sorted(set(self.states) - set(names))

    def look(self, guest: Guest) -> Guest:
        return Guest(guest.name, guest.address, self.states.get(guest.name, "absent"))

    def write_shared(self, guests: list[Guest]) -> None:
        self.did.append("shared")

    def create(self, guest: Guest, guests: list[Guest]) -> None:
        self.did.append(f"create {guest.name}")

    def start(self, guest: Guest) -> None:
        self.did.append(f"start {guest.name}")

    def stop(self, name: str) -> None:
        self.did.append(f"stop {name}")

    def remove(self, name: str) -> None:
        self.did.append(f"remove {name}")

    def await_ssh(self, guest: Guest, seconds: float, process: Any) -> None:
        self.did.append(f"await {guest.name}")


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Any:
    def are(**states: str) -> list[str]:
        did: list[str] = []
        monkeypatch.setattr(Servers, "states", states, raising=False)
        monkeypatch.setattr(Servers, "did", did, raising=False)
        monkeypatch.setattr(lab_guest, "Servers", Servers)
        return did

    return are


def lab(tmp_path: Path, **more: Any) -> dict[str, Any]:
    guests = [{"name": "one", "address": "172.27.0.10"}, {"name": "two", "address": "172.27.0.20"}]
    given = {"lab": "hydra-lab", "folder": str(tmp_path), "gateway": "172.27.0.1/24", "backend": "uml"}
    return {**given, "guests": guests, **more}


def test_made_started_and_waited_for(call: Any, servers: Any, tmp_path: Path) -> None:
    did = servers(two="stopped")
    result = call(lab_guest, **lab(tmp_path))
    assert result["changed"] is True
    assert result["diff"] == {
        "before": {"one": "absent", "two": "stopped"},
        "after": {"one": "running", "two": "running"},
    }
    assert did[0] == "shared" and did[-2:] == ["await one", "await two"]
    assert did.index("create one") < did.index("start one") and "create two" not in did


def test_all_runs(call: Any, servers: Any, tmp_path: Path) -> None:
    did = servers(one="running", two="running")
    assert (call(lab_guest, **lab(tmp_path))["changed"], did) == (False, [])


def test_removing_takes_those_too_that_the_inventory_forgot(call: Any, servers: Any, tmp_path: Path) -> None:
    did = servers(one="running", old="stopped")
    result = call(lab_guest, **lab(tmp_path, state="absent"))
    assert result["changed"] is True
    assert [one for one in did if one.startswith("remove")] == ["remove one", "remove old"]
    assert did.index("stop one") < did.index("remove one")


def test_a_rehearsal_does_nothing(call: Any, servers: Any, tmp_path: Path) -> None:
    did = servers()
    result = call(lab_guest, check=True, **lab(tmp_path))
    assert (result["changed"], [one["state"] for one in result["guests"]], did) == (True, ["absent", "absent"], [])


def test_an_address_outside_of_the_lab_is_refused(call: Any, servers: Any, tmp_path: Path) -> None:
    did = servers()
    guests = [{"name": "one", "address": "10.0.0.1"}]
    assert (
        "server one has address 10.0.0.1, which is not in 172.27.0.0/24"
        in call(lab_guest, **lab(tmp_path, guests=guests))["msg"]
    )
    assert did == []
