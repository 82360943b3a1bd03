# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Small files of the machine a module runs on, read and replaced as a whole."""

from __future__ import annotations

import os
import tempfile


def read(path: str) -> str:
    """What is in a file; one that cannot be read is as good as an empty one."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def write(path: str, text: str) -> None:
    """Replace a file as a whole; without a text there is no file."""
    if read(path) == text:
        return
    if not text:
        os.unlink(path)
        return
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".hydra-")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.chmod(temporary, 0o644)
    os.replace(temporary, path)
