# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fault on the machine this runs on: made a moment later, and undone after its time.

A process does that which is nobody's child, so it ends by itself, whatever becomes of whoever asked for it. What has to
be undone is on the disk, since a fault may cost a container its other memory.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from typing import Any

from ..common.errors import HydraError, Refusal
from ..common.world_files import read
from ..common.world_lock import started
from . import faults

FOLDER = "/var/lib/hydra-swarm-drill"
UNIT = "hydra-swarm-drill"
# $1: seconds until it begins, $2: how long it lasts. A run that undoes it takes the folder away.
KEEPER = """cd "${0%/*}" || exit
sleep "$1"
date +%s.%N > made
sh ./make > said 2>&1 || echo $? > failed
sleep "$2"
sh ./undo >> said 2>&1
date +%s.%N > undone
"""


def make(
    how: str, node: str, peers: list[str], delay: float, seconds: float, contained: bool, data: str
) -> dict[str, Any]:
    """Returns when the fault will be there, and what is to be said of it. One that is still there is refused."""
    if (left := noted()) and not os.path.exists(f"{FOLDER}/undone"):
        raise Refusal(f"{left} is still being rehearsed here: make restore-node first")
    peers = [faults.address(peer) for peer in peers]
    script, undo, note = faults.scripts(how, node, peers, _about(how, peers, contained, data))
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.makedirs(FOLDER, mode=0o700)
    for name, text in (("how", how), ("make", f"set -e\n{script}\n"), ("undo", f"{undo}\n"), ("keeper", KEEPER)):
        with open(f"{FOLDER}/{name}", "w", encoding="utf-8") as file:
            file.write(text)
    at = time.time() + delay
    words = ["/bin/sh", f"{FOLDER}/keeper", f"{delay:g}", f"{seconds:g}"]
    if _systemd():
        # Not in the session of who is logged in, which may end before.
        _run("systemd-run", "--quiet", "--collect", f"--unit={UNIT}", *words)
    else:
        quiet = subprocess.DEVNULL
        keeper = subprocess.Popen(words, start_new_session=True, cwd="/", stdin=quiet, stdout=quiet, stderr=quiet)
        with open(f"{FOLDER}/pid", "w", encoding="utf-8") as file:
            file.write(str(keeper.pid))
    return {"at": at, "note": note}


def noted() -> str:
    """Which fault was made here, and nobody has asked yet how it ended; empty: none."""
    return read(f"{FOLDER}/how").strip()


def undo() -> dict[str, Any]:
    """End it now, in whatever state it is; returns which it was, and what is known of it."""
    how = noted()
    by_itself = os.path.exists(f"{FOLDER}/undone")
    if not by_itself:
        # First the keeper, which must not make what is undone here.
        if _systemd():
            subprocess.run(["systemctl", "stop", f"{UNIT}.service"], check=False, capture_output=True)
        _end(read(f"{FOLDER}/pid").strip())
        subprocess.run(["/bin/sh", f"{FOLDER}/undo"], check=False, capture_output=True)
    told = {
        "was": how,
        "by_itself": by_itself,
        "made": float(read(f"{FOLDER}/made").strip() or 0),
        "undone": float(read(f"{FOLDER}/undone").strip() or time.time()),
        "trouble": read(f"{FOLDER}/said").strip() if os.path.exists(f"{FOLDER}/failed") else "",
    }
    shutil.rmtree(FOLDER)
    return told


def _end(pid: str) -> None:
    """The keeper and what it waits for, if that number is still its own."""
    if pid.isdigit() and started(int(pid)) and f"{FOLDER}/keeper" in read(f"/proc/{pid}/cmdline").split("\0"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(int(pid), signal.SIGKILL)


def _about(how: str, peers: Iterable[str], contained: bool, data: str) -> dict[str, Any]:
    about: dict[str, Any] = {"systemd": _systemd(), "netem": False, "device": "", "data": data, "alone": False}
    if how == "lossy":
        peer = next(iter(peers), "")
        words = _run("ip", "-o", "route", "get", peer).split()
        about["device"] = words[words.index("dev") + 1]
        about["netem"] = _netem(about["device"])
    if how == "disk-full":
        # The volume of a machine that is a container lies on the disk of this computer.
        about["alone"] = not contained and os.stat(data).st_dev != os.stat("/").st_dev
    return about


def _netem(device: str) -> bool:
    """Whether the kernel has it, tried without any effect on packets; what somebody else has set there stays."""
    if " 0: root" not in _run("tc", "qdisc", "show", "dev", device, "root"):
        raise Refusal(f"{device} has a queue of somebody's own (tc qdisc show dev {device}): it is left as it is")
    tried = subprocess.run(["tc", "qdisc", "add", "dev", device, "root", "netem"], check=False, capture_output=True)
    if tried.returncode == 0:
        _run("tc", "qdisc", "del", "dev", device, "root")
    return tried.returncode == 0


def _systemd() -> bool:
    return os.path.isdir("/run/systemd/system")


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise HydraError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
