# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who comes into a workspace through the real proxy, and what arrives there. Sign-on lets in everybody who is signed on."""

from __future__ import annotations

import concurrent.futures
import http.client
import json
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from harness import Cluster, until
from images import Images

SIGN_ON = "hydra.localhost"
SESSION = "connect.sid"
# Ada has a real Jupyter, and in cleo's place a program tells what arrives. Prof is of the staff (stacks_staff), bob a student like others.
ADA, CLEO = "ada.students.hydra.localhost", "cleo.students.hydra.localhost"
PEOPLE = ("ada", "bob", "cleo", "prof")
CONTENTS = "/api/contents"
UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
           "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}  # fmt: skip
# What bash asks from inside a container: host, port, and the lines of a request.
BASH = 'exec 3<>"/dev/tcp/$0/$1"; printf "%b" "$2" >&3; head -c 4000 <&3'


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str

    @property
    def arrived(self) -> dict[str, list[str]]:
        return dict(json.loads(self.body))


Headers = dict[str, Any]
Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def deployed(cluster: Cluster, core: str, images: Images, jupyter: str) -> Iterator[None]:
    """Two workspaces."""
    cluster.make("student-up", "STUDENT=ada", f"IMAGE={jupyter}")
    cluster.make("student-up", "STUDENT=cleo", f"IMAGE={images.echo('hydra-test/echo:1')}")
    try:
        yield
    finally:
        for student in ("ada", "cleo"):
            cluster.make("student-down", f"STUDENT={student}", check=False)


@pytest.fixture(scope="module")
def ask(core: str, deployed: None) -> Ask:
    """What the proxy answers at one of its hosts; headers as they are, since a browser is not who has bad intentions."""

    def ask(host: str, path: str = "/", method: str = "GET", headers: Headers | None = None, body: str = "") -> Answer:
        asked = http.client.HTTPConnection(core, 80, timeout=20)
        asked.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        given = {"Host": host, **({"Content-Length": len(body)} if body or method == "POST" else {}), **(headers or {})}
        for name, values in given.items():
            for value in values if isinstance(values, list) else [values]:
                asked.putheader(name, value)
        asked.endheaders(body.encode() or None)
        said = asked.getresponse()
        answer = Answer(
            said.status,
            {k.lower(): v for k, v in said.getheaders()},
            "" if said.status == 101 else said.read().decode(errors="replace"),
        )
        asked.close()
        return answer

    def both_know_everybody() -> bool:
        return all(ask(host, CONTENTS).status == 401 for host in (ADA, CLEO)) and ask(SIGN_ON, "/whoami").status == 200

    until("the proxy to know sign-on and both workspaces", both_know_everybody)
    return ask


@pytest.fixture(scope="module")
def signed_on(ask: Ask) -> dict[str, Headers]:
    """The header with which each one's browser comes, to whatever host."""
    cookies = {who: ask(SIGN_ON, f"/login?user={who}").headers["set-cookie"].partition(";")[0] for who in PEOPLE}
    assert all(cookie.startswith(f"{SESSION}=") for cookie in cookies.values())
    return {"": {}} | {who: {"Cookie": cookie} for who, cookie in cookies.items()}


@pytest.mark.parametrize(("who", "status"), [("ada", 200), ("prof", 200), ("bob", 403), ("cleo", 403), ("", 401)])
def test_only_the_owner_and_the_staff_come_in(who: str, status: int, ask: Ask, signed_on: dict[str, Headers]) -> None:
    if who:
        assert ask(SIGN_ON, "/whoami", headers=signed_on[who]).body == who
    for path in ("/", "/lab", CONTENTS, "/api", "/static/favicons/favicon.ico"):
        answer = ask(ADA, path, headers=signed_on[who])
        assert answer.status == status or (status == 200 and answer.status in (302, 404)), (path, answer)
        assert "version" not in answer.body or status == 200
    answer = ask(ADA, CONTENTS, headers=signed_on[who])
    assert answer.status == status and ('"directory"' in answer.body) == (status == 200)


