# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What students and their projects may be called, and what is named after both."""

from __future__ import annotations

import re
from typing import Any

# They are names of directories, volumes, stacks and parts of a URL at once. Without a dot, the volume STUDENT.PROJECT
# can be read in one way only; without a slash, no name leads elsewhere.
NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
VOLUME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}")  # the engine's own rule
NAME_RULE = "it must be of lower-case letters, digits and '-', start with a letter and have at most 31 characters"
# A workspace's host begins with the student's name. What is there already keeps its name.
HOST_RULE = "its workspace is the host NAME.students..., whose parts end in no '-': end it with a letter or digit"
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


def host_problems(student: Any) -> list[str]:
    """Why a student of that name cannot have a new workspace, though he may have data."""
    if not str(student).endswith("-"):
        return []
    return [f"student {str(student)!r}: {HOST_RULE}, for example STUDENT={EXAMPLES['student']}"]


def volume_name(student: str, project: str, name: str = "") -> str:
    """What the volume is called: after both, or as a program expects to find it."""
    return name or f"{student}.{project}"


def volume_name_problems(student: str, project: str, name: str) -> list[str]:
    """What is wrong with a name of one's own for a volume; a name after other students is theirs."""
    if not name or name == volume_name(student, project):
        return []
    if not VOLUME.fullmatch(name):
        return [f"name {name!r}: use letters, digits, '_', '.' and '-', at least two, for example NAME={student}-data"]
    whose, dot, what = name.partition(".")
    if dot and NAME.fullmatch(whose) and NAME.fullmatch(what):
        return [
            f"name {name!r}: that is how project {what} of student {whose} is called; choose one without a dot, for "
            f"example NAME={student}-data"
        ]
    return []
