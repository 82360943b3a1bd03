# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import os
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.server import world_packages
from ansible_collections.hydra.swarm.plugins.modules import host_info


def test_this_computer_as_it_is(call: Any, swarm: Any) -> None:
    """Without asking package sources, which are outside."""
    result = call(host_info, check=True, address="127.0.0.1", names=["localhost"], package_sources=False)
    host = result["host"]
    assert result["changed"] is False and result["started"] <= result["ended"]
    assert set(host["names"]) == {os.uname().nodename, "localhost"}
    assert host["packages"] == {"manager": "", "sources": []}
    assert host["address"] and host["disk"] and host["nfs"]
    # The action plugin fills these in.
    assert (host["time"]["offset"], host["time"]["uncertainty"]) == (None, None)


def test_an_engine_that_is_not_there_is_an_answer(call: Any, swarm: Any) -> None:
    swarm.refuses["/info"] = EngineError("docker GET /info: no answer")
    assert "failed" not in call(host_info, address="127.0.0.1", package_sources=False)


def test_package_sources_get_the_time_that_is_given(call: Any, swarm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world_packages, "sources", lambda seconds: {"manager": "apt", "sources": [seconds]})
    assert call(host_info, address="127.0.0.1", timeout=3)["host"]["packages"] == {"manager": "apt", "sources": [3.0]}
