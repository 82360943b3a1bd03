# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Directories below an export, each opened from the one above it, so that no symbolic link is ever followed.

Who owns a directory may put a link in it at any moment, also between a look and an action. An open directory stays the
one it is, and O_NOFOLLOW opens no link.
"""

from __future__ import annotations

import errno
import fcntl
import grp
import os
import pwd
import shutil
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..common.errors import HydraError, Refusal
from ..common.student_names import NAME
from ..common.world_wait import until
from . import world_quota
from .directories import Found, Wish, check_above, mount_of, quota_reason

OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def user_id(word: Any, of: str) -> int:
    """A user's or group's number; one that is nobody's here is fine, as the clients know whose it is."""
    if str(word).isdecimal():
        return int(word)
    try:
        return pwd.getpwnam(str(word)).pw_uid if of == "owner" else grp.getgrnam(str(word)).gr_gid
    except KeyError:
        raise Refusal(f"{of} {word!r} is not known on this machine; write the number instead") from None


@contextmanager
def opened(root: str, parts: Sequence[str], make: bool = False) -> Iterator[tuple[int | None, int]]:
    """The last directory of the path, or None if it is not there, and the lowest one that is, both open.

    With C(make), those above the last are made, as root's.
    """
    try:
        fds = [os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)]
    except OSError as error:
        raise Refusal(
            f"{root}: {error.strerror}; export it first (make swarm-up does), or name the directory that is exported"
        ) from error
    path = root
    try:
        for part in parts:
            info = os.fstat(fds[-1])
            check_above(path, info.st_uid, stat.S_IMODE(info.st_mode))
            path, last = f"{path}/{part}", len(fds) == len(parts)
            found = _open(fds[-1], part, path)
            if found is None and make and not last:
                found = _make(fds[-1], part, path, 0, 0, 0o755)
            if found is None:
                break
            fds.append(found)
        yield (fds[-1] if len(fds) > len(parts) else None), fds[-1]
    finally:
        for fd in fds:
            os.close(fd)


def look(fd: int | None) -> Found | None:
    if fd is None:
        return None
    info, counted = os.fstat(fd), world_quota.used_and_limit(fd)
    return Found(info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode), counted[1] if counted else 0)


@contextmanager
def choosing(root: str, seconds: float) -> Iterator[dict[tuple[str, ...], int]]:
    """Whose the directories down to two levels below a root are; nobody else is told so until this ends.

    So what is decided by it, and done meanwhile, is true for whoever comes next: also for runs of other users and
    from other computers, which no lock of their own computer holds back. A killed run lets go.
    """

    def take(fd: int) -> tuple[bool | None, str]:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None, "it is still at it"
        return True, ""

    with opened(root, ()) as (_same, lowest):
        until(f"another run to have chosen a user below {root}", lambda: take(lowest), seconds)
        found: dict[tuple[str, ...], int] = {}
        for name in _folders(lowest):
            outer = _open(lowest, name, f"{root}/{name}")
            if outer is None:
                continue
            try:
                found[(name,)] = os.fstat(outer).st_uid
                for inner in _folders(outer):
                    found[name, inner] = os.stat(inner, dir_fd=outer, follow_symlinks=False).st_uid
            finally:
                os.close(outer)
        yield found


def accounts() -> set[int]:
    """The numbers of users whom this machine knows by name."""
    return {entry.pw_uid for entry in pwd.getpwall()}


def furnish(wish: Wish) -> None:
    """Make the directories that are missing, and give the last one its owner and mode; what is in it stays."""
    with opened(wish.root, wish.parts, make=True) as (fd, above):
        if fd is not None:
            _own(fd, wish.path, wish.owner, wish.group, wish.mode)
        else:
            os.close(_make(above, wish.parts[-1], wish.path, wish.owner, wish.group, wish.mode))


def set_quota(wish: Wish) -> None:
    with opened(wish.root, wish.parts) as (fd, _above):
        if fd is not None and wish.quota is not None:
            world_quota.limit(fd, wish.path, wish.quota)


