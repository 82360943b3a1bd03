# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The Docker Engine of the machine a module runs on, over its Unix socket.

Standard library only: a server needs nothing but Python, and a task starts a tenth of a second sooner than with the
SDK (a third of what such a task takes). On the control host, where containers are made, the SDK is used.
Source of paths and shapes: the Engine API reference, 1.41 (Engine 20.10) and later. Paths carry no version, so each
engine answers in its own: Engine 29 no longer speaks 1.41, and what is read here has not changed since.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any
from urllib.parse import quote, urlencode

from ..common import linux
from ..common.errors import EngineError
from ..common.text import unrevealing, variables
from ..common.world_files import read
from . import world_sight

DEFAULT_SOCKET = "/var/run/docker.sock"


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float):
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Engine:
    """Requests to one engine; every error is an EngineError that names the request."""

    def __init__(self, path: str = DEFAULT_SOCKET, timeout: float = 60):
        self._path, self._timeout = path, timeout
        self._login = ""

    def get(self, path: str, **query: Any) -> Any:
        return self._request("GET", path, query, None)

    def post(self, path: str, body: Any = None, **query: Any) -> Any:
        return self._request("POST", path, query, {} if body is None else body)

    def delete(self, path: str, **query: Any) -> Any:
        return self._request("DELETE", path, query, None)

    def stream(self, path: str, most: int, seconds: float, **query: str) -> bytes:
        """What a path answers as it is, of a log for instance: at most so many bytes, or what came in that time."""
        connection, content, deadline = _UnixConnection(self._path, seconds), b"", time.monotonic() + seconds
        try:
            connection.request("GET", f"{quote(path)}?{urlencode(query)}")
            response = connection.getresponse()
            if response.status >= 400:
                raise EngineError(
                    f"docker GET {path}: {response.read(most).decode(errors='replace').strip()}", response.status
                )
            while len(content) < most and time.monotonic() < deadline:
                piece = response.read1(min(most - len(content), 16384))
                if not piece:
                    break
                content += piece
        except TimeoutError:
            pass
        except (OSError, http.client.HTTPException) as error:
            raise EngineError(f"docker GET {path}: no answer on {self._path} ({error})") from error
        finally:
            connection.close()
        return content

    def reaches(self, host: str, port: int, seconds: float) -> bool:
        """Whether somebody answers this engine's machine there."""
        try:
            socket.create_connection((host, port), seconds).close()
        except OSError:
            return False
        return True

    def texts(self, paths: Iterable[str]) -> dict[str, str]:
        """What is in files of its machine, by path, less those that cannot be read; C({release}) is its kernel's."""
        found = {}
        for path in paths:
            with (
                contextlib.suppress(OSError),
                open(path.replace("{release}", os.uname().release), encoding="utf-8", errors="replace") as stream,
            ):
                found[path] = stream.read()
        return found

    def names(self, folder: str) -> list[str]:
        """What is in a folder of its machine; nothing where there is none."""
        with contextlib.suppress(OSError):
            return sorted(os.listdir(folder))
        return []

    def survey(self, paths: Iterable[str], root: str, program: ModuleType | None) -> list[Any]:
        """What C(texts) returns; how busy its machine is, as world_sight reads it there; and what else a program finds.

        C(program) is a file of ours that has a C(look) and, as a program, prints what that returns.
        """
        return [self.texts(paths), world_sight.sight(root), program.look() if program else {}]

    def look(self, program: ModuleType, *arguments: str) -> dict[str, Any]:
        """What a file of ours finds on its machine, that has a C(look) and, as a program, prints what that returns."""
        found: dict[str, Any] = program.look(*arguments)
        return found

    def routes(self) -> str:
        """Its machine's IPv4 routes as the kernel writes them; empty where it does not."""
        return read(linux.ROUTES)

    @contextmanager
    def logged_in(self, login: str) -> Iterator[None]:
        """Requests in between bring a login for a registry, as the header X-Registry-Auth says it."""
        self._login = login
        try:
            yield
        finally:
            self._login = ""

    @contextmanager
    def _connection(self) -> Iterator[http.client.HTTPConnection]:
        connection = _UnixConnection(self._path, self._timeout)
        try:
            yield connection
        finally:
            connection.close()

    def _request(self, method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        """Query values that are not strings travel as JSON (that is how the API takes filters and booleans)."""
        words = {key: value if isinstance(value, str) else json.dumps(value) for key, value in query.items()}
        target = quote(path) + (f"?{urlencode(words)}" if words else "")
        try:
            with self._connection() as connection:
                headers = {"Content-Type": "application/json"} if body is not None else {}
                headers |= {"X-Registry-Auth": self._login} if self._login else {}
                connection.request(method, target, None if body is None else json.dumps(body), headers)
                response = connection.getresponse()
                text = response.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise EngineError(
                f"docker {method} {path}: no answer on {self._path} ({error}); is the Docker Engine running?"
            ) from error
        try:
            answer = json.loads(text) if text else None
        except ValueError:
            answer = text
        if response.status >= 400:
            message = str(answer.get("message", text) if isinstance(answer, dict) else text).strip()
            # Whoever quotes what it was given quotes its secrets, too.
            message = unrevealing(message, _variables(body))
            raise EngineError(f"docker {method} {path}: {message}", response.status)
        return answer


def _variables(body: Any) -> list[tuple[str, str]]:
    """The environment in what an engine was given: of a container, or of a service's tasks."""
    spec = body if isinstance(body, dict) else {}
    container = (spec.get("TaskTemplate") or {}).get("ContainerSpec") or {}
    return variables([*(spec.get("Env") or []), *(container.get("Env") or [])])
