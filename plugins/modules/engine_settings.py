#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Settings of this machine's Docker Engine, merged into its settings file."""

from __future__ import annotations

DOCUMENTATION = r"""
module: engine_settings
short_description: Merge settings into a Docker Engine's daemon.json, and say what makes the engine take them over
version_added: 0.1.0
description:
  - Sets the given settings in the engine's settings file and keeps all others, the order, the indentation, and the
    file's owner and mode. To be run as root on the machine the engine is on.
  - The new file is checked with C(dockerd --validate), together with the flags of the engine that runs, before the old
    one is replaced, in check mode too. Engines before 23.0 (Debian 12 has 20.10) cannot do that; then RV(validated) is
    V(false), and a warning says so.
  - An engine that runs reloads what it can reload (debug, labels, runtimes, registries and a few more). Anything else
    needs a restart, which ends the machine's containers, so this module leaves it to the caller and says so in
    RV(effect).
  - When a run was interrupted after the file was written, the next one finds that the engine has not loaded it.
  - A file that is broken is refused, and so is C(live-restore), with which no engine in a swarm starts.
author: "The hydra.swarm authors (@hydra-swarm)"
options:
  settings:
    description:
      - The settings, named as in the file. Maps are merged key by key, lists are replaced, V(null) removes a setting.
      - The values of C(log-opts) are made strings, as the engine wants them.
    type: dict
    required: true
  path:
    description: The settings file.
    type: path
    default: /etc/docker/daemon.json
  socket:
    description: The Unix socket of the machine's Docker Engine, which says when it has reloaded.
    type: path
    default: /var/run/docker.sock
attributes:
  check_mode:
    support: full
    description: Checks the new file and says what would change.
  diff_mode:
    support: full
    description: Shows what the file holds before and after, and whether the engine had to reload it.
  idempotent:
    support: full
    description: A second run changes nothing; RV(effect) stays V(restart) until the engine was restarted.
"""

EXAMPLES = r"""
- name: Bound the containers' logs and keep every other setting
  hydra.swarm.engine_settings:
    settings:
      log-driver: json-file
      log-opts: {max-size: 10m, max-file: 3}
  register: settings

- name: Say that a restart is needed
  ansible.builtin.debug:
    msg: "Drain the node and restart its engine: {{ settings.settings_differing | join(', ') }}"
  when: settings.effect == 'restart'

- name: Offer GPUs to the swarm, and take a setting out
  hydra.swarm.engine_settings:
    settings:
      node-generic-resources: [NVIDIA-GPU=GPU-8f2a61c5-0d7b-4c1e-9a35-6e1f0b7c2d94]
      live-restore: null
"""

RETURN = r"""
effect:
  description:
    - What makes the engine that runs take over the file, V(none), V(reload) or V(restart). A reload has been done, a
      restart has not. V(none) too where no engine runs, as it reads the file when it starts.
  returned: always
  type: str
  sample: restart
settings_differing:
  description: The settings that the effect is for.
  returned: always
  type: list
  elements: str
  sample: [node-generic-resources]
running:
  description: Whether an engine runs.
  returned: always
  type: bool
validated:
  description: Whether dockerd checked the file; V(true) too where it stays as it is.
  returned: always
  type: bool
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError
from ..module_utils.engine import world_settings as files
from ..module_utils.engine.settings import PATH, flags_of, plan
from ..module_utils.engine.world import DEFAULT_SOCKET, Engine


def run(module: Any) -> dict[str, Any]:
    path, running, dockerd = module.params["path"], files.daemon(), files.program()
    flags = flags_of(running.words, path) if running else []
    todo = plan(files.read(path), module.params["settings"], running is not None, files.loaded(running), path)
    validated = not todo.write or (bool(dockerd) and files.validate(todo.text, path, flags, dockerd))
    if dockerd and not validated:
        module.warn(f"this engine is older than 23.0 and cannot check {path}: it is written unchecked")

    def apply() -> None:
        if todo.write:
            if running:
                files.remember(running, todo.loaded)
            files.write(path, todo.text)
        if running and todo.effect == "reload":
            files.reload(running, Engine(module.params["socket"]), path)
            files.remember(running, todo.settings)

    return {
        **converge(module, todo.change, apply),
        "effect": todo.effect,
        "settings_differing": todo.keys,
        "running": running is not None,
        "validated": validated,
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "settings": {"type": "dict", "required": True},
            "path": {"type": "path", "default": PATH},
            "socket": {"type": "path", "default": DEFAULT_SOCKET},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