def purge(wish: Wish) -> None:
    """Remove the last directory with all its data, and those above it that are then empty; not the root."""
    for depth in range(len(wish.parts), 0, -1):
        parts = wish.parts[:depth]
        with opened(wish.root, parts) as (fd, _lowest), opened(wish.root, parts[:-1]) as (above, _same):
            if fd is None or above is None:
                continue
            try:
                if depth == len(wish.parts):
                    if world_quota.used_and_limit(fd):
                        world_quota.limit(fd, wish.path, 0)
                    # Through the open directory above; what it removes below, it opens without following links, too.
                    shutil.rmtree(f"/proc/self/fd/{above}/{parts[-1]}")
                else:
                    os.rmdir(parts[-1], dir_fd=above)
            except OSError as error:
                if depth < len(wish.parts) and error.errno == errno.ENOTEMPTY:
                    return
                raise HydraError(f"remove {'/'.join((wish.root, *parts))}: {error.strerror}; run it again") from error


def quota_lack(fd: int, path: str) -> str:
    """Why there can be no quota on the file system of an open directory; empty: there can."""
    error = world_quota.lack(fd)
    if not error:
        return ""
    with open("/proc/self/mounts", encoding="utf-8", errors="surrogateescape") as mounts:
        return quota_reason(*mount_of(os.path.realpath(path), mounts.read()), error)


def projects(root: str, seconds: float) -> list[dict[str, Any]]:
    """Every directory two levels below a root, and how much is in it, counted for so long at most."""
    deadline, found = time.monotonic() + seconds, []
    with opened(root, ()) as (top, _same):
        if top is None:
            return []
        for student in _names(top):
            outer = _open(top, student, f"{root}/{student}")
            if outer is None:
                continue
            try:
                found += [_project(outer, root, student, project, deadline) for project in _names(outer)]
            finally:
                os.close(outer)
    return found


def _project(outer: int, root: str, student: str, project: str, deadline: float) -> dict[str, Any]:
    fd = os.open(project, OPEN, dir_fd=outer)
    try:
        info, counted = os.fstat(fd), world_quota.used_and_limit(fd)
        used = counted[0] if counted else _bytes(fd, deadline)
        return {
            "student": student,
            "project": project,
            "path": f"{root}/{student}/{project}",
            "owner": info.st_uid,
            "mode": f"{stat.S_IMODE(info.st_mode):04o}",
            "used_bytes": used,
            "quota_bytes": counted[1] if counted else 0,
        }
    finally:
        os.close(fd)


def _bytes(fd: int, deadline: float) -> int | None:
    """What the files take on the disk, each counted once; None if there was no time for all of them."""
    total, seen = 0, set()
    for _folder, folders, files, inner in os.fwalk(".", dir_fd=fd, follow_symlinks=False):
        for name in folders + files:
            try:
                info = os.stat(name, dir_fd=inner, follow_symlinks=False)
            except FileNotFoundError:  # removed meanwhile
                continue
            if info.st_nlink == 1 or info.st_ino not in seen or stat.S_ISDIR(info.st_mode):
                total += info.st_blocks * 512
                seen.add(info.st_ino)
        if time.monotonic() > deadline:
            return None
    return total


def _names(fd: int) -> list[str]:
    """Directories that bear a name of ours; others, and links, are somebody else's business."""
    return [name for name in _folders(fd) if NAME.fullmatch(name)]


def _folders(fd: int) -> list[str]:
    with os.scandir(fd) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))


def _open(above: int, name: str, path: str) -> int | None:
    try:
        return os.open(name, OPEN, dir_fd=above)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENOTDIR):
            raise HydraError(f"open {path}: {error.strerror}") from error
    kind = "a file"
    if stat.S_ISLNK(os.stat(name, dir_fd=above, follow_symlinks=False).st_mode):
        kind = f"a symbolic link (to {os.readlink(name, dir_fd=above)})"
    raise Refusal(f"{path} is {kind}, not a directory; nothing is followed or replaced here: remove or rename it")


def _make(above: int, name: str, path: str, owner: int, group: int, mode: int) -> int:
    """A new directory, open. Until it has its owner it is root's alone, so nobody is in it too early."""
    try:
        os.mkdir(name, 0o700, dir_fd=above)
    except OSError as error:
        raise HydraError(f"make {path}: {error.strerror}") from error
    fd = _open(above, name, path)
    if fd is None:
        raise HydraError(f"{path} was removed while it was made; run this again")
    _own(fd, path, owner, group, mode)
    return fd


def _own(fd: int, path: str, owner: int, group: int, mode: int) -> None:
    try:
        os.fchown(fd, owner, group)
        os.fchmod(fd, mode)
    except OSError as error:
        raise HydraError(f"owner and mode of {path}: {error.strerror}") from error
