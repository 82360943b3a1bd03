# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack import world_deploy
from ansible_collections.hydra.swarm.plugins.module_utils.stack.service.health import Verdict

ENTRY = {"ID": "id-web", "Spec": {"Name": "core_web"}}


class Watching:
    """Looks once, and sees the verdict it was given."""

    verdict = ""

    def __init__(self, _engine: Any, ids: list[str], _stable: float):
        self.ids = ids

    def begin(self, ids: list[str], fresh: set[str], forget: bool) -> None:
        assert (ids, fresh, forget) == (self.ids, set(), True)

    def look(self) -> dict[str, Verdict]:
        return {"core_web": Verdict(self.verdict, "", 1, 1)}

    def report(self, verdicts: dict[str, Verdict]) -> list[str]:
        return [f"{name} {verdict.state}" for name, verdict in verdicts.items()]


@pytest.mark.parametrize(
    ("changed", "verdict", "found"),
    [
        (False, "converged", {"services": ["core_web converged"]}),
        (False, "waiting", None),
        (False, "failed", None),
        (True, "converged", None),
    ],
)
def test_a_stack_is_settled_when_nothing_differs_and_all_runs(
    changed: bool, verdict: str, found: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world_deploy, "Watch", Watching)
    monkeypatch.setattr(Watching, "verdict", verdict)
    live = SimpleNamespace(stack=lambda _name: {"core_web": ENTRY})
    monkeypatch.setattr(world_deploy.world, "read", lambda _engine: live)
    planned = SimpleNamespace(change=SimpleNamespace(changed=changed))
    monkeypatch.setattr(world_deploy, "plan", lambda *_words: planned)
    params = {"name": "core", "document": {}, "images": {}, "stable": 5, "registries": [], "registry_auth": False}
    assert world_deploy.Deploy(SimpleNamespace(), params).settled() == found  # type: ignore[arg-type]
