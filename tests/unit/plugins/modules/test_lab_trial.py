# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A program in a kernel's place; words of real kernels are in test_trial.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.modules import lab_trial

RUNS = "Linux version 6.12.113 (x)\nKernel panic - not syncing: Attempted to kill init! exitcode=0x00000000\n"


@pytest.fixture
def tried(call: Any, tmp_path: Path) -> Any:
    """What the module says of a kernel that says something and ends."""

    def of(said: str, last: str = "exit 1", **more: Any) -> dict[str, Any]:
        kernel = tmp_path / "kernel"
        kernel.write_text(f"#!/bin/sh\ncat <<'END'\n{said}END\n{last}\n")
        kernel.chmod(0o755)
        return call(lab_trial, kernel=str(kernel), disk=str(tmp_path / "disk"), **more)

    return of


def test_one_that_runs_is_known_by_its_version(tried: Any) -> None:
    assert tried(RUNS) == {"changed": False, "version": "6.12.113"}


def test_one_that_does_not_is_quoted_and_another_kind_named(tried: Any) -> None:
    said = "Linux version 6.1\nptrace set fp regs failed, errno = 14\n"
    assert tried(said, others=["container"])["msg"] == (
        "user-mode Linux does not run on this computer; its kernel says: ptrace set fp regs failed, errno = 14. Another "
        "kind of server runs here: lab_host_backend=container"
    )


def test_one_that_hangs_is_ended(tried: Any) -> None:
    assert "(and then nothing more)" in tried("Linux version 6.1\n", "exec sleep 60", wait=0.2)["msg"]


def test_a_kernel_that_is_none(call: Any, tmp_path: Path) -> None:
    result = call(lab_trial, kernel=str(tmp_path / "none"), disk=str(tmp_path / "disk"))
    assert result["msg"] == f"{tmp_path}/none does not start: No such file or directory"
