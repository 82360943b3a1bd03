# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.server import world_packages


class Mirror(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(503 if "broken" in self.path else 404 if "flat" in self.path else 200)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def mirror() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Mirror) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(("path", "error"), [("debian", ""), ("flat", ""), ("broken", "HTTP 503 Service Unavailable")])
def test_a_source_is_asked(mirror: str, path: str, error: str) -> None:
    assert world_packages._error(f"http://{mirror}/{path}", {}, 5) == error


def test_through_the_proxy_that_apt_uses(mirror: str) -> None:
    settings = {"acquire::http::proxy": f"http://{mirror}"}
    assert world_packages._error("http://nowhere.invalid/debian", settings, 5) == ""
    assert world_packages._error("http://nowhere.invalid/debian", {"acquire::http::proxy": "DIRECT"}, 5) != ""


def test_an_answer_that_is_none() -> None:
    """As from a proxy that is no HTTP proxy."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection = server.accept()[0]
            connection.recv(4096)
            connection.sendall(b"220 mail.example.edu ESMTP\r\n")
            connection.close()

        threading.Thread(target=answer, daemon=True).start()
        error = world_packages._error(f"http://127.0.0.1:{server.getsockname()[1]}/debian", {}, 5)
    assert error == "no HTTP answer (220 mail.example.edu ESMTP)"


def test_nobody_answers() -> None:
    assert world_packages._error("http://127.0.0.1:9/debian", {}, 5) == "Connection refused"


@pytest.mark.parametrize("url", ["file:///srv/debian", "cdrom://x"])
def test_what_is_no_web_address_is_not_asked(url: str) -> None:
    assert world_packages._error(url, {}, 5) == ""


def test_one_source_of_each_host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mirror: str) -> None:
    (tmp_path / "a.list").write_text(
        f"deb http://{mirror}/debian trixie main\ndeb http://{mirror}/broken trixie main\n"
    )
    monkeypatch.setattr(world_packages, "LISTS", (str(tmp_path / "*.list"),))
    monkeypatch.setattr(world_packages, "shutil", SimpleNamespace(which=lambda name: name))
    monkeypatch.setattr(world_packages, "_settings", dict)
    assert world_packages.sources(5) == {
        "manager": "apt",
        "sources": [{"url": f"http://{mirror}/debian/dists/trixie/InRelease", "error": ""}],
    }


def test_no_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world_packages, "shutil", SimpleNamespace(which=lambda name: name if name == "dnf" else None))
    assert world_packages.sources(5) == {"manager": "dnf", "sources": []}
