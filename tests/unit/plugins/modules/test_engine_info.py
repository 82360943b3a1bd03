# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.engine import world_sdk
from ansible_collections.hydra.swarm.plugins.modules import engine_info

TASK = SimpleNamespace(params={"repository": None, "recipe": None, "cluster": None, "wait": 0})
NOBODY = "no Docker Engine answers on the control host: "


@pytest.mark.parametrize(
    ("reason", "installable"),
    [(NOBODY + world_sdk.NO_SOCKET, True), (NOBODY + world_sdk.NOBODY_LISTENS, True), (NOBODY + "Server Error", False)],
)
def test_no_engine_is_a_result(monkeypatch: pytest.MonkeyPatch, reason: str, installable: bool) -> None:
    def connect() -> Any:
        raise EngineError(reason)

    monkeypatch.setattr(engine_info, "connect", connect)
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    assert engine_info.run(TASK) == {"changed": False, "answers": False, "reason": reason, "installable": installable}


def test_one_that_docker_host_names_is_never_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
    where = f"{NOBODY.rstrip(': ')} at unix://{tmp_path}/none: "
    result = engine_info.run(TASK)
    assert (result["reason"], result["installable"]) == (where + world_sdk.NO_SOCKET, False)
