# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Durations and CPUs as a stack file writes them, in the form an engine shows them."""

from __future__ import annotations

import re
from typing import Any

SECONDS = {"h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+")
PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)")


def nanoseconds(text: Any) -> Any:
    """C(1m30s) as the engine counts it. What is no duration is returned as it is: docker itself complains of it."""
    if text in (None, 0, "0", ""):
        return 0
    if not DURATION.fullmatch(str(text)):
        return text
    return sum(round(float(number) * SECONDS[unit] * 1e9) for number, unit in PART.findall(str(text)))


def nano_cpus(text: Any) -> Any:
    try:
        return round(float(text or 0) * 1e9)
    except ValueError:
        return text


def spoken(number: Any) -> Any:
    """Nanoseconds as people say them: C(90s); none at all is nothing."""
    return f"{number / 1e9:g}s" if isinstance(number, int) and number else number or None
