# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A directory of somebody below an export: which names lead to it, and what it ends up as."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..common.change import Change
from ..common.errors import Refusal
from ..common.student_names import NAME, NAME_RULE
from ..common.units import parse_size, size

MODE = re.compile(r"0?[0-7]{3}")
QUOTA_UNIT = 1024  # the kernel counts a quota in blocks of this many bytes


@dataclass(frozen=True)
class Wish:
    """What the last directory of the path should be."""

    root: str
    parts: tuple[str, ...]
    owner: int
    group: int
    mode: int
    quota: int | None  # bytes; 0: no limit, None: as it is
    state: str
    purge: bool

    @property
    def path(self) -> str:
        return "/".join((self.root, *self.parts))


@dataclass(frozen=True)
class Found:
    """What the last directory is."""

    owner: int
    group: int
    mode: int
    quota: int = 0  # bytes; 0: no limit

    def shown(self) -> dict[str, Any]:
        return {"owner": self.owner, "group": self.group, "mode": f"{self.mode:04o}"}


def check_root(root: str) -> str:
    """The export's path without a trailing slash."""
    if not root.startswith("/") or not root.strip("/") or ".." in root.split("/"):
        raise Refusal(
            f"root {root!r}: it must be an absolute path below /, without '..', for example /exports/student-volumes"
        )
    return root.rstrip("/")


def check_parts(parts: Sequence[Any]) -> tuple[str, ...]:
    """The names from the export down; none of them can lead elsewhere."""
    if not parts:
        raise Refusal("parts is empty: name at least one directory below the root, for example [student1, ml]")
    wrong = [str(part) for part in parts if not NAME.fullmatch(str(part))]
    if wrong:
        said = "; ".join(f"{part!r}: {NAME_RULE}" for part in wrong)
        raise Refusal(f"parts {said}, for example [student1, ml]")
    return tuple(str(part) for part in parts)


def check_mode(mode: Any) -> int:
    """'0700' as a number; a YAML number is refused, since 0700 and 700 would mean different things."""
    if not isinstance(mode, str) or not MODE.fullmatch(mode):
        raise Refusal(f"mode {mode!r}: it must be an octal string of three digits, for example '0700'")
    return int(mode, 8)


def check_quota(text: Any) -> int | None:
    if text in (None, ""):
        return None
    try:
        number = parse_size(text)
    except ValueError as error:
        raise Refusal(f"quota: {error}") from None
    if 0 < number < QUOTA_UNIT:
        raise Refusal(f"quota {text!r}: the least is 1k; for no limit write 0")
    return number // QUOTA_UNIT * QUOTA_UNIT


def check_above(path: str, owner: int, mode: int) -> None:
    """What lies above somebody's directory is root's alone, or others could put another directory in its place."""
    if owner != 0 or mode & 0o022:
        raise Refusal(
            f"{path} belongs to user {owner} and has mode {mode:04o}: it must be root's, and writable by nobody "
            f"else, or others could replace what is in it. Look at what it is, then: chown root:root {path} && "
            f"chmod 0755 {path}"
        )


def plan(found: Found | None, wish: Wish, quotas: bool) -> Change:
    """The directory before and after; its contents are in neither, but for a purge.

    C(quotas) says whether the file system has any.
    """
    before: dict[str, Any] = {"path": wish.path, "state": "absent"}
    after = dict(before)
    if found:
        before = {"path": wish.path, "state": "directory", **found.shown()}
    if wish.state == "absent":
        return Change(before, after if wish.purge else before)
    after |= {"state": "directory", **Found(wish.owner, wish.group, wish.mode).shown()}
    if wish.quota is not None and quotas:
        after["quota"] = wish.quota
        if found:
            before["quota"] = found.quota
    return Change(before, after)


def quota_line(path: str, quota: int, why: str) -> str:
    """Why somebody can fill the whole file system although he should not."""
    return f"{path}: no quota of {size(quota)} is set, since {why}"


def quota_reason(filesystem: str, source: str, options: str, error: str) -> str:
    """Why the kernel has no project quotas on a file system, and what to do."""
    if filesystem not in ("xfs", "ext4"):
        return f"{filesystem} on {source} has no project quotas; XFS and ext4 have, mounted with prjquota"
    if "prjquota" not in options.split(",") and "pquota" not in options.split(","):
        return f"{filesystem} on {source} is not mounted with prjquota"
    return f"the kernel refuses it for {filesystem} on {source} ({error})"


def project_ids(path: str) -> Iterator[int]:
    """Numbers under which a directory may count, the most likely first; 0 is everybody's."""
    seed = zlib.crc32(path.encode())
    for step in range(1000):
        yield (seed + step) % 0x7FFFFFFF + 1


def mount_of(path: str, mounts: str) -> tuple[str, str, str]:
    """The kind, source and options of the file system a path lies on; C(mounts) is the text of /proc/self/mounts."""
    longest, found = -1, ("unknown", "nothing", "")
    for line in mounts.splitlines():
        source, target, kind, options = line.split()[:4]
        target = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), target)
        below = target == "/" or path == target or path.startswith(f"{target}/")
        if below and len(target) >= longest:  # of two mounts on the same place the later one is seen
            longest, found = len(target), (kind, source, options)
    return found
