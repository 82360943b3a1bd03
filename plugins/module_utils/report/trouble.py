# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Failures that others word, in words that say which machine, what it printed last, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..common.text import cut, unrevealing

NO_RESULT = "Module result deserialization failed"  # how ansible-core says that a program ended without an answer
LINES = 6
PRINTED = ("module_stderr", "module_stdout")


def unanswered(host: str, told: Mapping[str, Any]) -> str:
    """Of a task that failed so; empty for any other."""
    if NO_RESULT not in str(told.get("msg") or ""):
        return ""
    lines = last_words(told)
    words = "\n".join(["the last that was printed there:", *(f"  {line}" for line in lines)])
    words = words if lines else "it printed nothing"
    code = f" (exit status {told['rc']})" if told.get("rc") else ""
    return (
        f"on {host} the program of this task ended without an answer{code}; {words}\n"
        "Mostly the machine was stopped meanwhile, or has no memory, disk or Python left: make swarm-status shows how "
        "it is, and ARGS=-vvv all that was printed"
    )


def last_words(told: Mapping[str, Any]) -> list[str]:
    """The end of what was printed; of a way into a machine that does not lead there, why."""
    text = next((str(told[key]) for key in PRINTED if str(told.get(key) or "").strip()), "")
    lines = [line.rstrip() for line in unrevealing(text).splitlines() if line.strip()]
    return [cut(line) for line in lines[-LINES:]]
