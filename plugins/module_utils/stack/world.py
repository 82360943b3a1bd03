# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A stack made, changed and removed: docker stack deploy for its services, the Engine API for what surrounds it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from ..common import world_wait
from ..common.errors import EngineError, Refusal
from ..common.owner import OWNER
from ..engine.view import ENDED, STACK
from ..engine.world import Engine
from .plan import Live, everything
from .view import STACK_IMAGE

CLI_SECONDS = 300
# What the command line says of itself and not of the stack, and of each service it makes.
CHATTER = ("Since --detach=false", "In a future release", "Creating ", "Updating ", "Removing ")
Entry = Mapping[str, Any]


def read(engine: Engine) -> Live:
    """Services, networks, configs and secrets of the whole swarm; contents are not read."""
    networks = engine.get("/networks", filters={"scope": ["swarm"]})
    return Live(engine.get("/services"), networks, engine.get("/configs"), engine.get("/secrets"))


def validate(socket: str, text: str) -> list[str]:
    """Have the command line check a document, where it can; returns its warnings and raises Refusal with its error."""
    done = _docker(socket, ["stack", "config", "--compose-file", "-"], text)
    if done.returncode == 0:
        return _said(done.stderr)
    if "is not a docker command" in done.stderr or "unknown shorthand flag" in done.stderr or "Usage:" in done.stderr:
        return []  # older than 23: docker stack deploy will check
    raise Refusal(f"docker does not take the stack file: {_trouble(done.stderr)}")


def deploy(socket: str, name: str, text: str, options: Sequence[str], folder: str = "") -> list[str]:
    """docker stack deploy with the document on standard input; returns its warnings.

    C(folder) has the logins for registries, if there are any.
    """
    done = _docker(socket, ["stack", "deploy", *options, "--compose-file", "-", name], text, folder)
    if done.returncode:
        raise EngineError(f"docker stack deploy {name}: {_trouble(done.stderr)}")
    return _said(done.stderr)


def _docker(socket: str, arguments: Sequence[str], text: str, folder: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DOCKER_HOST": f"unix://{socket}", "LC_ALL": "C.UTF-8"}
    environment |= {"DOCKER_CONFIG": folder} if folder else {}
    environment.pop("DOCKER_CONTEXT", None)
    try:
        return subprocess.run(
            ["docker", *arguments],
            input=text,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=CLI_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise EngineError("there is no docker command on this manager: install the package docker-cli") from error
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"docker {' '.join(arguments[:2])} did not end within {CLI_SECONDS} s") from error


def _said(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith(CHATTER)]


def _trouble(text: str) -> str:
    lines = _said(text)
    return "; ".join(lines[-5:]).removeprefix("Error response from daemon: ")[:2000] or "it gave no reason"


def create(engine: Engine, stack: str, owner: str, source: Entry, content: str) -> None:
    """Make a config or a secret; C(content) is base64. One that is there already has that content: its name says so."""
    body = {
        "Name": source["name"],
        "Labels": {**(source.get("labels") or {}), STACK: stack, OWNER: owner},
        "Data": content,
    }
    if source.get("template_driver"):
        body["Templating"] = {"Name": source["template_driver"]}
    try:
        engine.post(f"/{source['kind']}s/create", body)
    except EngineError as error:
        if error.status != 409:
            raise EngineError(f"{source['kind']} {source['name']}: {error}", error.status) from error


def forget_image(engine: Engine, entry: Entry) -> None:
    """Make docker stack deploy take the image it is given: it must not believe to have given it before.

    Only a label changes, so no task restarts.
    """
    spec = entry["Spec"]
    labels = {key: value for key, value in (spec.get("Labels") or {}).items() if key != STACK_IMAGE}
    engine.post(f"/services/{entry['ID']}/update", {**spec, "Labels": labels}, version=entry["Version"]["Index"])


def remove(engine: Engine, kind: str, entry: Entry) -> bool:
    """Remove one service, network, config or secret; False if it is in use, True if it is gone."""
    try:
        engine.delete(f"/{kind}/{entry.get('ID') or entry.get('Id')}")
    except EngineError as error:
        if error.status == 404 or str(error).endswith("not found"):
            return True
        if error.status in (400, 403, 409) or "in use" in str(error):
            return False
        raise
    return True


def clear(engine: Engine, name: str, timeout: float) -> None:
    """Remove all of a stack but its volumes, and wait until nothing of it is left."""
    for entry in everything(name, read(engine))["services"]:
        remove(engine, "services", entry)

    def look() -> tuple[bool | None, str]:
        tasks = engine.get("/tasks", filters={"label": [f"{STACK}={name}"]})
        # What ran on a node that is down ends there when it returns.
        down = {node["ID"] for node in engine.get("/nodes") if node["Status"]["State"] != "ready"}
        alive = [task for task in tasks if task["Status"]["State"] not in ENDED and task.get("NodeID") not in down]
        rest = [f"{len(alive)} tasks"] if alive else []
        for kind, entries in everything(name, read(engine)).items():
            for entry in entries:  # what is removed now is looked for once more: a network stays on a node for a while
                remove(engine, kind, entry)
                rest.append(f"{kind[:-1]} {_title(entry)}")
        return (None if rest else True), ", ".join(rest)

    world_wait.until(f"stack {name} to be gone (something else may use what is left)", look, timeout, 0.2)


def _title(entry: Entry) -> str:
    return str(entry.get("Name") or entry["Spec"]["Name"])
