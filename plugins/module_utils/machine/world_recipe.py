# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files of a recipe, read."""

from __future__ import annotations

from pathlib import Path

from ..common.errors import HydraError


def contents(folder: str) -> dict[str, bytes]:
    """Every file below a folder: its path there, and what is in it."""
    top = Path(folder)
    if not top.is_dir():
        raise HydraError(f"there is no recipe in {folder}: name the folder that has it")
    return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}
