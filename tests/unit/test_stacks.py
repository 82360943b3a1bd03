# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The department's stacks with the values of both inventories: what the proxy is told is valid for its version, and the rest."""

from __future__ import annotations

import http.server
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from ansible_collections.hydra.swarm.plugins.module_utils.student import access

ROOT = Path(__file__).resolve().parents[2]
MANAGER = ["node.labels.role == manager"]
# The strategies that the issue asks for, by stack and service.
CONSTRAINTS = {
    "core": {"traefik": MANAGER, "gate": MANAGER, "hydra-saml-auth": MANAGER, "openwebui-middleman": MANAGER},
    "idp": {"saml-idp": MANAGER},
    "gpu": {"ollama": ["node.labels.workload == ollama"], "open-webui": ["node.labels.gpu == true"]},
    "student": {"jupyter": ["node.labels.workload == jupyter"]},
}
PUBLISHED = {
    "traefik": [80, 443, 8081, 11434],
    "hydra-saml-auth": [6969],
    "openwebui-middleman": [7070],
    "saml-idp": [8080],
}
# The programs that a service's image surely has, to be called by a health check.
TOOLS = {
    "traefik": "traefik",  # the image's own program
    "gate": "python3",  # the image's own program
    "hydra-saml-auth": "node",  # the department builds both on Node.js
    "openwebui-middleman": "node",
    "ollama": "ollama",  # the image's own program
    "open-webui": "curl",  # its own health check calls it
    "jupyter": "python3",  # Jupyter is written in it
}
# The secrets of production are in no file here.
SECRETS = (
    *("dashboard_users", "session_secret", "openwebui_api_key", "webui_secret_key"),
    *("workspace_key", "jwt_private_key", "jwt_public_key"),
)
VAULT = {"vault_stacks_secrets": {name: f"secret-{name}" for name in SECRETS}}
IN_DEV_ONLY = {"stacks_images": {"saml_idp"}, "stacks_memory": {"saml_idp"}}

