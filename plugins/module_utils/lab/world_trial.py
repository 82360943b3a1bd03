# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A kernel of user-mode Linux that is tried: started, listened to, and ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from ..common.errors import HydraError
from .trial import command


def try_kernel(kernel: str, disk: str, seconds: float) -> tuple[str, bool]:
    """What it said, and whether it came to its end within these seconds; mostly it takes one."""
    with TemporaryDirectory() as folder:
        log = Path(folder, "log")
        with log.open("wb") as output:
            try:
                # A file and no pipe, which would stay open as long as anything that it started lives.
                process = subprocess.Popen(
                    command(kernel, disk, folder),
                    cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                )  # fmt: skip
            except OSError as error:
                raise HydraError(f"{kernel} does not start: {error.strerror}") from None
        ended = True
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            ended = False
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return log.read_text(encoding="utf-8", errors="replace"), ended
