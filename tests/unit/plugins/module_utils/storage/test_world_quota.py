# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is asked of the kernel for a quota; a file system of this test's own stands for one that has quotas."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import HydraError
from ansible_collections.hydra.swarm.plugins.module_utils.storage import world_quota
from ansible_collections.hydra.swarm.plugins.module_utils.storage.directories import project_ids


class Kernel:
    """Project and flags by inode, and limit, soft limit and use by project, in the kernel's own structures."""

    def __init__(self) -> None:
        self.marks: dict[int, tuple[int, int]] = {}
        self.quotas: dict[int, tuple[int, int, int]] = {}
        self.error = 0

    def ioctl(self, fd: int, command: int, data: bytes) -> bytes:
        inode = os.fstat(fd).st_ino
        if command == 0x401C5820:
            flags, _extent, _extents, project, _cow = world_quota.ATTRIBUTES.unpack(data)
            self.marks[inode] = (project, flags)
            return data
        project, flags = self.marks.get(inode, (0, 0))
        return world_quota.ATTRIBUTES.pack(flags, 0, 0, project, 0)

    def call(self, _fd: int, command: int, project: int, data: bytes) -> bytes:
        if self.error:
            raise OSError(self.error, os.strerror(self.error))
        if command == 0x800008:
            hard, soft, *_others, valid = world_quota.BLOCK_QUOTA.unpack(data)
            assert valid == 1  # the number of files stays unlimited
            self.quotas[project] = (hard, soft, self.quotas.get(project, (0, 0, 0))[2])
            return data
        if project and project not in self.quotas:
            raise OSError(errno.ENOENT, "XFS says so")
        return world_quota.BLOCK_QUOTA.pack(*self.quotas.get(project, (0, 0, 0)), 0, 0, 0, 0, 0, 0)


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    made = Kernel()
    monkeypatch.setattr(world_quota, "_call", made.call)
    monkeypatch.setattr(world_quota.fcntl, "ioctl", made.ioctl)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner/file").write_text("x")
    (tmp_path / "link").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe")
    fd = os.open(tmp_path, os.O_RDONLY)
    yield fd
    os.close(fd)


def test_sizes_of_the_kernels_structures() -> None:
    assert (world_quota.BLOCK_QUOTA.size, world_quota.ATTRIBUTES.size) == (72, 28)


def test_a_new_quota(kernel: Kernel, folder: int, tmp_path: Path) -> None:
    world_quota.limit(folder, "/e/ada", 10 * 2**20)
    project = next(project_ids("/e/ada"))
    assert kernel.quotas == {project: (10240, 10240, 0)}
    marked = {str(path): kernel.marks.get(path.lstat().st_ino) for path in tmp_path.rglob("*")}
    assert kernel.marks[tmp_path.stat().st_ino] == (project, 0x200)
    assert marked == {
        f"{tmp_path}/inner": (project, 0x200),
        f"{tmp_path}/inner/file": (project, 0),
        f"{tmp_path}/link": None,
        f"{tmp_path}/pipe": None,
    }
    assert world_quota.used_and_limit(folder) == (0, 10 * 2**20)


def test_a_number_that_is_taken_is_left_alone(kernel: Kernel, folder: int) -> None:
    first, second = list(project_ids("/e/ada"))[:2]
    kernel.quotas[first] = (5, 5, 0)
    world_quota.limit(folder, "/e/ada", 2048)
    assert kernel.quotas == {first: (5, 5, 0), second: (2, 2, 0)}


def test_a_changed_quota_keeps_its_number(kernel: Kernel, folder: int, tmp_path: Path) -> None:
    kernel.marks[tmp_path.stat().st_ino] = (77, 0x200)
    kernel.quotas[77] = (1, 1, 4096)
    assert world_quota.used_and_limit(folder) == (4096, 1024)
    world_quota.limit(folder, "/e/ada", 0)
    assert kernel.quotas == {77: (0, 0, 4096)}


def test_a_file_system_without_quotas(kernel: Kernel, folder: int) -> None:
    assert world_quota.lack(folder) == ""
    kernel.error = errno.ESRCH
    assert world_quota.lack(folder) == "No such process"
    assert world_quota.used_and_limit(folder) is None
    with pytest.raises(HydraError) as caught:
        world_quota.limit(folder, "/e/ada", 1024)
    assert str(caught.value) == "quota of /e/ada: No such process; run this again when that is put right"


def test_the_kernel_itself_answers(tmp_path: Path) -> None:
    """Whatever this computer's file system can do, the question is one that its kernel understands."""
    fd = os.open(tmp_path, os.O_RDONLY)
    try:
        known: Any = {os.strerror(number) for number in (errno.ESRCH, errno.ENOSYS, errno.EPERM, errno.EOPNOTSUPP)}
        assert world_quota.lack(fd) in known | {""}
    finally:
        os.close(fd)
