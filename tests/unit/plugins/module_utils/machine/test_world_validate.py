# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import docker
import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.machine import world_validate

FIXED = {"image": "node:1", "service": "engine"}
REFUSED = (1, b"unable to configure the Docker daemon with file /tmp/x: no such option: bogus")
ENDED = (137, b"")
LOST = docker.errors.APIError("conflict", SimpleNamespace(status_code=409, reason="", url=""), "is restarting, wait")
BROKEN = docker.errors.APIError("no", SimpleNamespace(status_code=500, reason="", url=""), "out of memory")


def refused(answers: dict[str, Any]) -> tuple[str, MagicMock]:
    """Running machines, each with what becomes of the question to it; also the client that was used."""
    client = MagicMock()

    def create(name: str, *_words: Any, **_more: Any) -> dict[str, str]:
        if isinstance(answers[name], Exception):
            raise answers[name]
        return {"Id": name}

    client.exec_create.side_effect = create
    client.exec_start.side_effect = lambda name: answers[name][1]
    client.exec_inspect.side_effect = lambda name: {"ExitCode": answers[name][0]}
    client.wait.return_value, client.logs.return_value = {"StatusCode": 0}, b""
    there = {name: SimpleNamespace(name=name, state="running", fixed=FIXED) for name in answers}
    machine: Any = SimpleNamespace(fixed=FIXED)
    return world_validate._refused(client, "hydra", there, machine, "{}"), client  # type: ignore[arg-type]


@pytest.mark.parametrize("away", [LOST, ENDED])
def test_a_machine_that_ends_meanwhile_has_not_answered(away: Any) -> None:
    said, client = refused({"chimera": away, "hydra": REFUSED})
    assert said == "no such option: bogus"
    client.create_container.assert_not_called()


def test_where_no_machine_answers_the_image_does() -> None:
    said, client = refused({"chimera": LOST, "hydra": ENDED})
    assert said == ""
    client.create_container.assert_called_once()


def test_another_trouble_is_told() -> None:
    with pytest.raises(EngineError, match="asking the engine of chimera about settings: "):
        refused({"chimera": BROKEN})