NAMES = {
    "his own": {"X-Forwarded-User": "ada"},
    "twice": {"X-Forwarded-User": ["ada", "ada"]},
    "small": {"x-forwarded-user": "ada"},
    "underscores": {"X_Forwarded_User": "ada"},
    "both": {"X-Forwarded-User": "ada", "X_Forwarded_User": "ada"},
    "hop by hop": {"Connection": "X-Forwarded-User", "X-Forwarded-User": "ada"},
    "no host": {"X-Forwarded-Host": SIGN_ON, "X-Forwarded-User": "ada"},
    "another path": {"X-Forwarded-Uri": "/auth/verify", "X-Forwarded-User": "ada"},
    "as if from the proxy": {"X-Forwarded-For": "127.0.0.1", "X-Real-Ip": "127.0.0.1", "X-Forwarded-User": "ada"},
    "a token": {"Authorization": "token ada", "X-Forwarded-User": "ada"},
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_a_caller_gives_himself_gains_nothing(name: str, ask: Ask, signed_on: dict[str, Headers]) -> None:
    assert ask(ADA, CONTENTS, headers=NAMES[name]).status == 401
    assert ask(ADA, CONTENTS, headers={**signed_on["bob"], **NAMES[name]}).status == 403


@pytest.mark.parametrize(
    "host", [ADA.upper(), f"{ADA}:80", f"{ADA}.", f"x.{ADA}", "ada", "cleo", f"{ADA}/", f"{ADA}@{CLEO}"]
)
def test_a_host_that_is_written_otherwise_gains_nothing(host: str, ask: Ask, signed_on: dict[str, Headers]) -> None:
    assert ask(host, CONTENTS, headers=signed_on["bob"]).status in (400, 403, 404)


@pytest.mark.parametrize("connection", [{}, {"Connection": "Cookie"}, {"Connection": "Authorization, Cookie"}])
def test_no_cookie_of_sign_on_arrives_and_those_of_jupyter_do(
    connection: Headers, ask: Ask, signed_on: dict[str, Headers]
) -> None:
    own = "_xsrf=2|aa|bb; username-cleo-students-hydra-localhost=2|1:0|10:17"
    session = signed_on["prof"]["Cookie"]
    cookies = {"Cookie": f"_xsrf=2|aa|bb; {session}; other=1; username-cleo-students-hydra-localhost=2|1:0|10:17"}
    answer = ask(CLEO, "/files/x", headers={**cookies, **connection})
    assert answer.status == 200 or connection
    arrived = answer.arrived if answer.status == 200 else {}
    assert session.partition("=")[2] not in json.dumps(arrived)
    if not connection:
        assert arrived["cookie"] == [own]
        assert arrived["authorization"][0].startswith("token ") and len(arrived["authorization"][0]) == 70
        assert arrived["host"] == [CLEO]


def test_a_visitor_cannot_show_another_token(ask: Ask, signed_on: dict[str, Headers]) -> None:
    own = ask(CLEO, headers=signed_on["cleo"]).arrived["authorization"]
    assert ask(CLEO, headers={**signed_on["cleo"], "Authorization": "token mine"}).arrived["authorization"] == own
    # Nor does it open another workspace.
    assert ask(ADA, CONTENTS, headers={**signed_on["cleo"], "Authorization": own[0]}).status == 403


def test_jupyter_knows_its_own_visitor_again(ask: Ask, signed_on: dict[str, Headers]) -> None:
    cookie = ask(ADA, "/api/me", headers=signed_on["ada"]).headers.get("set-cookie", "")
    assert "username-" in cookie or "_xsrf" in cookie
    assert "domain=" not in cookie.lower()


def user_of(cluster: Cluster, path: str) -> int:
    return int(cluster.inside(cluster.names[0], "stat", "--format", "%u", f"/exports/student-volumes/{path}"))


def test_a_workspace_runs_as_a_number_that_is_its_students_alone(cluster: Cluster, ask: Ask) -> None:
    """Of which the image knows nothing."""
    who = "import os, getpass, pathlib; print(os.getuid(), os.getgid(), getpass.getuser(), pathlib.Path.home(), os.getcwd())"
    users = {student: user_of(cluster, f"{student}/home") for student in ("ada", "cleo")}
    for student, own in users.items():
        ((node, container), *_others) = cluster.tasks(f"student-{student}_jupyter").items()
        said = cluster.inside(node, "docker", "exec", container, "python3", "-c", who)
        assert said == f"{own} {own} {student} /home/student /home/student"
    assert len(set(users.values())) == 2 and min(users.values()) >= 70000


def test_a_notebook_is_written_and_read(cluster: Cluster, ask: Ask, signed_on: dict[str, Headers]) -> None:
    text = json.dumps({"type": "file", "format": "text", "content": "mine"})
    json_ = {
        **signed_on["ada"],
        "Content-Type": "application/json",
        "Origin": f"http://{ADA}",
        "Sec-Fetch-Site": "same-origin",
    }
    assert ask(ADA, f"{CONTENTS}/note.txt", "PUT", {**json_, "Content-Length": len(text)}, text).status in (200, 201)
    assert json.loads(ask(ADA, f"{CONTENTS}/note.txt", headers=signed_on["prof"]).body)["content"] == "mine"
    assert user_of(cluster, "ada/home/note.txt") == user_of(cluster, "ada/home")


def test_websockets(ask: Ask, signed_on: dict[str, Headers]) -> None:
    terminal = ask(ADA, "/api/terminals", "POST", signed_on["ada"])
    assert terminal.status == 200, terminal
    path = f"/terminals/websocket/{json.loads(terminal.body)['name']}"
    own = {"Origin": f"http://{ADA}"}
    asked = {
        who: ask(ADA, path, headers={**UPGRADE, **own, **signed_on[who]}).status for who in ("ada", "prof", "bob", "")
    }
    assert asked == {"ada": 101, "prof": 101, "bob": 403, "": 401}
    # A page of another workspace, open in the owner's browser.
    assert ask(ADA, path, headers={**UPGRADE, **signed_on["ada"], "Origin": f"http://{CLEO}"}).status == 403


def test_a_page_of_another_workspace_does_nothing_here(ask: Ask, signed_on: dict[str, Headers]) -> None:
    other = {**signed_on["ada"], "Origin": f"http://{CLEO}", "Sec-Fetch-Site": "same-site"}
    assert ask(ADA, "/api/terminals", "POST", other).status == 403
    assert ask(ADA, "/api/terminals", "POST", {**signed_on["ada"], "Origin": "null"}).status == 403
    script = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}
    frame = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    status = [ask(ADA, CONTENTS, headers={**signed_on["ada"], **how}).status for how in (script, frame, link)]
    assert status == [403, 403, 200]


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/students/ada", f"http://{ADA}"),
        ("/students/ada/lab/tree/x?a=1", f"http://{ADA}/lab/tree/x?a=1"),
        ("/students/../x", None),
        ("/students/evil.example/", None),
    ],
)  # fmt: skip
def test_links_of_the_older_kind(path: str, leads_to: str | None, ask: Ask) -> None:
    assert ask(SIGN_ON, path).headers.get("location") == leads_to


