#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether this host's Docker Engine answers, and whether it has the image of a recipe."""

from __future__ import annotations

DOCUMENTATION = r"""
module: engine_info
short_description: Whether this host's Docker Engine answers, and whether it has the image of a recipe
version_added: 0.1.0
description:
  - Asks the engine of E(DOCKER_HOST), of the docker command line's context, or of the default socket. An engine that
    does not answer is a result, not a failure, so that a role can install one.
  - An image made from a recipe is tagged with a hash over the recipe's files, so that a changed recipe is another image
    and an unchanged one costs nothing.
options:
  repository:
    description: Repository part of the image's name.
    type: str
  recipe:
    description: Folder with the files of the image's recipe.
    type: path
  cluster:
    description: Name of a cluster, to see which machines of it there are and whether the engine can run such at all.
    type: str
  wait:
    description: Seconds to wait for the engine to answer; V(0) looks once.
    type: int
    default: 0
attributes:
  check_mode:
    description: Only looks.
    support: full
  diff_mode:
    description: Only looks.
    support: none
requirements: ["Docker SDK for Python"]
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: See what is there
  hydra.swarm.engine_info:
    repository: hydra-swarm/node
    recipe: roles/node_image/files
"""

RETURN = r"""
answers: {description: Whether an engine answers., type: bool, returned: always}
reason: {description: Why it does not answer., type: str, returned: when none answers}
installable:
  description: Whether it is simply not there, so that one may be installed. One that refuses this user, or that
    E(DOCKER_HOST) or a context names, is not.
  type: bool
  returned: when none answers
version: {description: The engine's version., type: str, returned: when it answers}
machines:
  description: The cluster's machines, each with its C(name) and C(state), as M(hydra.swarm.dind_node) returns them.
  type: list
  elements: dict
  returned: when it answers and O(cluster) is given
unfit:
  description: Why it can run no machines, such as V(runs without root (rootless)); empty, it can.
  type: str
  returned: when it answers and O(cluster) is given
routed:
  description: Whether this host reaches its containers by their addresses; not where the engine runs in a virtual
    machine, as with Docker Desktop, or elsewhere.
  type: bool
  returned: when it answers and O(cluster) is given
image:
  description: The recipe's image.
  returned: when O(recipe) is given
  type: dict
  contains:
    name: {description: Its full name., type: str, returned: always}
    present: {description: Whether the engine has it., type: bool, returned: always}
"""

import sys
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.errors import EngineError, HydraError, WaitError
from ..module_utils.common.world_wait import until
from ..module_utils.engine.world_sdk import connect, doing, installable
from ..module_utils.machine.recipe import tag
from ..module_utils.machine.shape import unfit
from ..module_utils.machine.world import observe
from ..module_utils.machine.world_recipe import contents

ARGUMENTS = {
    "repository": {"type": "str"},
    "recipe": {"type": "path"},
    "cluster": {"type": "str"},
    "wait": {"type": "int", "default": 0},
}


def run(module: Any) -> dict[str, Any]:
    params = module.params
    result: dict[str, Any] = {"changed": False}
    if params["recipe"]:
        result["image"] = {"name": f"{params['repository']}:{tag(contents(params['recipe']))}", "present": False}
    try:
        client = until("the Docker Engine", _look, params["wait"])
    except WaitError as error:
        why = str(error).partition("last seen: ")[2]
        return {**result, "answers": False, "reason": why, "installable": installable(why)}
    with doing("asking the engine for its version"):
        result |= {"answers": True, "version": client.version()["Version"]}
    if params["recipe"]:
        with doing("listing images"):
            result["image"]["present"] = bool(client.images(result["image"]["name"], quiet=True))
    return result | (_machines(client, params["cluster"]) if params["cluster"] else {})


def _machines(client: Any, cluster: str) -> dict[str, Any]:
    world = observe(client, cluster)
    with doing("asking the engine what it is"):
        info = client.info()
    return {
        "machines": [{"name": one.name, "state": one.state} for one in world.machines.values()],
        "unfit": unfit(info.get("SecurityOptions") or []),
        "routed": world.local and sys.platform == "linux" and info.get("OperatingSystem") != "Docker Desktop",
    }


def _look() -> tuple[Any, str]:
    try:
        return connect(), ""
    except EngineError as error:
        if "is missing" in str(error) or "is needed" in str(error):
            raise
        return None, str(error)


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
