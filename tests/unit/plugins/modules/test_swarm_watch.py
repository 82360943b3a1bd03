# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.modules import swarm_watch

NODE = {"id": "chimera", "name": "chimera-node", "status": "ready", "availability": "active", "reachability": ""}


def test_what_the_swarm_made_of_it(call: Any, swarm: Any) -> None:
    before = {"nodes": [NODE], "services": []}
    told = call(swarm_watch, node="chimera-node", before=before, at=time.time() - 1, seconds=0)
    assert (told["changed"], told["outcome"]["noticed"]) == (False, None)
    swarm.answers["/nodes"][1]["Status"]["State"] = "down"
    told = call(swarm_watch, node="chimera-node", before=before, at=time.time() - 1, seconds=600)
    assert told["outcome"]["seen_as"] == "down" and told["outcome"]["noticed"] >= 1
    told = call(swarm_watch, during="return", node="chimera-node", before=before, at=time.time() - 1, seconds=0)
    assert told["outcome"] == {"order_after": None, "lacking": ["chimera-node is down, and was ready"]}


@pytest.mark.parametrize("during", ["fall", "return"])
def test_a_node_that_was_not_there_is_refused(call: Any, swarm: Any, during: str) -> None:
    told = call(swarm_watch, during=during, node="ladon", before={"nodes": [NODE], "services": []}, at=0)
    assert "node ladon is not in the swarm" in told["msg"]
