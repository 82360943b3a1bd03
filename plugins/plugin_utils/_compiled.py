# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Modules of this collection are compiled once, and not by every run; who imports others of ours imports this first.

Ansible's loader for collections compiles the text of each module anew, which took a tenth of what a verb that only asks
takes. Python's own keeps what it compiled beside the text, where it may write there. Packages stay with Ansible, which
looks for more in them than Python does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location

OURS = f"{__name__.split('.plugins.', maxsplit=1)[0]}.plugins."


class Compiled:
    """One of Python's finders, asked before Ansible's."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, _target: object = None) -> ModuleSpec | None:
        if not name.startswith(OURS) or not path:
            return None
        file = os.path.join(path[0], f"{name.rpartition('.')[2]}.py")
        return spec_from_file_location(name, file) if os.path.isfile(file) else None


if Compiled not in sys.meta_path:
    sys.meta_path.insert(0, Compiled)
