# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall import world as firewall_world
from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall import world_undo
from ansible_collections.hydra.swarm.plugins.modules import firewall_rules

MEMBERS = ["192.0.2.10"]


class Host:
    """What is ours on it, and what was done to it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.live: dict[str, list[str]] = {}
        self.saved, self.done = "", list[str]()
        monkeypatch.setattr(firewall_world, "look", self._look)
        monkeypatch.setattr(firewall_world, "ssh_ports", lambda given: {22})
        monkeypatch.setattr(world_undo, "settle", lambda: self.done.append("settle"))
        monkeypatch.setattr(world_undo, "saved_as", lambda script: script == self.saved)
        monkeypatch.setattr(world_undo, "save", lambda script: self.done.append(f"save {script}"))
        monkeypatch.setattr(world_undo, "change", self._change)
        monkeypatch.setattr(world_undo, "confirm", lambda token: self.done.append(f"confirm {token}"))

    def _look(self, policy: Any, backend: str, rehearsal: bool) -> firewall_world.Seen:
        rules = {"nftables": ["rule"]} if policy else {}
        return firewall_world.Seen(
            [], [], "nftables" if policy else "", "", "load" if policy else "", self.live, rules, {}, {}
        )

    def _change(self, script: str, undo: str, then: str, after: int) -> str:
        self.done.append(f"change {script} {after}")
        return "token"

    def play(self, check_mode: bool = False, **wanted: Any) -> dict[str, Any]:
        params = {name: option.get("default") for name, option in firewall_rules.ARGUMENTS.items()}
        return firewall_rules.run(SimpleNamespace(params={**params, **wanted}, check_mode=check_mode))


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(monkeypatch)


def test_new_rules_have_to_be_confirmed(host: Host) -> None:
    result = host.play(members=MEMBERS)
    assert (result["changed"], result["rollback"], result["tool"]) == (True, "token", "nftables")
    assert host.done == ["settle", "change load 60"]
    assert result["diff"] == {
        "before": {"rules": {}, "opened": {}, "at_boot": False},
        "after": {"rules": {"nftables": ["rule"]}, "opened": {}, "at_boot": True},
    }


def test_a_rehearsal_touches_nothing(host: Host) -> None:
    result = host.play(check_mode=True, members=MEMBERS)
    assert result["changed"] and result["rollback"] == "" and host.done == []
    assert host.play(check_mode=True, state="confirmed", token="x") == {"changed": True} and host.done == []


def test_what_is_there_and_saved_is_no_change(host: Host) -> None:
    host.live, host.saved = {"nftables": ["rule"]}, "load"
    assert not host.play(members=MEMBERS)["changed"]
    assert host.done == ["settle"]


def test_what_is_there_but_not_saved_is_saved_at_once(host: Host) -> None:
    host.live = {"nftables": ["rule"]}
    result = host.play(members=MEMBERS)
    assert result["changed"] and result["rollback"] == ""
    assert host.done == ["settle", "save load"]


def test_a_removal_can_be_confirmed_too(host: Host) -> None:
    host.live, host.saved = {"iptables": ["rule"]}, "load"
    assert host.play(state="absent")["rollback"] == "token"
    host.live, host.saved = {}, ""
    assert not host.play(state="absent")["changed"]


def test_confirming_is_a_change(host: Host) -> None:
    assert host.play(state="confirmed", token="x") == {"changed": True}
    assert host.done == ["confirm x"]
