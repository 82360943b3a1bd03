# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.modules import stack_file

PARAMS: dict[str, Any] = {
    "environment": {"REPLICAS": 3},
    "swarm": {},
    "kernel": {},
    "storage": {},
    "adapt": "auto",
    "attach": {"web": ["pool"]},
}


@pytest.mark.parametrize("check_mode", [False, True])
def test_every_option_is_passed_on(tmp_path: Path, check_mode: bool) -> None:
    file = tmp_path / "core.yml"
    file.write_text("services: {web: {image: web:1, deploy: {replicas: $REPLICAS}}}")
    task = SimpleNamespace(params={"name": "core", "file": str(file), **PARAMS}, check_mode=check_mode)
    assert sorted(stack_file.ARGUMENTS) == sorted(task.params)
    result = stack_file.run(task)
    assert result["changed"] is False
    service = result["stack"]["document"]["services"]["web"]
    assert service == {"image": "web:1", "deploy": {"replicas": 3}, "networks": {"default": {}, "pool": {}}}
