# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.engine.world import Engine
from ansible_collections.hydra.swarm.plugins.modules import swarm_network

PUBLIC = {
    "Name": "public",
    "Id": "n1",
    "Driver": "overlay",
    "Scope": "swarm",
    "Attachable": True,
    "Internal": False,
    "IPAM": {"Config": [{"Subnet": "10.0.1.0/24", "Gateway": "10.0.1.1"}]},
    "Options": {},
    "Labels": {"hydra.swarm.cluster": "hydra"},
}


@pytest.fixture(autouse=True)
def allocating(swarm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A swarm that gives a new network its subnet at once."""
    request = swarm.request

    def answer(method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        answered = request(method, path, query, body)
        if path == "/networks/create":
            made = {**PUBLIC, **{key: body[key] for key in ("Name", "Attachable", "Labels")}, "Id": "n2"}
            swarm.answers["/networks"].append(made)
        if method == "DELETE":
            swarm.answers["/networks"] = [one for one in swarm.answers["/networks"] if not path.endswith(one["Id"])]
        return answered

    monkeypatch.setattr(Engine, "_request", lambda _engine, *words: answer(*words))


def test_a_network_is_made_once_and_bears_its_owner(call: Any, swarm: Any) -> None:
    wanted = {"networks": [{"name": "public", "labels": {"x": True}}], "owner": "hydra"}
    result = call(swarm_network, **wanted)
    assert result["changed"] is True
    ((_post, path, body),) = swarm.posted
    assert (path, body["Name"], body["Driver"], body["Attachable"]) == ("/networks/create", "public", "overlay", True)
    assert body["Labels"] == {"x": "true", "hydra.swarm.cluster": "hydra"}
    assert [(one["name"], one["subnet"]) for one in result["networks"]] == [("public", "10.0.1.0/24")]
    assert (call(swarm_network, **wanted)["changed"], len(swarm.posted)) == (False, 1)


def test_a_rehearsal_makes_none(call: Any, swarm: Any) -> None:
    result = call(swarm_network, check=True, networks=[{"name": "public"}], owner="hydra")
    assert (result["changed"], result["networks"], swarm.posted) == (True, [], [])


def test_one_that_is_used_is_not_removed(call: Any, swarm: Any) -> None:
    swarm.answers["/networks"] = [PUBLIC]
    gone = {"networks": [{"name": "public", "state": "absent"}], "owner": "hydra"}
    task = {"Networks": [{"Target": "n1"}]}
    swarm.answers["/services"] = [{"ID": "s", "Spec": {"Name": "web", "TaskTemplate": task}}]
    assert "web" in call(swarm_network, **gone)["msg"] and swarm.posted == []
    swarm.answers["/services"] = []
    assert call(swarm_network, **gone)["changed"] is True
    assert swarm.posted == [("DELETE", "/networks/n1", None)]
    assert call(swarm_network, **gone)["changed"] is False


def test_somebody_elses_is_refused(call: Any, swarm: Any) -> None:
    swarm.answers["/networks"] = [{**PUBLIC, "Labels": {}}]
    result = call(swarm_network, networks=[{"name": "public", "state": "absent"}], owner="hydra")
    assert result["failed"] and "public" in result["msg"] and swarm.posted == []


def test_a_network_that_gets_no_subnet_is_told(call: Any, swarm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swarm_network, "ALLOCATION", 0.05)
    monkeypatch.setattr(Engine, "_request", lambda _engine, *words: swarm.request(*words))
    result = call(swarm_network, networks=[{"name": "public"}], owner="hydra")
    assert result["msg"] == (
        "waited 0.05 s for the swarm to give each new network a subnet; last seen: no subnet yet for public; does it "
        "overlap another network's?"
    )
