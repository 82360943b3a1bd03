# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether an engine would take its settings, asked of that very engine before it gets them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..common.errors import EngineError
from ..common.owner import OWNER
from ..engine.world_sdk import doing
from .dind import Machine, Plan, asked
from .world import World

VALIDATE = (
    'file=$(mktemp) && trap "rm -f $file" EXIT && printf %s "$SETTINGS" > "$file" && '
    'dockerd --validate --config-file "$file" 2>&1'
)
# An engine before 23.0 cannot tell.
CANNOT_TELL = "unknown flag: --validate"
SIGNALLED = 128  # the exit status from which on somebody else has ended it
GONE = (404, 409)  # what is asked has ended, or is about to be started once more


def problems(client: Any, cluster: str, world: World, plans: Iterable[Plan]) -> list[str]:
    """A sentence for each machine whose new settings its engine refuses."""
    wanted: dict[str, list[str]] = {}
    machines = {}
    for plan in plans:
        if "settings" in plan.actions and asked(plan.machine, world.machines.get(plan.machine.name)):
            text = json.dumps(plan.machine.settings, sort_keys=True)
            wanted.setdefault(text, []).append(plan.machine.name)
            machines[text] = plan.machine
    found = []
    there = {name: one for name, one in world.machines.items() if _answers(world.containers.get(name, {}), name)}
    for text, names in wanted.items():
        if refused := _refused(client, cluster, there, machines[text], text):
            found.append(f"{', '.join(names)}: the engine refuses its settings: {refused}; correct that setting")
    return found


def _answers(container: Mapping[str, Any], name: str) -> bool:
    """Whether it can be asked: not while it is about to be started once more, or has another name as yet."""
    return container.get("State", "running") == "running" and f"/{name}" in (container.get("Names") or [f"/{name}"])


def _refused(client: Any, cluster: str, there: Mapping[str, Machine], machine: Machine, text: str) -> str:
    image, environment = machine.fixed["image"], {"SETTINGS": text}
    running = [one.name for one in there.values() if one.state == "running" and one.fixed.get("image") == image]
    running = [name for name in running if there[name].fixed.get("service") == machine.fixed["service"]]
    for name in running:
        if answer := _in_a_machine(client, name, environment):
            break
    else:
        if not client.images(image, quiet=True):  # a rehearsal, before there is one
            return ""
        with doing(f"asking the engine of {image} about settings"):
            answer = _in_a_container(client, cluster, image, environment)
    code, said = answer
    return "" if code == 0 or CANNOT_TELL in said.decode(errors="replace") else _words(said.decode(errors="replace"))


def _in_a_machine(client: Any, name: str, environment: Mapping[str, str]) -> tuple[int, bytes] | None:
    """What its engine said; nothing where the machine ended meanwhile, as one does that is started again and again."""
    try:
        with doing(f"asking the engine of {name} about settings"):
            task = client.exec_create(name, ["sh", "-c", VALIDATE], environment=environment)
            said = client.exec_start(task["Id"])
            code = client.exec_inspect(task["Id"])["ExitCode"]
    except EngineError as error:
        if error.status not in GONE:
            raise
        return None
    return (code, said) if code is not None and code < SIGNALLED else None


def _in_a_container(client: Any, cluster: str, image: str, environment: dict[str, str]) -> tuple[int, bytes]:
    """In one that is gone afterwards."""
    host = client.create_host_config(network_mode="none")
    made = client.create_container(
        image,
        ["-c", VALIDATE],
        entrypoint="sh",
        environment=environment,
        labels={OWNER: cluster},
        host_config=host,
    )
    try:
        client.start(made["Id"])
        code = client.wait(made["Id"])["StatusCode"]
        return code, client.logs(made["Id"])
    finally:
        client.remove_container(made["Id"], force=True, v=True)


def _words(said: str) -> str:
    """What is wrong, without what the engine says around it."""
    last = said.strip().splitlines()[-1] if said.strip() else "it does not say why"
    for around in ("unable to configure the Docker daemon with file ", "merged configuration validation from file "):
        if last.startswith(around):
            last = last.partition(": ")[2]
    return last
