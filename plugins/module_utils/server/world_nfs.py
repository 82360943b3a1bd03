# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of NFS the machine has that a module runs on: servers that run or are installed, and programs. Reads only."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

from ..common.errors import HydraError
from ..common.world_files import read
from . import nfs
from .world_kernel import kernel

# A task's PATH need not have the sbin folders.
PATH = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
# The bit of CAP_DAC_READ_SEARCH, which opens files by handle where users are not mapped to others.
DAC_READ_SEARCH, UNMAPPED = 1 << 2, ["0", "0", "4294967295"]


def facts() -> dict[str, Any]:
    """How the kernel has C(nfsd), which servers C(runs), which are C(installed), and if root may open C(handles)."""
    running = {nfs.KERNEL: kernel_threads(), nfs.GANESHA: ganesha()}
    return {
        "nfsd": support("nfsd"),
        "runs": [name for name, runs in running.items() if runs],
        "installed": [name for name, program in nfs.SERVERS.items() if which(program)],
        "handles": _handles(),
    }


def support(module: str) -> str:
    return kernel([module]).support(module)


def which(program: str) -> str | None:
    return shutil.which(program, path=PATH)


def kernel_threads() -> int:
    return int((read("/proc/fs/nfsd/threads") or "0").split()[0])


def ganesha() -> int | None:
    """NFS-Ganesha's process; one inside a container of this machine is not this machine's server."""
    for comm in glob.glob("/proc/[0-9]*/comm"):
        folder = os.path.dirname(comm)
        try:
            if read(comm) == "ganesha.nfsd\n" and os.path.samefile(f"{folder}/ns/pid", "/proc/self/ns/pid"):
                return int(os.path.basename(folder))
        except OSError:
            continue  # It ended meanwhile, or belongs to somebody else.
    return None


def started_before(pid: int, path: str) -> bool:
    """Whether a process is older than a file, by more than the second that the start of a process is known to."""
    try:
        ticks = int(read(f"/proc/{pid}/stat").rpartition(")")[2].split()[19])
        boot = next(int(line.split()[1]) for line in read("/proc/stat").splitlines() if line.startswith("btime "))
        return os.stat(path).st_mtime > boot + ticks / os.sysconf("SC_CLK_TCK") + 2
    except (OSError, IndexError):  # there is no such file, or no such process any more
        return False


def services(names: Mapping[str, str]) -> dict[str, nfs.Service]:
    """What systemd says of the service of each implementation."""
    words = ["systemctl", "show", "--property=ActiveState,UnitFileState,NeedDaemonReload", *names.values()]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        done = subprocess.CompletedProcess(words, 1, "", "there is no systemctl")
    if done.returncode:
        raise HydraError(
            f"{' '.join(words[:2])}: {done.stderr.strip()}; where something else than systemd starts the NFS server, "
            "say nfs_server_managed: false"
        )
    return nfs.services_of(names, done.stdout)


def _handles() -> bool:
    held = next((line.split()[1] for line in read("/proc/self/status").splitlines() if line.startswith("CapEff:")), "0")
    return bool(int(held, 16) & DAC_READ_SEARCH) and read("/proc/self/uid_map").split() == UNMAPPED