def inside(cluster: Cluster, service: str, host: str, port: int, request: str) -> str:
    ((node, container), *_others) = cluster.tasks(service).items()
    command = ("docker", "exec", container, "timeout", "10", "bash", "-c", BASH, host, str(port), request)
    return cluster.inside(node, *command, check=False)


def test_whoever_reaches_a_workspace_without_the_proxy_does_not_come_in(cluster: Cluster, ask: Ask) -> None:
    """From the proxy's own container, the only one on that network."""
    service, request = "student-ada_jupyter", f"GET {CONTENTS} HTTP/1.0\\r\\nHost: {ADA}\\r\\n%s\\r\\n"
    assert " 403 " in inside(cluster, "core_traefik", service, 8888, request % "").split("\n")[0]
    user = request % "X-Forwarded-User: ada\\r\\nAuthorization: token \\r\\n"
    assert " 403 " in inside(cluster, "core_traefik", service, 8888, user).split("\n")[0]
    ((node, container),) = cluster.tasks(service).items()
    token = cluster.inside(node, "docker", "exec", container, "cat", "/run/secrets/token")
    right = request % f"Authorization: token {token}\\r\\n"
    assert " 200 " in inside(cluster, "core_traefik", service, 8888, right).split("\n")[0]


def test_from_a_workspace_nobody_reaches_the_proxy(cluster: Cluster, ask: Ask) -> None:
    """It is on every workspace's network to ask there, and listens to the machine's ports alone: 14,000 connections were its end."""
    ((node, container),) = cluster.tasks("student-cleo_jupyter").items()
    proxy = cluster.inside(node, "docker", "exec", container, "getent", "hosts", "traefik").split()[0]
    ports = [str(port) for port in (80, 443, 8081, 8082, 11434)]
    answer = 'for port; do if (exec 3<>"/dev/tcp/$0/$port") 2>/dev/null; then echo "$port"; fi; done'
    knock = ("docker", "exec", container, "timeout", "20", "bash", "-c", answer, proxy, *ports)
    assert cluster.inside(node, *knock, check=False).split() == []
    request = f"GET {CONTENTS} HTTP/1.0\\r\\nHost: {ADA}\\r\\nX-Forwarded-User: ada\\r\\n\\r\\n"
    for name in ("student-ada_jupyter", "gate", "hydra-saml-auth"):
        assert "HTTP" not in inside(cluster, "student-cleo_jupyter", name, 8888, request)


