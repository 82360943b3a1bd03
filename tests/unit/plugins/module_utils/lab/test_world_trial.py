# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scripts stand in for the kernel; the lab's own tests run the real one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import HydraError
from ansible_collections.hydra.swarm.plugins.module_utils.common.world_wait import until
from ansible_collections.hydra.swarm.plugins.module_utils.lab.world_trial import try_kernel


def kernel(folder: Path, script: str) -> str:
    path = folder / "kernel"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_all_that_it_says_is_heard(tmp_path: Path) -> None:
    said, ended = try_kernel(kernel(tmp_path, 'echo "$1"; echo panic >&2; exit 134'), "/disk", 20)
    assert (said, ended) == ("mem=64M\npanic\n", True)


def test_one_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    said, ended = try_kernel(
        kernel(tmp_path, f"sleep 1000 & echo $! > {tmp_path}/child; echo hangs; wait"), "/disk", 0.5
    )
    assert (said, ended) == ("hangs\n", False)
    child = Path(f"/proc/{(tmp_path / 'child').read_text().strip()}/stat")

    def gone() -> tuple[bool | None, str]:
        # What nobody has waited for yet is still listed, as a zombie.
        state = child.read_text().split()[2] if child.exists() else "Z"
        return (True, "") if state == "Z" else (None, state)

    until("its child to end", gone, 5)


def test_its_folder_is_gone_afterwards(tmp_path: Path) -> None:
    said, _ended = try_kernel(
        kernel(tmp_path, "for each; do case $each in uml_dir=*) echo $each;; esac; done"), "/disk", 20
    )
    folder = said.strip().removeprefix("uml_dir=")
    assert folder.endswith("/")
    assert not os.path.exists(folder)


def test_a_kernel_that_is_no_program(tmp_path: Path) -> None:
    with pytest.raises(HydraError) as refused:
        try_kernel(f"{tmp_path}/kernel", "/disk", 1)
    assert str(refused.value) == f"{tmp_path}/kernel does not start: No such file or directory"
