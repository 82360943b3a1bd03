# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.engine.world import Engine
from ansible_collections.hydra.swarm.plugins.modules import drill_requests


def test_what_the_client_of_this_node_wrote(call: Any, swarm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    swarm.answers["/containers/json"] = [{"Id": "c1"}]
    text = b"100.0 inside ok\n100.2 inside lost\n"
    piece = b"\1\0\0\0" + len(text).to_bytes(4, "big") + text
    monkeypatch.setattr(Engine, "stream", lambda _engine, path, *_most, **query: piece if "/c1/" in path else b"")
    told = call(drill_requests, since=99.5, until=101)
    assert told == {"changed": False, "requests": {"inside": {"sent": 2, "lost": 1, "longest": 0.0}}}


def test_where_there_is_no_client_nothing_is_told(call: Any, swarm: Any) -> None:
    swarm.answers["/containers/json"] = []
    assert call(drill_requests, since=0, until=1)["requests"] == {}