# Traefik 3.6's static options and labels as far as they are used here, in small letters, and the values they may have.
BOOL, NAME, NAMES = r"true|false", r"[a-z0-9-]+", r"[a-z0-9-]+(@(swarm|file))?(,[a-z0-9-]+(@(swarm|file))?)*"
DURATION, URL = r"\d+(ms|s|m|h)?", r"https?://[^\s/]+(/\S*)?"
OPTIONS = {
    r"providers\.swarm": BOOL,
    r"providers\.swarm\.endpoint": r"unix:///\S+|tcp://\S+",
    r"providers\.swarm\.exposedbydefault": BOOL,
    r"providers\.swarm\.network": r"[A-Za-z0-9_-]+",
    r"providers\.swarm\.refreshseconds": r"\d+",
    r"providers\.providersthrottleduration": DURATION,
    r"providers\.file\.filename": r"/\S+\.yml",
    r"providers\.file\.watch": BOOL,
    r"serverstransport\.forwardingtimeouts\.dialtimeout": DURATION,
    # Where the machine's ports lead, or for itself; never on all of its networks.
    r"entrypoints\.(?P<entrypoint>[a-z]+)\.address": r"(\$\$?here|127\.0\.0\.1):\d{1,5}(/(tcp|udp))?",
    r"entrypoints\.(?P<entrypoint>[a-z]+)\.http\.middlewares": NAMES,
    r"entrypoints\.(?P<entrypoint>[a-z]+)\.http\.tls": BOOL,
    r"entrypoints\.(?P<entrypoint>[a-z]+)\.http\.tls\.certresolver": r"(?P<resolver>[a-z]*)",
    r"entrypoints\.(?P<entrypoint>[a-z]+)\.transport\.respondingtimeouts\.(read|write|idle)timeout": DURATION,
    r"certificatesresolvers\.[a-z]+\.acme\.email": r"(\S+@\S+)?",
    r"certificatesresolvers\.[a-z]+\.acme\.storage": r"/\S+\.json",
    r"certificatesresolvers\.[a-z]+\.acme\.caserver": URL,
    r"certificatesresolvers\.[a-z]+\.acme\.tlschallenge": BOOL,
    r"api\.dashboard": BOOL,
    r"ping\.entrypoint": NAME,
}
NETWORK = r"(\d{1,3}(\.\d{1,3}){3}|[0-9a-f:]+)(/\d{1,3})?"
LABELS = {
    r"traefik\.enable": BOOL,
    r"traefik\.swarm\.network": r"[A-Za-z0-9_-]+",
    r"traefik\.swarm\.lbswarm": BOOL,
    r"traefik\.http\.routers\.(?P<router>[a-z0-9-]+)\.rule": r".+",
    r"traefik\.http\.routers\.(?P<router>[a-z0-9-]+)\.entrypoints": NAMES,
    r"traefik\.http\.routers\.(?P<router>[a-z0-9-]+)\.middlewares": NAMES,
    r"traefik\.http\.routers\.(?P<router>[a-z0-9-]+)\.service": r"[a-z0-9-]+(@internal)?",
    r"traefik\.http\.routers\.(?P<router>[a-z0-9-]+)\.priority": r"\d+",
    r"traefik\.http\.routers\.(?P<router>[a-z0-9-]+)\.tls": BOOL,
    r"traefik\.http\.routers\.(?P<router>[a-z0-9-]+)\.tls\.certresolver": r"[a-z]+",
    r"traefik\.http\.services\.(?P<service>[a-z0-9-]+)\.loadbalancer\.server\.port": r"\d{1,5}",
    r"traefik\.http\.services\.(?P<service>[a-z0-9-]+)\.loadbalancer\.server\.scheme": r"https?|h2c",
    r"traefik\.http\.middlewares\.(?P<middleware>[a-z0-9-]+)\.redirectscheme\.scheme": r"https?",
    r"traefik\.http\.middlewares\.(?P<middleware>[a-z0-9-]+)\.redirectscheme\.permanent": BOOL,
    r"traefik\.http\.middlewares\.(?P<middleware>[a-z0-9-]+)\.redirectregex\.(regex|replacement)": r".+",
    r"traefik\.http\.middlewares\.(?P<middleware>[a-z0-9-]+)\.redirectregex\.permanent": BOOL,
    r"traefik\.http\.middlewares\.(?P<middleware>[a-z0-9-]+)\.stripprefix\.prefixes": r"/\S*(,/\S*)*",
    r"traefik\.http\.middlewares\.(?P<middleware>[a-z0-9-]+)\.basicauth\.usersfile": r"/\S+",
    r"traefik\.http\.middlewares\.(?P<middleware>[a-z0-9-]+)\.forwardauth\.address": URL,
    r"traefik\.http\.middlewares\.(?P<middleware>[a-z0-9-]+)\.forwardauth\.auth(request|response)headers": r"[A-Z][A-Za-z-]+(,[A-Z][A-Za-z-]+)*",
    r"traefik\.http\.middlewares\.(?P<middleware>[a-z0-9-]+)\.ipallowlist\.sourcerange": f"{NETWORK}(,{NETWORK})*",
}
# A matcher of rule syntax v3: one value each, but for those of headers and queries.
MATCHER = (
    r"!?((Host|HostRegexp|Path|PathPrefix|PathRegexp|Method|ClientIP)\(`[^`{}]+`\)|"
    r"(Header|HeaderRegexp|Query|QueryRegexp)\(`[^`]+`, ?`[^`]+`\))"
)
RULE = re.compile(rf"{MATCHER}(( && | \|\| ){MATCHER})*")


def _match(table: Mapping[str, str], key: str, value: str) -> tuple[dict[str, str], str]:
    """What is named in a key and its value, and what is wrong with them."""
    for pattern, values in table.items():
        found = re.fullmatch(pattern, key.lower())
        if found:
            good = re.fullmatch(values, value)
            return {**found.groupdict(), **(good.groupdict() if good else {})}, "" if good else f"{key}: {value!r}"
    return {}, f"{key}: unknown"


