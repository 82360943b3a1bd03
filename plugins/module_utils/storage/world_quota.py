# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Quotas of directories, which XFS and ext4 call project quotas: every file of a directory bears its project's number.

The kernel is asked directly, through an open directory: no tools have to be installed, no device of the file system has
to be visible (it is not in a container), and no path is followed a second time. Source of numbers and structures: the
kernel's headers linux/fs.h, linux/quota.h and quotactl_fd(2), Linux 5.14 and later.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import stat
import struct

from ..common.errors import HydraError
from .directories import QUOTA_UNIT, project_ids

SYS_QUOTACTL_FD = 443  # the same on all architectures
PROJECT_QUOTA = 2
Q_GETQUOTA, Q_SETQUOTA = 0x800007, 0x800008
LIMITS_VALID = 1  # that of the space alone
BLOCK_QUOTA = struct.Struct("=8QI4x")  # struct if_dqblk: hard and soft limit, space used, then what is of no use here
FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR = 0x801C581F, 0x401C5820
ATTRIBUTES = struct.Struct("=5I8x")  # struct fsxattr: flags, extent size, extents, project, copy-on-write extent size
INHERIT = 0x200  # new files get the directory's project


def lack(fd: int) -> str:
    """Why the file system of an open directory has no project quotas; empty: it has."""
    try:
        _get(fd, 0)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def used_and_limit(fd: int) -> tuple[int, int] | None:
    """Bytes in a directory, and bytes that may be (0: no limit); None if it is not counted."""
    try:
        project = _attributes(fd)[3]
        if not project:
            return None
        hard, _soft, used, *_rest = _get(fd, project)
    except OSError:
        return None
    return used, hard * QUOTA_UNIT


def limit(fd: int, path: str, number: int) -> None:
    """Let a directory have so many bytes (0: any number), whatever is in it already."""
    try:
        project = _attributes(fd)[3] or _free_project(fd, path)
        _assign(fd, project, os.fstat(fd).st_dev)
        blocks = number // QUOTA_UNIT
        _call(fd, Q_SETQUOTA, project, BLOCK_QUOTA.pack(blocks, blocks, 0, 0, 0, 0, 0, 0, LIMITS_VALID))
    except OSError as error:
        raise HydraError(f"quota of {path}: {error.strerror}; run this again when that is put right") from error


def _free_project(fd: int, path: str) -> int:
    for project in project_ids(path):
        if not any(_get(fd, project)[:3]):
            return project
    raise HydraError(f"quota of {path}: no project number is free; remove limits that nobody needs (repquota -P)")


def _assign(fd: int, project: int, device: int) -> None:
    """Count an open directory and all below it under a project; no link is followed, no other file system entered."""
    _mark(fd, project, INHERIT)
    for entry in os.listdir(fd):
        info = os.stat(entry, dir_fd=fd, follow_symlinks=False)
        if info.st_dev != device or not (stat.S_ISDIR(info.st_mode) or stat.S_ISREG(info.st_mode)):
            continue  # what is neither takes no space worth counting, and opening it might wait for ever
        try:
            inner = os.open(entry, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=fd)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO):  # removed or replaced meanwhile
                continue
            raise
        try:
            if stat.S_ISDIR(os.fstat(inner).st_mode):
                _assign(inner, project, device)
            else:
                _mark(inner, project, 0)
        finally:
            os.close(inner)


def _mark(fd: int, project: int, flag: int) -> None:
    flags, extent, extents, old, cow = _attributes(fd)
    if old != project or flags & flag != flag:
        fcntl.ioctl(fd, FS_IOC_FSSETXATTR, ATTRIBUTES.pack(flags | flag, extent, extents, project, cow))


def _attributes(fd: int) -> tuple[int, ...]:
    answer = fcntl.ioctl(fd, FS_IOC_FSGETXATTR, bytes(ATTRIBUTES.size))
    return ATTRIBUTES.unpack(answer)


def _get(fd: int, project: int) -> tuple[int, ...]:
    try:
        return BLOCK_QUOTA.unpack(_call(fd, Q_GETQUOTA, project, bytes(BLOCK_QUOTA.size)))
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise
        return (0,) * 9  # XFS has no entry for a project without files and limits


def _call(fd: int, command: int, project: int, data: bytes) -> bytes:
    buffer = ctypes.create_string_buffer(data, len(data))
    system = ctypes.CDLL(None, use_errno=True)
    words = (ctypes.c_uint(fd), ctypes.c_uint(command << 8 | PROJECT_QUOTA), ctypes.c_uint(project), buffer)
    if system.syscall(ctypes.c_long(SYS_QUOTACTL_FD), *words) == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return buffer.raw
