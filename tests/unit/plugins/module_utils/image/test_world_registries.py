# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.image import registries, world_registries

OURS = {"host": "r.example.edu", "username": "hydra", "password": "s3cret"}


class Engine:
    """It knows the tag 1 of every image, and is asked with the login that it wants."""

    def __init__(self) -> None:
        self.login = ""

    @contextmanager
    def logged_in(self, login: str) -> Any:
        self.login = login
        yield
        self.login = ""

    def get(self, path: str) -> Any:
        assert self.login == registries.login(OURS)
        if not path.endswith(":1/json"):
            raise EngineError(f"docker GET {path}: manifest unknown", 404)
        return {"Descriptor": {"digest": "sha256:1"}}


def test_images_of_registries_that_are_known_are_asked_for() -> None:
    images = ["r.example.edu/a:1", "r.example.edu/b:2", "r.example.edu/b:2", "b:2", "other.example.edu/b:2"]
    assert world_registries.problems(Engine(), images, [OURS]) == [  # type: ignore[arg-type]
        "registry r.example.edu has no image r.example.edu/b:2: push it, or name one that it has"
    ]


def test_logins_of_the_inventory_come_before_those_of_the_manager(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = [{**OURS, "password": "old"}, {"host": "other.example.edu", "username": "me", "password": "mine"}]
    (tmp_path / "config.json").write_text(registries.config(own))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    assert world_registries.known([OURS], own=False) == [OURS]
    assert world_registries.known([OURS], own=True) == [OURS, own[1]]


def test_logins_are_in_a_file_while_a_command_runs() -> None:
    with world_registries.login_file([OURS]) as folder:
        path = Path(folder, "config.json")
        assert (oct(path.stat().st_mode)[-3:], list(json.loads(path.read_text())["auths"])) == (
            "600",
            ["r.example.edu"],
        )
    assert not path.exists()
    with world_registries.login_file([{"host": "r.example.edu"}]) as folder:
        assert folder == ""