class Proxy:
    """What the proxy is told by its options and by the labels of all services."""

    def __init__(self, options: Iterable[str], labels: Mapping[str, Mapping[str, str]], told: Iterable[str] = ()):
        self.options, self.labels = list(options), labels
        # The middlewares of the file that it reads.
        self.told = {f"{name}@file" for name in told}

    def faults(self) -> list[str]:
        """Everything that the pinned version would refuse, ignore, or answer with 404."""
        found: list[str] = []
        entry_points: set[str] = set()
        resolvers: set[str] = set()
        asked: set[str] = set()
        wanted: list[tuple[str, str]] = []
        for option in self.options:
            key, _equals, value = option.removeprefix("--").partition("=")
            names, fault = _match(OPTIONS, key, value)
            found += [fault] if fault else []
            entry_points |= (
                {names["entrypoint"]} if key.lower().endswith(".address") and "entrypoint" in names else set()
            )
            resolvers |= {key.split(".")[1].lower()} if key.lower().startswith("certificatesresolvers.") else set()
            asked |= {names["resolver"]} if names.get("resolver") else set()
            wanted += [("", one) for one in value.split(",")] if key.lower().endswith(".middlewares") else []
        if "providers.swarm.exposedbydefault=false" not in [one.lower().removeprefix("--") for one in self.options]:
            found.append("every service is exposed")
        found += [f"resolver {name} is not defined" for name in sorted(asked - resolvers)]
        middlewares: set[str] = set()
        for service, labels in self.labels.items():
            own = {key: value for key, value in labels.items() if key.lower().startswith("traefik.")}
            read = {key: _match(LABELS, key, value) for key, value in own.items()}
            found += [f"{service}: {fault}" for _names, fault in read.values() if fault]
            middlewares |= {names["middleware"] for names, _fault in read.values() if "middleware" in names}
            found += [f"{service}: {fault}" for fault in self._routers(own, read, entry_points)]
            wanted += [
                (f"{service}: ", one)
                for key, value in own.items()
                if key.endswith(".middlewares")
                for one in value.split(",")
            ]
        found += [
            f"{who}no middleware {one}"
            for who, one in wanted
            if one.removesuffix("@swarm") not in middlewares | self.told
        ]
        return found + [f"middleware {one}: @file is missing" for who, one in wanted if not who and "@" not in one]

    @staticmethod
    def _routers(
        labels: Mapping[str, str], read: Mapping[str, tuple[dict[str, str], str]], entry_points: set[str]
    ) -> list[str]:
        routers: dict[str, dict[str, str]] = {}
        services = {names["service"] for names, _fault in read.values() if "service" in names}
        for key, (names, _fault) in read.items():
            if "router" in names:
                routers.setdefault(names["router"], {})[key.lower().rpartition(".")[2]] = labels[key]
        found = []
        for name, router in routers.items():
            if not RULE.fullmatch(router.get("rule", "")):
                found.append(f"router {name}: rule {router.get('rule')!r} is not of syntax v3")
            if not router.get("entrypoints"):
                found.append(f"router {name}: no entry point")
            others = set(filter(None, router.get("entrypoints", "").split(","))) - entry_points
            found += [f"router {name}: no entry point {other}" for other in sorted(others)]
            target = router.get("service", "")
            if target and not target.endswith("@internal") and target not in services:
                found.append(f"router {name}: no service {target}")
            if not target and len(services) != 1:
                found.append(f"router {name}: which of {len(services)} services?")
        if routers and labels.get("traefik.enable") != "true":
            found.append("not enabled")
        return found + (["Swarm tells no port, and no label does"] if routers and not services else [])


def interpolated(value: Any, environment: Mapping[str, Any]) -> Any:
    """With its variables; one that is missing is a KeyError."""
    if isinstance(value, dict):
        return {interpolated(key, environment): interpolated(each, environment) for key, each in value.items()}
    if isinstance(value, list):
        return [interpolated(each, environment) for each in value]
    if isinstance(value, str):
        found = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)\})")
        return found.sub(lambda at: "$" if at["dollar"] else str(environment[at["name"]]), value)
    return value


