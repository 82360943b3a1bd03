# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Modules run as Ansible runs them, from their arguments to the JSON they print; and a manager's engine that is told what it has."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.engine.world import Engine

Call = Callable[..., dict[str, Any]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """What a module prints: call(module, check=True, name="x"). A failure has C(failed), and the module ends with 1."""

    def of(module: ModuleType, check: bool = False, **arguments: Any) -> dict[str, Any]:
        # Where an Ansible of the controller's is loaded too, as it is by other tests, it would show them itself.
        warned: list[str] = []
        monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text, **_more: warned.append(text))
        with patch_module_args({**arguments, "_ansible_check_mode": check}), pytest.raises(SystemExit) as ended:
            module.main()
        answer = json.loads(capsys.readouterr().out)
        assert ended.value.code == (1 if answer.get("failed") else 0)
        answer.pop("invocation", None)
        return answer | ({"warnings": warned} if warned else {})

    return of


class Swarm:
    """A swarm as its manager's engine answers for it; what it was told to do is in C(posted)."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {
            "/info": {
                "Swarm": {"NodeID": "hydra", "ControlAvailable": True, "LocalNodeState": "active"},
                "DockerRootDir": "/",
                "ServerVersion": "28.5.2",
            },
            "/nodes": [self.node("hydra", role="manager"), self.node("chimera")],
            "/swarm": {"ID": "s", "Version": {"Index": 3}, "Spec": {"Name": "default", "Labels": {}}},
            **{path: [] for path in ("/services", "/tasks", "/networks", "/configs", "/secrets")},
        }
        self.posted: list[tuple[str, str, Any]] = []
        self.refuses: dict[str, EngineError] = {}

    @staticmethod
    def node(name: str, role: str = "worker", availability: str = "active", **labels: str) -> dict[str, Any]:
        manager = {"ManagerStatus": {"Leader": True, "Reachability": "reachable", "Addr": "10.0.0.1:2377"}}
        return {
            "ID": name,
            "Version": {"Index": 7},
            "Spec": {"Role": role, "Availability": availability, "Labels": labels},
            "Description": {"Hostname": f"{name}-node", "Engine": {"EngineVersion": "28.5.2"}},
            "Status": {"State": "ready", "Addr": "10.0.0.2"},
            **(manager if role == "manager" else {}),
        }

    def worker(self) -> None:
        """From now on its engine is that of a worker."""
        view = {"ControlAvailable": False, "RemoteManagers": [{"Addr": "10.0.0.9:2377"}]}
        self.answers["/info"]["Swarm"].update(view)

    def request(self, method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        if path in self.refuses:
            raise self.refuses[path]
        if method == "GET":
            if path not in self.answers:
                raise EngineError(f"docker GET {path}: not found", 404)
            return self.answers[path]
        self.posted.append((method, path, body))
        kind, _slash, rest = path.strip("/").partition("/")
        listed = self.answers.get(f"/{kind}", [])
        entry = next((one for one in listed if isinstance(one, dict) and one.get("ID") == rest.partition("/")[0]), None)
        if method == "POST" and entry is not None and rest.endswith("/update"):
            entry["Spec"] = body
            entry["Version"] = {"Index": entry["Version"]["Index"] + 1}
        return {"Id": "made"}


@pytest.fixture
def swarm(monkeypatch: pytest.MonkeyPatch) -> Swarm:
    """Every engine that a module asks in this test."""
    made = Swarm()
    monkeypatch.setattr(Engine, "_request", lambda _engine, *words: made.request(*words))
    return made