# Answers every question of the proxy as if the right one had been asked, and says that it was.
IMPOSTOR = """
import http.server, threading
class Impostor(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print("was asked", flush=True)
        self.send_response(200)
        self.send_header("X-Forwarded-User", "ada")
        self.send_header("Content-Length", "0")
        self.end_headers()
for port in (6969, 8080):
    threading.Thread(target=http.server.ThreadingHTTPServer(("", port), Impostor).serve_forever).start()
"""


def test_a_service_called_like_sign_on_or_the_gate_is_not_asked(
    cluster: Cluster, ask: Ask, signed_on: dict[str, Headers], department: dict[str, str]
) -> None:
    """A student's stack, on the network that the proxy is on; it takes no label for that."""
    manager, names = cluster.names[0], ("hydra-saml-auth", "gate")
    network = ",".join(["name=hydra_public", *(f"alias={name}" for name in names)])
    options = (
        "--detach",
        "--name=impostor",
        "--endpoint-mode=dnsrr",
        "--constraint=node.role==manager",
        f"--network={network}",
    )
    cluster.inside(manager, "docker", "service", "create", *options, department["python"], "python3", "-c", IMPOSTOR)
    try:
        ((_node, proxy),) = cluster.tasks("core_traefik").items()
        asked = (
            "docker",
            "exec",
            proxy,
            "bash",
            "-c",
            "exec 3<>/dev/tcp/gate/8080 && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3",
        )
        until("it to answer the proxy", lambda: "ada" in cluster.inside(manager, *asked, check=False))
        before = cluster.inside(manager, "docker", "service", "logs", "--raw", "impostor").count("was asked")
        # Many at a time, so that the proxy looks for more whom it may ask.
        with concurrent.futures.ThreadPoolExecutor(30) as pool:
            told = {
                who: set(pool.map(lambda _n, who=who: ask(ADA, CONTENTS, headers=signed_on[who]).status, range(90)))
                for who in ("", "bob")
            }
        assert told == {"": {401}, "bob": {403}}
        assert cluster.inside(manager, "docker", "service", "logs", "--raw", "impostor").count("was asked") == before
    finally:
        cluster.inside(manager, "docker", "service", "rm", "impostor")


def test_the_token_is_in_no_service_and_no_log(cluster: Cluster, ask: Ask, signed_on: dict[str, Headers]) -> None:
    token = ask(CLEO, headers=signed_on["cleo"]).arrived["authorization"][0].partition(" ")[2]
    manager = cluster.names[0]
    services = cluster.inside(manager, "docker", "service", "ls", "--format", "{{.Name}}").split()
    shown = cluster.inside(manager, "docker", "service", "inspect", *services)
    logs = "".join(cluster.inside(manager, "docker", "service", "logs", name) for name in ("core_gate", "core_traefik"))
    assert re.fullmatch(r"[0-9a-f]{64}", token) and token not in shown + logs


def test_while_nobody_checks_nobody_comes_in(cluster: Cluster, ask: Ask, signed_on: dict[str, Headers]) -> None:
    manager = cluster.names[0]
    cluster.inside(manager, "docker", "service", "scale", "--detach", "core_gate=0")
    try:
        of_gate = ("docker", "ps", "-q", "--filter", "label=com.docker.swarm.service.name=core_gate")
        until("both gates to be gone", lambda: not cluster.inside(manager, *of_gate))
        for who in ("ada", "bob", "prof", ""):
            assert ask(ADA, CONTENTS, headers=signed_on[who]).status in (401, 500, 502)
    finally:
        cluster.inside(manager, "docker", "service", "scale", "core_gate=2")
    until("the gate to answer again", lambda: ask(ADA, CONTENTS, headers=signed_on["ada"]).status == 200)


def test_a_caller_who_hangs_up_harms_nobody(core: str, ask: Ask, signed_on: dict[str, Headers]) -> None:
    for _call in range(20):
        with socket.create_connection((core, 80), timeout=5) as line:
            line.sendall(f"GET / HTTP/1.1\r\nHost: {ADA}\r\nCookie: {signed_on['ada']['Cookie']}\r\n\r\n".encode())
    assert ask(ADA, CONTENTS, headers=signed_on["ada"]).status == 200
