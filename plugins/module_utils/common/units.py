# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Amounts as people read them."""

from __future__ import annotations


def size(number: float) -> str:
    """Bytes in the largest binary unit that leaves at least 1, with three digits at most."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if number < 1023.5:  # what would be shown as 1024 is 1 of the next unit
            return f"{number:.3g} {unit}" if number < 999.5 else f"{number:.0f} {unit}"
        number /= 1024
    return f"{number:.3g} TiB"
