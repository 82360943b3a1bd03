# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The control host's engine, through the Docker SDK for Python."""

from __future__ import annotations

import contextlib
from typing import Any, Iterator

from ansible_collections.hydra.swarm.plugins.module_utils._core.errors import EngineError

OWNER = "hydra.swarm.cluster"
OLDEST_API = (1, 41)


def connect(timeout: float = 120) -> Any:
    """A docker.APIClient for the engine that DOCKER_HOST or the default socket names.

    Raises EngineError saying what to do when the SDK is missing, no engine answers, or it is too old.
    """
    try:
        import docker
    except ImportError as error:
        raise EngineError(
            "the Docker SDK for Python is missing on the control host: pip install docker (or run through make, which "
            "uses .venv)"
        ) from error
    try:
        client = docker.APIClient(version="auto", timeout=timeout, **docker.utils.kwargs_from_env())
    except docker.errors.DockerException as error:
        raise EngineError(f"no Docker Engine answers on the control host: {reason(error)}") from error
    if tuple(int(part) for part in client.api_version.split(".")) < OLDEST_API:
        raise EngineError(
            f"the Docker Engine of the control host speaks API {client.api_version}; 1.41 or later (Docker 20.10) is "
            "needed: upgrade it"
        )
    return client


def reason(error: Exception) -> str:
    """The words of an SDK or connection error that help, with the remedy for the usual one."""
    text = str(getattr(error, "explanation", None) or error).strip()
    if "PermissionError" in text or "Permission denied" in text:
        return "permission denied on its socket: run with sudo, or join the group docker and log in again"
    if "FileNotFoundError" in text or "No such file" in text:
        return "there is no socket: it is not installed or not running"
    if "ConnectionRefused" in text or "Connection refused" in text:
        return "nobody listens on its socket: it is not running"
    return text


@contextlib.contextmanager
def doing(what: str) -> Iterator[None]:
    """Name the object and the action in any error of the SDK."""
    import docker
    import requests

    try:
        yield
    except (docker.errors.DockerException, requests.RequestException) as error:
        status = getattr(getattr(error, "response", None), "status_code", 0) or 0
        raise EngineError(f"{what}: {reason(error)}", status) from error
