# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What users notice of updates behind the real proxy, and of its own start: nothing.

Before, requests hung for 15 s, and the proxy answered 404 as long after its start: the limits here are between that and what a busy
computer takes.
"""

from __future__ import annotations

import http.client
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness import Cluster, until

PATIENCE = 8
SIGN_ON, HOST = "hydra.localhost", "web.hydra.localhost"
# Two of them, healthy before they count, which finish what they began when they are told to stop.
SERVER = """
import http.server, signal, threading
class Web(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("", 8000), Web)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
"""
STACK = """
services:
  web:
    image: {image}
    command: [python3, /server.py]
    environment: {{ROUND: "${{ROUND}}"}}
    configs: [{{source: server, target: /server.py}}]
    networks: [hydra_public]
    healthcheck:
      test: [CMD, python3, -c, "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/', timeout=2)"]
      interval: 30s
      start_interval: 1s
      start_period: 20s
    deploy:
      replicas: 2
      update_config: {{delay: 2s, order: {order}}}
      labels:
        - traefik.enable=true
        - traefik.http.routers.web.rule=Host(`{host}`)
        - traefik.http.routers.web.entryPoints=web
        - traefik.http.services.web.loadBalancer.server.port=8000
networks:
  hydra_public: {{external: true}}
configs:
  server: {{file: server.py}}
"""


class Callers:
    """Several who call all the time, and what they were told; who has no answer after PATIENCE seconds has an error."""

    def __init__(self, address: str, host: str = HOST):
        self.address, self.host, self.told = address, host, Counter[str]()
        self._over, self._lock = threading.Event(), threading.Lock()

    def once(self) -> str:
        try:
            asked = http.client.HTTPConnection(self.address, 80, timeout=PATIENCE)
            asked.request("GET", "/", headers={"Host": self.host})
            status = str(asked.getresponse().status)
            asked.close()
            return status
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__

    def _call(self) -> None:
        while not self._over.wait(0.05):
            told = self.once()
            with self._lock:
                self.told[told] += 1

    @contextmanager
    def calling(self, number: int = 4) -> Iterator[None]:
        threads = [threading.Thread(target=self._call) for _number in range(number)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()


@pytest.fixture(params=["stop-first", "start-first"])
def web(
    request: pytest.FixtureRequest, cluster: Cluster, core: str, department: dict[str, str], tmp_path: Path
) -> Iterator[Path]:
    """The stack file of a service of two that answers through the proxy."""
    file = tmp_path / "web.yml"
    file.write_text(STACK.format(image=department["python"], order=request.param, host=HOST))
    (tmp_path / "server.py").write_text(SERVER)
    cluster.environment["ROUND"] = "1"
    cluster.make("deploy-stack", "STACK=web", f"FILE={file}")
    until("the proxy to know it", lambda: Callers(core).once() == "200")
    yield file
    cluster.make("remove-stack", "STACK=web")


def apps_keys(cluster: Cluster) -> tuple[str, dict[str, str]]:
    """The task of the app that runs, and its keys."""
    tasks = cluster.tasks("core_hydra-saml-auth")
    assert len(tasks) == 1
    ((node, container),) = tasks.items()
    shown = cluster.inside(node, "docker", "exec", container, "env")
    files = dict(line.split("=", 1) for line in shown.splitlines() if line.startswith("JWT_"))
    assert sorted(files) == ["JWT_PRIVATE_KEY_FILE", "JWT_PUBLIC_KEY_FILE"]
    return container, {
        name: cluster.inside(node, "docker", "exec", container, "cat", path) for name, path in files.items()
    }


def test_the_apps_keys_are_a_pair_and_stay(cluster: Cluster, core: str) -> None:
    """They come from the inventory and are kept by the swarm, so whatever restarts has the same, and so has any replica."""
    first, keys = apps_keys(cluster)
    public = subprocess.run(
        ["openssl", "pkey", "-pubout"], input=keys["JWT_PRIVATE_KEY_FILE"], text=True, check=True, capture_output=True
    )
    assert public.stdout.strip() == keys["JWT_PUBLIC_KEY_FILE"].strip()
    # Of the service, and so of each of its tasks.
    secrets = "{{range .Spec.TaskTemplate.ContainerSpec.Secrets}}{{.SecretID}} {{end}}"
    inspect = ("docker", "service", "inspect", "--format", secrets, "core_hydra-saml-auth")
    before = cluster.inside(cluster.names[0], *inspect)
    assert len(before.split()) == 4
    cluster.docker("restart", "--time", "1", cluster.names[0])
    until("the app to run again", lambda: apps_keys(cluster)[0] != first, 90)
    assert apps_keys(cluster)[1] == keys
    until("the proxy to answer", lambda: Callers(core, SIGN_ON).once() == "200", 60)
    assert cluster.make("deploy-stack", "STACK=core").changed == 0
    assert cluster.inside(cluster.names[0], *inspect) == before


def test_no_request_is_lost_while_a_service_of_two_is_updated(cluster: Cluster, core: str, web: Path) -> None:
    before, callers = cluster.tasks("web_web"), Callers(core)
    cluster.environment["ROUND"] = "2"
    with callers.calling():
        ran = cluster.make("deploy-stack", "STACK=web", f"FILE={web}")
        # What is kept of the old ones would show afterwards.
        told = sum(callers.told.values())
        until("some more answers", lambda: sum(callers.told.values()) > told + 200, 60)
    assert ran.changed and not set(cluster.tasks("web_web").values()) & set(before.values())
    print(f"{web}: {callers.told}")
    assert set(callers.told) == {"200"} and sum(callers.told.values()) > 200, callers.told


def test_from_its_start_on_the_proxy_knows_everybody(cluster: Cluster, core: str) -> None:
    """Until the new one takes calls the port is closed, since two proxies cannot have it; then every answer is right."""
    callers, began = Callers(core, SIGN_ON), time.monotonic()
    assert until("the proxy to know sign-on", lambda: callers.once() == "200")
    cluster.inside(cluster.names[0], "docker", "service", "update", "--detach", "--force", "core_traefik")
    seen: list[tuple[float, str]] = []
    while time.monotonic() - began < 90 and not (closed(seen) and all(told == "200" for _at, told in seen[-100:])):
        seen.append((time.monotonic() - began, callers.once()))
        time.sleep(0.02)  # how often is asked
    last_closed = max(at for at, told in seen if not told.isdecimal())
    after = [(at, told) for at, told in seen if at > last_closed]
    wrong = [(round(at - after[0][0], 2), told) for at, told in after if told != "200"]
    print(f"closed until {last_closed:.2f} s; {len(wrong)} wrong answers after that: {wrong[:3]} ... {wrong[-3:]}")
    # It listens before it has read what it is told, on an idle computer for a fraction of a second.
    assert len(after) >= 100 and not [at for at, _told in wrong if at > PATIENCE], wrong


def closed(seen: list[tuple[float, str]]) -> bool:
    return any(not told.isdecimal() for _at, told in seen)
