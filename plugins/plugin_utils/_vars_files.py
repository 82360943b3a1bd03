# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The vars_files of plays, read once.

Ansible reads and parses them anew for each play, host and task, which took a tenth of a swarm-up that changes nothing.
It takes what its loader knows already, and that knows what it was asked to keep.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

from ansible.errors import AnsibleError


def keep(plays: Iterable[Any]) -> None:
    """What cannot be read, or is named by an expression, is Ansible's to tell."""
    for play in plays:
        loader = play.get_loader()
        for name in play.get_vars_files():
            if isinstance(name, str) and "{{" not in name:
                with contextlib.suppress(AnsibleError):
                    path = loader.path_dwim_relative_stack(play.get_search_path(), "vars", name)
                    loader.load_from_file(path, cache="all", unsafe=True, trusted_as_template=True)
