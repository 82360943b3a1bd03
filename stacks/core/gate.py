# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who may come into which workspace: asked by the proxy for every request, after sign-on has said who comes.

Sign-on lets in everybody who is signed on. Here only the owner and the staff go on. Whose workspace it is comes with
the question (?student=ada&login=ada), from a label that the student cannot write, so nothing is remembered here. An
answer of 200 also says what the workspace gets instead of what the visitor sent: the workspace's own token, and of
the cookies those that are Jupyter's. If nobody answers here, the proxy lets nobody in.
"""

from __future__ import annotations

import hashlib
import hmac
import http.server
import os
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qs, urlsplit

PORT = 8080
KEY_FILE = "/run/secrets/workspace_key"
SHORTEST_KEY = 32


@dataclass(frozen=True)
class Answer:
    status: int
    text: str = ""
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Gate:
    key: bytes
    staff: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()  # names that a workspace may see; * stands for anything

    def answer(self, query: str, headers: Mapping[str, list[str]]) -> Answer:
        """What the proxy is told; C(headers) by their names in small letters, as the proxy sent them."""
        asked = parse_qs(query)
        students, users = asked.get("student", []), headers.get("x-forwarded-user", [])
        if len(students) != 1 or len(users) != 1 or not users[0]:
            return Answer(403, "Nobody is signed on.\n")
        if not among(users[0], [*asked.get("login", []), *self.staff]):
            return Answer(403, "This workspace belongs to somebody else.\n")
        if reason := foreign({name: values[0] for name, values in headers.items()}):
            return Answer(403, reason)
        passed = {"Authorization": f"token {self.token(students[0])}"}
        cookies = [one for one in "; ".join(headers.get("cookie", [])).split("; ") if self.is_jupyters(one)]
        return Answer(200, "", passed | ({"Cookie": "; ".join(cookies)} if cookies else {}))

    def token(self, student: str) -> str:
        """What Jupyter in that workspace asks for; the role student_workspace works it out in the same way."""
        return hmac.new(self.key, f"workspace {student}".encode(), hashlib.sha256).hexdigest()

    def is_jupyters(self, cookie: str) -> bool:
        name = cookie.partition("=")[0].strip()
        return any(fnmatchcase(name, pattern) for pattern in self.cookies)


def among(user: str, names: Iterable[str]) -> bool:
    """Exactly one of these, and how long that takes tells nothing of them. A header's bytes arrive as Latin-1."""
    given = user.encode("latin-1")
    return sum(hmac.compare_digest(given, name.encode()) for name in names) > 0


def foreign(headers: Mapping[str, str]) -> str:
    """Why this is not what the visitor himself does: a page of somebody else's makes his browser do it.

    Jupyter leaves this check to whoever knows its token, and that is us.
    """
    host = headers.get("x-forwarded-host", "").lower()
    if "origin" in headers and urlsplit(headers["origin"].lower()).netloc != host:
        return "A page of another host asked for this.\n"
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        opened = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        if not opened or headers.get("x-forwarded-method") not in ("GET", "HEAD"):
            return (
                "A page of another host asked for this; a workspace is opened by a link, and in a window of its own.\n"
            )
    return ""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 75
    gate: Gate

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        headers = {name.lower(): self.headers.get_all(name, []) for name in self.headers}
        answer = Answer(200) if url.path == "/health" else self.gate.answer(url.query, headers)
        if answer.status != 200:
            print(f"refused {headers.get('x-forwarded-user', [])} at {url.query!r}: {answer.text.strip()}", flush=True)
        self.send_response(answer.status)
        said = {"Content-Type": "text/plain", "X-Content-Type-Options": "nosniff", "Content-Length": len(answer.text)}
        for name, value in {**said, **(answer.headers or {})}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(answer.text.encode())

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: of what is let in nothing is remembered."""


def words(name: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in os.environ.get(name, "").split(",") if word.strip())


def main() -> None:
    with open(KEY_FILE, "rb") as file:
        key = file.read().strip()
    if len(key) < SHORTEST_KEY:
        raise SystemExit(
            f"the secret workspace_key has {len(key)} characters; it needs {SHORTEST_KEY}: openssl rand -hex 32"
        )
    Handler.gate = Gate(key, words("STAFF"), words("COOKIES"))
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    http.server.ThreadingHTTPServer(("", PORT), Handler).serve_forever()


if __name__ == "__main__":
    main()
