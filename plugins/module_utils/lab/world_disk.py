# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The disk that servers start from, with what belongs to it, in a folder that its recipe has filled."""

from __future__ import annotations

from pathlib import Path


def whole(folder: Path) -> bool:
    """Whether all files that the recipe listed at its end are there, each as long as it was.

    They are not if the folder was being removed, or this computer went down before all of it was on its own disk.
    """
    try:
        listed = [line.split(" ", 1) for line in (folder / "contents").read_text(encoding="utf-8").splitlines()]
        return bool(listed) and all((folder / name).stat().st_size == int(size) for size, name in listed)
    except OSError:
        return False
