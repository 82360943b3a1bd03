# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Registries asked through a manager's engine, and logins handed to the docker command line there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..common.errors import EngineError
from ..common.world_files import read
from ..engine.world import Engine
from . import registries

Registry = Mapping[str, Any]


def known(given: Sequence[Registry], own: bool) -> list[Registry]:
    """The registries that are given and, if C(own), those where the manager's user is logged in."""
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    logins = registries.known_logins(read(str(folder / "config.json"))) if own else []
    hosts = {one["host"] for one in given}
    return [*given, *(one for one in logins if one["host"] not in hosts)]


def problems(engine: Engine, images: Iterable[str], known: Sequence[Registry]) -> list[str]:
    """Why images of these registries cannot be pulled, a sentence each."""
    found = []
    for image in dict.fromkeys(images):
        registry = registries.of_image(image, known)
        if registry:
            try:
                describe(engine, image, registry)
            except EngineError as error:
                found.append(registries.refusal(image, registry, str(error)))
    return list(dict.fromkeys(found))


def describe(engine: Engine, image: str, registry: Registry | None) -> Any:
    """What the registry says of an image, with the login for it."""
    with engine.logged_in(registries.login(registry)):
        return engine.get(f"/distribution/{image}/json")


@contextmanager
def login_file(known: Sequence[Registry]) -> Iterator[str]:
    """A folder with the logins, as DOCKER_CONFIG names it, for as long as a command runs; nothing without any."""
    if not any(one.get("username") for one in known):
        yield ""
        return
    with tempfile.TemporaryDirectory(prefix="hydra-swarm-") as folder:
        path = Path(folder, "config.json")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as stream:
            stream.write(registries.config(known))
        yield folder
