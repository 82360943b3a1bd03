# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The control host's engine: which it is, and a client for it by the Docker SDK for Python."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from ..common.errors import EngineError
from ..common.world_files import read
from . import choice

OLDEST_API = (1, 41)
# Where engines listen that were installed for one user. Nobody chose them, but somebody has them.
OF_USERS = ("$XDG_RUNTIME_DIR/docker.sock", "~/.docker/run/docker.sock", "~/.docker/desktop/docker.sock")
DENIED = "permission denied on its socket: run with sudo, or join the group docker and log in again"
NO_SOCKET = "there is no socket: it is not installed or not running"
NOBODY_LISTENS = "nobody listens on its socket: it is not running"


def choose() -> None:
    """Let everything that this process starts go to the engine that the docker command line would go to.

    A context becomes the variables that the SDK and modules of other collections read; after that they all agree.
    """
    folder = os.environ.get("DOCKER_CONFIG") or os.path.expanduser("~/.docker")
    name = choice.context(os.environ, read(f"{folder}/config.json"))
    if name == choice.DEFAULT:
        return
    contexts = f"{folder}/contexts"
    certificates = f"{contexts}/tls/{choice.place(name)}/docker"
    described = read(f"{contexts}/meta/{choice.place(name)}/meta.json")
    os.environ.update(choice.variables(name, described, certificates if os.path.isdir(certificates) else ""))


def connect(timeout: int = 120) -> Any:
    """A docker.APIClient for the engine of DOCKER_HOST, of the docker command line's context, or of the default socket.

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
    choose()
    try:
        client = docker.APIClient(version="auto", timeout=timeout, **docker.utils.kwargs_from_env())
    except docker.errors.DockerException as error:
        raise EngineError(
            f"no Docker Engine answers on the control host{_where()}: {reason(error)}{_else()}"
        ) from error
    if tuple(int(part) for part in client.api_version.split(".")) < OLDEST_API:
        raise EngineError(
            f"the Docker Engine of the control host speaks API {client.api_version}; 1.41 or later (Docker 20.10) is "
            "needed: upgrade it"
        )
    return client


def _where() -> str:
    host = os.environ.get("DOCKER_HOST")
    return f" at {host}" if host else ""


def _else() -> str:
    """That there is another engine, which nobody named."""
    if os.environ.get("DOCKER_HOST"):
        return ""
    there = [path for path in map(os.path.expanduser, map(os.path.expandvars, OF_USERS)) if os.path.exists(path)]
    return (
        f"; this user has one at {there[0]}: name it (docker context use, or DOCKER_HOST=unix://{there[0]})"
        if there
        else ""
    )


def reason(error: Exception) -> str:
    """The words of an SDK or connection error that help, with the remedy for the usual one."""
    text = str(getattr(error, "explanation", None) or error).strip()
    if "PermissionError" in text or "Permission denied" in text:
        return DENIED
    if "FileNotFoundError" in text or "No such file" in text:
        return NO_SOCKET
    if "ConnectionRefused" in text or "Connection refused" in text:
        return NOBODY_LISTENS
    return text


def installable(why: str) -> bool:
    """Whether an engine that does not answer for this reason is simply not there, so that one may be installed.

    One that refuses this user, or that DOCKER_HOST or a context names, is somebody's: it is never replaced.
    """
    return not os.environ.get("DOCKER_HOST") and why.endswith((NO_SOCKET, NOBODY_LISTENS))


def errors() -> tuple[type[Exception], ...]:
    """Those of the SDK; none where it is missing."""
    try:
        import docker
        import requests
    except ImportError:
        return ()
    return (docker.errors.DockerException, requests.RequestException)


@contextlib.contextmanager
def doing(what: str) -> Iterator[None]:
    """Name the object and the action in any error of the SDK."""
    try:
        yield
    except errors() as error:
        status = getattr(getattr(error, "response", None), "status_code", 0) or 0
        raise EngineError(f"{what}: {reason(error)}", status) from error
