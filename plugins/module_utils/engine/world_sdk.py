# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The control host's engine, through the Docker SDK for Python."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from ..common.errors import EngineError

OLDEST_API = (1, 41)
NO_SOCKET = "there is no socket: it is not installed or not running"
NOBODY_LISTENS = "nobody listens on its socket: it is not running"


def connect(timeout: int = 120) -> Any:
    """A docker.APIClient for the engine that DOCKER_HOST or the default socket names.

    Raises EngineError saying what to do when the SDK is missing, no engine answers, or it is too old.
    """
    try:
        import docker
        import docker.utils
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
        return NO_SOCKET
    if "ConnectionRefused" in text or "Connection refused" in text:
        return NOBODY_LISTENS
    return text


def installable(why: str) -> bool:
    """Whether an engine that does not answer for this reason is simply not there, so that one may be installed.

    One that refuses this user, or that DOCKER_HOST names, is somebody's: it is never replaced.
    """
    return not os.environ.get("DOCKER_HOST") and why.endswith((NO_SOCKET, NOBODY_LISTENS))


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
