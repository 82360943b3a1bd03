# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a kernel of user-mode Linux runs on this computer, from what it says of itself when it is tried.

It is tried with the servers' disk and nothing to do: the first program is C(true), and a kernel whose first program
ends has lost its purpose and says so. On a computer where it cannot run it ends earlier, in one of many words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

RAN = "Attempted to kill init! exitcode=0x00000000"
NO_DISK = re.compile(r"Unable to mount root|Requested init .* failed|No working init")
# The last line of these is why: lines before it may tell of small things that no server needs.
TELLING = re.compile(
    r"fail|not permitted|denied|not mounted noexec|ran out of space|too few|no such|cannot", re.IGNORECASE
)
PREFIX = re.compile(r"^(<\d>)?(Kernel panic - not syncing: )?")
NEEDS = {
    "container": "container wants a Docker Engine that answers",
    "qemu": "qemu a processor that virtualises, and /dev/kvm",
}


def command(kernel: str, disk: str, folder: str) -> list[str]:
    """The kernel, on the disk that it will not write to, with C(folder) for its own files."""
    return [
        kernel, "mem=64M", "umid=trial", f"uml_dir={folder}/", f"ubd0r={disk}", "root=/dev/ubda", "ro",
        "con=null", "con0=null,fd:1", "pty.legacy_count=0", "init=/bin/true",
    ]  # fmt: skip


def version(said: str) -> str:
    """The kernel's version, like 6.12.113; empty if it did not get that far."""
    found = re.search(r"^Linux version (\S+)", said, re.MULTILINE)
    return found[1] if found else ""


def problem(said: str, ended: bool, folder: str, others: Sequence[str]) -> str:
    """Why no server can run; empty: one can.

    C(said) is the kernel's output, C(ended) whether it came to its end in time, C(folder) holds kernel and disk, and
    C(others) are the other kinds of server that work here, the best first.
    """
    if RAN in said:
        return ""
    line = reason(said.splitlines())
    if NO_DISK.search(line):
        return (
            f"the disk that servers start from is broken ({line}): remove {folder} and run this again, "
            "which builds it anew"
        )
    words = line if ended else f"{line} (and then nothing more)"
    return f"user-mode Linux does not run on this computer; its kernel says: {words}. {_instead(others)}"


def reason(lines: Iterable[str]) -> str:
    """The line that tells why, of those up to the kernel's panic."""
    seen = []
    for line in filter(None, map(str.strip, lines)):
        seen.append(PREFIX.sub("", line))
        if "Kernel panic" in line:
            break
    found = [line for line in seen if TELLING.search(line) or NO_DISK.search(line)]
    return (found or seen or ["(nothing)"])[-1]


def _instead(others: Sequence[str]) -> str:
    if others:
        return f"Another kind of server runs here: lab_host_backend={others[0]}"
    return f"Neither does another kind of server: {', '.join(NEEDS.values())}"
