# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What many tasks need, loaded once; and which engine is this host's, settled for all that is started from here.

Ansible forks for every task, and reads the class of the task's action before it does. So what an action imports is
imported by the playbook's process, once; what a task loads by itself (the connection to containers with its long
documentation, filters, the Docker SDK) is loaded again by the next one.
"""

from __future__ import annotations

import contextlib
import importlib

from ansible.errors import AnsibleError
from ansible.plugins.loader import connection_loader, filter_loader, shell_loader
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.engine import world_sdk


def load() -> None:
    """What is missing is said by whoever needs it."""
    with contextlib.suppress(EngineError):
        world_sdk.choose()
    for module in ("docker", "docker.utils"):
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    with contextlib.suppress(AnsibleError, KeyError):
        shell_loader.get("sh")
        filter_loader.get("hydra.swarm.summary")
    with contextlib.suppress(ImportError):
        importlib.import_module("ansible_collections.community.docker.plugins.connection.docker")
        connection_loader.get("community.docker.docker", class_only=True)


load()
