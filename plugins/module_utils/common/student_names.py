# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What students and their projects may be called, and what is named after both."""

from __future__ import annotations

import re
from typing import Any

# They are names of directories, volumes, stacks and parts of a URL at once. Without a dot, the volume STUDENT.PROJECT
# can be read in one way only; without a slash, no name leads elsewhere.
NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
NAME_RULE = "it must be of lower-case letters, digits and '-', start with a letter and have at most 31 characters"
EXAMPLES = {"student": "student1", "project": "ml"}


def name_problems(**names: Any) -> list[str]:
    """What is wrong with the name of a student or a project, one line each: name_problems(student='../x')."""
    found = []
    for kind, name in names.items():
        example = f"for example {kind.upper()}={EXAMPLES[kind]}"
        if name in (None, ""):
            found.append(f"no {kind} is named: {example} (-e {kind}={EXAMPLES[kind]})")
        elif not NAME.fullmatch(str(name)):
            found.append(f"{kind} {str(name)!r}: {NAME_RULE}, {example}")
    return found


def volume_name(student: str, project: str) -> str:
    return f"{student}.{project}"
