# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What lets a lab's kernels run where the registers are more than they know (roles/lab_host/files/recipe/uml/xstate.c).

With AMX, this computer's kernel refuses the 2696 bytes that they hand over. Any computer refuses a set that is shorter than its
own, so it is tried for real on all of them; where there is a C compiler, since the lab brings its own only for the real thing.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "roles/lab_host/files/recipe/uml/xstate.c"
COMPILER = shutil.which("tcc") or shutil.which("cc")
# Traces a process that stops at once, hands over a set of 576 bytes (the oldest registers and the header that says which are in
# use) with another xmm0, and says how that went and what xmm0 is then.
TRACER = """
import ctypes, errno, os, signal
library = ctypes.CDLL(None, use_errno=True)
class Vector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))
def ask(request, registers, length):
    given = Vector(ctypes.addressof(registers), length)
    done = library.ptrace(request, child, ctypes.c_void_p(0x202), ctypes.byref(given))
    return "done" if done == 0 else errno.errorcode[ctypes.get_errno()]
child = os.fork()
if child == 0:
    library.ptrace(0, 0, None, None)
    os.kill(os.getpid(), signal.SIGSTOP)
os.waitpid(child, os.WUNTRACED)
registers = ctypes.create_string_buffer(16384)
ask(0x4204, registers, 16384)
registers[160:164], registers[512] = b"four", 3
print(ask(0x4205, registers, 576))
ask(0x4204, registers, 16384)
print("taken" if registers[160:164] == b"four" else "lost")
os.kill(child, signal.SIGKILL)
"""


@pytest.mark.skipif(not COMPILER or platform.machine() != "x86_64", reason="needs a C compiler and an x86-64 processor")
def test_a_set_of_registers_that_is_too_short_is_taken(tmp_path: Path) -> None:
    built = tmp_path / "xstate.so"
    subprocess.run([str(COMPILER), "-nostdlib", "-shared", "-fPIC", "-o", built, SOURCE], check=True)

    def traced(**variables: str) -> list[str]:
        environment = {**os.environ, **variables}
        words = [sys.executable, "-c", TRACER]
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout.split()

    assert traced()[0] == "EFAULT"
    assert traced(LD_PRELOAD=str(built)) == ["done", "taken"]
