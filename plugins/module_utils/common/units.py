# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Amounts as people read and write them."""

from __future__ import annotations

import re

SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgtp]?)i?b?", re.IGNORECASE)


def octets(text: str | int) -> int | None:
    """C(512m), C(2 GiB) or C(64) in bytes; units are binary, as docker takes them. None: it is no size."""
    match = SIZE.fullmatch(str(text).strip())
    return int(float(match[1]) * 1024 ** " kmgtp".index(match[2].lower() or " ")) if match else None


def parse_size(text: str | int | None) -> int:
    """Bytes; nothing is 0 (no limit). Raises ValueError."""
    number = octets(text or 0)
    if number is None:
        raise ValueError(f"size '{text}' is not a number with one of the units b, k, m, g, t: write it like 512m or 2g")
    return number


def size(number: float) -> str:
    """Bytes in the largest binary unit that leaves at least 1, with three digits at most."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if number < 1023.5:  # what would be shown as 1024 is 1 of the next unit
            return f"{number:.3g} {unit}" if number < 999.5 else f"{number:.0f} {unit}"
        number /= 1024
    return f"{number:.3g} TiB"