def variables(text: str) -> set[str]:
    return set(
        re.findall(r"(?<!\$)\$\{(\w+)\}", "\n".join(line for line in text.splitlines() if line.strip()[:1] != "#"))
    )


class Department:
    """The stacks of an inventory, with the values that it gives them."""

    def __init__(self, inventory: str, folder: Path):
        names = ("swarm_stacks", "swarm_network_networks", "nfs_server_exports", "stacks_images", "student_workspace_networks",
                 "student_workspace_middlewares")  # fmt: skip
        shown = "{{ {" + ", ".join(f"'{name}': {name}" for name in names) + "} | to_json }}"
        task = {"ansible.builtin.debug": {"msg": shown}, "tags": "report"}
        playbook = folder / "playbooks" / "show.yml"
        playbook.parent.mkdir(parents=True, exist_ok=True)
        playbook.write_text(
            json.dumps([{"hosts": "managers", "connection": "local", "gather_facts": False, "tasks": [task]}])
        )
        command = [
            str(Path(sys.executable).with_name("ansible-playbook")),
            "-i",
            f"inventories/{inventory}",
            str(playbook),
        ]
        done = subprocess.run(
            [*command, "-e", json.dumps({**VAULT, "format": "json"})],
            cwd=ROOT,
            env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        self.seen: dict[str, Any] = json.loads(done.stdout)
        self.listed: dict[str, dict[str, Any]] = {stack["name"]: stack for stack in self.seen["swarm_stacks"]}
        # Ansible looks for them beside the playbook's folder.
        assert {stack["file"] for stack in self.listed.values()} == {
            str(folder / "stacks" / f"{name}.yml") for name in self.listed
        }
        self.stacks = {name: interpolated(read(name), stack["environment"]) for name, stack in self.listed.items()}

    def services(self) -> dict[str, dict[str, Any]]:
        """By name; no two stacks have one of the same name, for all are on one network."""
        found = {name: service for stack in self.stacks.values() for name, service in stack["services"].items()}
        assert len(found) == sum(len(stack["services"]) for stack in self.stacks.values())
        return found

    def proxy(self, **more: Mapping[str, str]) -> Proxy:
        labels = {name: service["deploy"].get("labels", {}) for name, service in self.services().items()}
        proxy = self.services()["traefik"]
        # Those of its start, which need an address that only the container knows, and the others.
        options = re.findall(r'"(--[^"]+)"', proxy["entrypoint"][2]) + proxy["command"]
        return Proxy(options, {**labels, **more}, self.told()["middlewares"])

    def told(self) -> dict[str, Any]:
        """The file that the proxy reads, with its environment."""
        text = (ROOT / "stacks/core/proxy.yml").read_text(encoding="utf-8")
        known = self.services()["traefik"]["environment"]
        found: dict[str, Any] = yaml.safe_load(re.sub(r'\{\{ env "(\w+)" \}\}', lambda at: known[at[1]], text))["http"]
        return found


def text_of(stack: str) -> str:
    return (ROOT / "stacks" / f"{stack}.yml").read_text(encoding="utf-8")


def read(stack: str) -> Any:
    return yaml.safe_load(text_of(stack))


def checks(stack: str, key: str) -> dict[str, Any]:
    """What the health check of each service that has one says under a key."""
    services = read(stack)["services"].items()
    return {name: service["healthcheck"][key] for name, service in services if "healthcheck" in service}


@pytest.fixture(scope="module", params=["dev", "prod"])
def department(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Department:
    return Department(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Department]:
    return {name: Department(name, tmp_path_factory.mktemp(name)) for name in ("dev", "prod")}


def workspace(department: Department, student: str) -> dict[str, str]:
    """The labels of a student's workspace."""
    given = {
        **dict.fromkeys(variables(text_of("student")), "1"),
        "STUDENT": student,
        "STUDENT_HOST": access.host(student, "students.example.edu"),
        "STUDENT_GATE": access.gate(student, "http://gate.core_gate:8080", [student]),
        "STUDENT_NETWORK": department.seen["student_workspace_networks"][0],
        "STUDENT_ENTRYPOINTS": "web,websecure",
        "STUDENT_MIDDLEWARES": ",".join([*department.seen["student_workspace_middlewares"], f"student-{student}"]),
    }
    labels = interpolated(read("student"), given)["services"]["jupyter"]["deploy"]["labels"]
    return labels if isinstance(labels, dict) else dict(label.split("=", 1) for label in labels)


def test_which_stacks_there_are(both: dict[str, Department]) -> None:
    # What needs another comes after it: sign-on asks the identity provider, the middleman opens Open WebUI's database.
    assert {name: list(seen.stacks) for name, seen in both.items()} == {
        "dev": ["idp", "gpu", "core"],
        "prod": ["gpu", "core"],
    }
    assert {path.stem for path in (ROOT / "stacks").glob("*.yml")} == set(CONSTRAINTS)


def test_each_variable_has_a_value_and_each_value_a_variable(department: Department) -> None:
    given = {name: set(stack["environment"]) for name, stack in department.listed.items()}
    used = {
        name: variables(text_of(name)) | {each["environment"] for each in read(name).get("secrets", {}).values()}
        for name in department.listed
    }
    assert given == used


def test_both_inventories_say_the_same_things() -> None:
    said = {
        name: yaml.safe_load((ROOT / f"inventories/{name}/group_vars/all/stacks.yml").read_text(encoding="utf-8"))
        for name in ("dev", "prod")
    }
    assert list(said["dev"]) == list(said["prod"])
    for key, value in said["dev"].items():
        if isinstance(value, dict) and isinstance(said["prod"][key], dict):
            assert set(value) - set(said["prod"][key]) == IN_DEV_ONLY.get(key, set()), key
            assert set(said["prod"][key]) <= set(value), key


def test_no_secret_of_production_is_in_the_repository(both: dict[str, Department]) -> None:
    given = {value for stack in both["prod"].listed.values() for value in map(str, stack["environment"].values())}
    assert set(VAULT["vault_stacks_secrets"].values()) <= given
    assert set(both["dev"].listed["core"]["environment"]) >= {name.upper() for name in SECRETS[:3]}


@pytest.mark.parametrize("stack", CONSTRAINTS)
def test_the_four_strategies(stack: str) -> None:
    placed = {name: service["deploy"]["placement"] for name, service in read(stack)["services"].items()}
    assert {name: place["constraints"] for name, place in placed.items()} == CONSTRAINTS[stack]
    spread = {name: place["preferences"] for name, place in placed.items() if "preferences" in place}
    assert spread == ({"open-webui": [{"spread": "node.labels.workload"}]} if stack == "gpu" else {})


def test_ollama_has_one_gpu_and_nothing_else_has_any() -> None:
    asked = {
        name: service["deploy"]["resources"]["reservations"]
        for stack in ("core", "gpu", "idp")
        for name, service in read(stack)["services"].items()
        if "reservations" in service["deploy"]["resources"]
    }
    assert asked == {"ollama": {"generic_resources": [{"discrete_resource_spec": {"kind": "NVIDIA-GPU", "value": 1}}]}}


def test_what_is_published(both: dict[str, Department]) -> None:
    hosts = yaml.safe_load((ROOT / "inventories/dev/hosts.yml").read_text(encoding="utf-8"))
    manager = hosts["all"]["children"]["swarm"]["children"]["managers"]["hosts"]["hydra"]
    for seen in both.values():
        published = {
            name: [
                port["published"] if isinstance(port, dict) else int(port.partition(":")[0])
                for port in service["ports"]
            ]
            for name, service in seen.services().items()
            if "ports" in service
        }
        assert published == {name: ports for name, ports in PUBLISHED.items() if name in seen.services()}
    assert sorted(manager["dind_node_ports"]) == sorted(port for ports in PUBLISHED.values() for port in ports)


def test_the_images(department: Department) -> None:
    images = {service["image"] for service in department.services().values()}
    assert images == set(department.seen["stacks_images"].values())
    # A first part with a dot or a port would be the name of a registry's host; without a tag nobody knows what it is.
    assert [image for image in images if not re.fullmatch(r"([a-z0-9-]+/)?[a-z0-9-]+:[A-Za-z0-9._-]+", image)] == []
    version = re.fullmatch(r"traefik:v(3)\.(\d+)\.(\d+)", department.services()["traefik"]["image"])
    assert version and tuple(map(int, version.groups())) >= (3, 6, 1)


def test_a_failed_update_goes_back(department: Department) -> None:
    for name, service in department.services().items():
        assert service["deploy"]["update_config"]["failure_action"] == "rollback", name
        # Where two cannot be at a time, for a port of the node, a GPU or a file, neither can they on the way back.
        orders = service["deploy"]["update_config"]["order"], service["deploy"]["rollback_config"]["order"]
        assert orders == ("stop-first", "stop-first") or name in ("hydra-saml-auth", "gate"), name


@pytest.mark.parametrize("stack", CONSTRAINTS)
def test_a_health_check_calls_what_the_image_has(stack: str) -> None:
    called = {
        name: re.findall(r"^exec (\S+)", test[1], re.MULTILINE)[-1] if test[0] == "CMD-SHELL" else test[1]
        for name, test in checks(stack, "test").items()
    }
    assert called == {name: TOOLS[name] for name in CONSTRAINTS[stack] if name in TOOLS}


@pytest.mark.parametrize("stack", CONSTRAINTS)
def test_a_health_check_is_quick_at_first_and_rare_afterwards(stack: str) -> None:
    assert set(checks(stack, "start_interval").values()) <= {"1s"}
    assert set(checks(stack, "interval").values()) <= {"30s"}


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers as the path of its server says."""

    status, asked = 200, ""

    def do_GET(self) -> None:
        type(self).asked = self.path
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(
    ("stack", "name", "path", "good", "bad"),
    [
        ("student", "jupyter", "/api", [200], [302, 404, 500, 503]),
        ("core", "hydra-saml-auth", "/", [200, 302, 404], [500, 503]),
        ("core", "openwebui-middleman", "/", [200, 302, 404], [500, 503]),
    ],
)
def test_what_a_shell_takes_for_healthy(
    stack: str, name: str, path: str, good: list[int], bad: list[int], port: int, tmp_path: Path
) -> None:
    script = interpolated(checks(stack, "test")[name][1], {})
    own = str(re.findall(r"/dev/tcp/127.0.0.1/(\d+)", script)[0])
    assert script.count(own) == 2  # what the shell asks, and what is asked where there is no bash
    healthy = {}
    for Answer.status in (*good, *bad):
        healthy[Answer.status] = subprocess.run(["sh", "-c", script.replace(own, str(port))], check=False).returncode
        assert Answer.asked == path
    assert healthy == dict.fromkeys(good, 0) | dict.fromkeys(bad, 1)
    nobody = subprocess.run(["sh", "-c", script.replace(own, "1")], check=False, capture_output=True)
    assert nobody.returncode != 0
    # An image without bash: what there is gets the same address.
    (tmp_path / TOOLS[name]).write_text('#!/bin/sh\nprintf "%s" "$2"\n')
    (tmp_path / TOOLS[name]).chmod(0o755)
    said = subprocess.run(["/bin/sh", "-c", script], env={"PATH": str(tmp_path)}, check=True, capture_output=True)
    assert f"http://127.0.0.1:{own}{path}" in said.stdout.decode()


def test_the_proxy_only_reads_the_socket(department: Department) -> None:
    sockets = [
        mount
        for service in department.services().values()
        for mount in service.get("volumes", [])
        if "docker.sock" in mount
    ]
    assert sockets == ["/var/run/docker.sock:/var/run/docker.sock:ro"]


def test_the_networks_are_the_clusters(department: Department) -> None:
    networks = {network["name"]: network["attachable"] for network in department.seen["swarm_network_networks"]}
    for name, stack in department.stacks.items():
        # The gate answers the proxy alone, and of sign-on nobody else is asked who comes.
        own = {one: {"internal": True} for one in ("gate", "sign-on")} if name == "core" else {}
        assert stack["networks"] == {"hydra_public": {"external": True}, **own}
        on = {one: service["networks"] for one, service in stack["services"].items()}
        several = {one: networks for one, networks in on.items() if networks != ["hydra_public"]}
        asked = ["hydra_public", "sign-on"]
        core = {"traefik": ["hydra_public", "gate", "sign-on"], "gate": ["gate"]}
        core |= {"hydra-saml-auth": asked, "openwebui-middleman": asked}
        assert several == (core if own else {})
    workspaces = department.seen["student_workspace_networks"]
    assert workspaces == [f"hydra_student_{number:02}" for number in range(1, 9)]
    assert networks == {"hydra_public": True, "hydra_students_net": True, **dict.fromkeys(workspaces, False)}
    attached = {name: stack["attach"] for name, stack in department.listed.items() if "attach" in stack}
    assert attached == {"core": {"traefik": workspaces}}


def test_nfs_volumes_are_exports_of_the_server(department: Department) -> None:
    nfs = [
        volume["driver_opts"]
        for stack in department.stacks.values()
        for volume in stack.get("volumes", {}).values()
        if "driver_opts" in volume
    ]
    # One for each stack that uses it, and both alike.
    assert len(nfs) == 2 and nfs[0] == nfs[1]
    assert nfs[0]["device"].removeprefix(":") in [export["path"] for export in department.seen["nfs_server_exports"]]
    assert re.fullmatch(r"addr=[0-9.]+,nfsvers=4\.2,rw,hard", nfs[0]["o"])


def test_what_the_proxy_is_told_is_valid(department: Department) -> None:
    assert department.proxy(ada=workspace(department, "ada"), bob=workspace(department, "bob")).faults() == []


def test_users_see_https_in_production_and_http_here(both: dict[str, Department]) -> None:
    told = {name: "\n".join(seen.services()["traefik"]["command"]) for name, seen in both.items()}
    certificates = {name: re.findall(r"\.certResolver=(\S*)", text) for name, text in told.items()}
    assert certificates == {"dev": [""], "prod": ["acme"]}
    middlewares = {name: seen.told()["middlewares"]["public-scheme"] for name, seen in both.items()}
    schemes = {name: each["redirectScheme"]["scheme"] for name, each in middlewares.items()}
    assert schemes == {"dev": "http", "prod": "https"}


def test_what_the_proxys_file_names_is_in_it(department: Department) -> None:
    told = department.told()
    named = {name for router in told["routers"].values() for name in router["middlewares"]}
    named |= {name for each in told["middlewares"].values() for name in each.get("chain", {}).get("middlewares", [])}
    assert named <= set(told["middlewares"])
    assert [router["rule"] for router in told["routers"].values() if not RULE.fullmatch(router["rule"])] == []
    # Whatever a service's labels say, nobody comes to a workspace as whom he calls himself.
    assert told["middlewares"]["hydra-auth"]["chain"]["middlewares"] == ["no-name", "sign-on"]
    # Nor is another asked who comes, and may come in, that only has the same name on a network that others are on, too.
    assert urlsplit(told["middlewares"]["sign-on"]["forwardAuth"]["address"]).hostname == "hydra-saml-auth.core_sign-on"
    defaults = yaml.safe_load((ROOT / "roles/student_workspace/defaults/main.yml").read_text())
    assert urlsplit(defaults["student_workspace_gate"]).hostname == "gate.core_gate"


@pytest.mark.parametrize(
    ("label", "fault"),
    [
        ({"traefik.docker.network": "hydra_public"}, "x: traefik.docker.network: unknown"),
        ({"traefik.docker.lbswarm": "true"}, "x: traefik.docker.lbswarm: unknown"),
        ({"traefik.enable": "yes"}, "x: traefik.enable: 'yes'"),
        ({"traefik.http.router.x.rule": "Path(`/x`)"}, "x: traefik.http.router.x.rule: unknown"),
        ({"traefik.http.middlewares.x.ipWhiteList.sourceRange": "10.0.0.1"},
         "x: traefik.http.middlewares.x.ipWhiteList.sourceRange: unknown"),
        ({"traefik.http.middlewares.x.ipAllowList.sourceRange": "my-host"},
         "x: traefik.http.middlewares.x.ipAllowList.sourceRange: 'my-host'"),
        ({"traefik.http.routers.x.rule": "Host(`a`, `b`)"}, "x: router x: rule 'Host(`a`, `b`)' is not of syntax v3"),
        ({"traefik.http.routers.x.rule": "HostRegexp(`{name:.+}.a`)"},
         "x: router x: rule 'HostRegexp(`{name:.+}.a`)' is not of syntax v3"),
        ({"traefik.http.routers.x.rule": "Headers(`a`, `b`)"}, "x: router x: rule 'Headers(`a`, `b`)' is not of syntax v3"),
        ({"traefik.http.routers.x.entryPoints": "http"}, "x: router x: no entry point http"),
        ({"traefik.http.routers.x.entryPoints": ""}, "x: router x: no entry point"),
        ({"traefik.http.routers.x.middlewares": "nobody"}, "x: no middleware nobody"),
        ({"traefik.http.routers.x.middlewares": "nobody@swarm"}, "x: no middleware nobody@swarm"),
        ({"traefik.http.routers.x.service": "y"}, "x: router x: no service y"),
        ({"traefik.http.services.y.loadBalancer.server.port": "1"}, "x: router x: which of 2 services?"),
        ({"traefik.http.services.x.loadBalancer.server.port": None}, "x: Swarm tells no port, and no label does"),
        ({"traefik.http.services.x.loadBalancer.server.port": "http"},
         "x: traefik.http.services.x.loadBalancer.server.port: 'http'"),
        ({"traefik.enable": None}, "x: not enabled"),
    ],
)  # fmt: skip
def test_a_wrong_label_is_found(both: dict[str, Department], label: dict[str, str | None], fault: str) -> None:
    good = {
        "traefik.enable": "true",
        "traefik.http.routers.x.rule": "Host(`x.example.edu`) && PathPrefix(`/x`)",
        "traefik.http.routers.x.entryPoints": "web,websecure",
        "traefik.http.services.x.loadBalancer.server.port": "80",
    }
    assert both["dev"].proxy(x=good).faults() == []
    bad = {key: value for key, value in {**good, **label}.items() if value is not None}
    assert fault in both["dev"].proxy(x=bad).faults()


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("--providers.swarm.endpoint", "--providers.docker.swarmMode", "providers.docker.swarmMode: unknown"),
        ("--providers.swarm.exposedByDefault=false", "--providers.swarm.exposedByDefault=true", "every service is exposed"),
        ("public-scheme@file,again@file", "public-scheme@docker",
         "entryPoints.web.http.middlewares: 'public-scheme@docker'"),
        ("public-scheme@file", "public-scheme", "middleware public-scheme: @file is missing"),
        ("tls.certResolver=", "tls.certResolver=other", "resolver other is not defined"),
        ("--entryPoints.ollama.address=$here:11434", "--api.dashboard=true", "ollama: router ollama: no entry point ollama"),
        ("--ping.entryPoint=ping", "--ping.entryPoint=9 9", "ping.entryPoint: '9 9'"),
        ("--entryPoints.web.address=$here:80", "--entryPoints.web.address=:80", "entryPoints.web.address: ':80'"),
    ],
)  # fmt: skip
def test_a_wrong_option_is_found(both: dict[str, Department], right: str, wrong: str, fault: str) -> None:
    proxy = both["dev"].proxy()
    assert any(right in option for option in proxy.options)
    changed = Proxy(
        [option.replace(right, wrong) for option in proxy.options], proxy.labels, both["dev"].told()["middlewares"]
    )
    assert fault in changed.faults()
