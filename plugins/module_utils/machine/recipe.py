# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An image's tag follows from its recipe: same files, same tag; one byte changed, another tag."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def tag(files: Mapping[str, bytes]) -> str:
    """Twelve hexadecimal digits over the names and contents of the recipe's files."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:12]
