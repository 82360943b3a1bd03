# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A change of the firewall that takes itself back, unless somebody comes over a new connection to say that he got in.

The server does that by itself, so it needs no connection. Whoever renames the file C(armed) first, the server or who
confirms, decides.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from contextlib import suppress

from ...common import world_wait
from ...common.errors import HydraError, Refusal
from . import world
from .scripts import HEADER
from .ufw_firewalld import UNIT

RUN = "/run/hydra-swarm-firewall"  # gone after a reboot, as is what was not confirmed
SAVED = "/etc/hydra-swarm/firewall"
SERVICE = "hydra-swarm-firewall.service"
UNITS = "/etc/systemd/system"
TIMER = "hydra-swarm-firewall-undo"
GRACE = 15  # seconds the undoing itself may take


def saved_as(script: str) -> bool:
    """Whether this is what the next boot loads; an empty one: whether nothing is loaded."""
    if not script:
        return not any(os.path.lexists(path) for path in (SAVED, _unit()))
    unit = world.read(_unit()) == UNIT.format(script=SAVED) and os.path.lexists(_enabled())
    return world.read(SAVED) == HEADER + script and (unit or not _systemd())


def settle() -> None:
    """Wait until an earlier change that nobody confirmed has taken itself back."""
    left = _armed()
    if not left:
        return
    rest = float(left["deadline"]) + GRACE - time.monotonic()
    if rest > 0:
        world_wait.until(
            "an earlier change of the firewall, which nobody confirmed, to be taken back",
            lambda: (None if _armed() else True, f"{RUN}/armed is still there"),
            rest,
        )
    with suppress(FileNotFoundError):  # left by a process that was killed
        os.unlink(f"{RUN}/armed")


def change(script: str, undo: str, then: str, after: int) -> str:
    """Run C(script) and save C(then) for the next boot, or take both back after so many seconds without confirm().

    Returns the word to confirm with; empty (C(after) is 0): nothing has to be confirmed.
    """
    os.makedirs(RUN, mode=0o700, exist_ok=True)
    back = f"if [ -e {SAVED} ]; then /bin/sh {SAVED}; fi\n"
    # The token tells it from the timer of an earlier change, which may still run.
    claim = f'grep -q "$1" {RUN}/armed && mv {RUN}/armed {RUN}/undone || exit 0\n'
    _write(f"{RUN}/undo", f"{claim}{undo}{back}")
    _write(f"{RUN}/next", then)
    token = os.urandom(8).hex()
    if after:
        waiting = {"token": token, "peer": world.ssh_connection(), "deadline": time.monotonic() + after}
        _write(f"{RUN}/armed", json.dumps(waiting))
        _arm(after, token)
    try:
        world.run(script)
    except HydraError as error:
        if after:
            _disarm()
        with suppress(HydraError):
            world.run(f"set +e\n{undo}{back}")
        raise HydraError(f"the firewall refused a part of the rules, and is as it was: {error}") from error
    if not after:
        save(then)
        return ""
    return token


def confirm(token: str) -> None:
    """Keep the change. Over the connection that was there before it, this would prove nothing, and is refused."""
    left = _armed()
    if not left or left["token"] != token:
        raise HydraError(
            "the firewall's change was taken back before anybody confirmed it: the rules are those from before; "
            "see why a new connection takes so long, or raise rollback_after"
        )
    if left["peer"] and left["peer"] == world.ssh_connection():
        raise Refusal(
            "this came over the connection that was open before the firewall's change, which proves nothing: "
            "reset the connection first (meta: reset_connection); the change takes itself back"
        )
    if not _disarm():
        raise HydraError("the firewall's change is just being taken back: run again")
    save(world.read(f"{RUN}/next") or "")


def save(script: str) -> None:
    """What the next boot loads; nothing: no file stays."""
    if not script:
        if _systemd() and os.path.exists(_unit()):
            _run("systemctl", "disable", "--now", SERVICE)
        for path in (_unit(), SAVED):
            with suppress(FileNotFoundError):
                os.unlink(path)
    else:
        os.makedirs(os.path.dirname(SAVED), mode=0o755, exist_ok=True)
        _write(SAVED, HEADER + script)
    if not _systemd():
        return
    if script:
        _write(_unit(), UNIT.format(script=SAVED), 0o644)
    _run("systemctl", "daemon-reload")
    if script:
        # Started as well, so that it is reloaded with what would take our rules away; it loads what is there already.
        _run("systemctl", "enable", SERVICE)
        _run("systemctl", "start", SERVICE)


def _arm(after: int, token: str) -> None:
    """By systemd's timer, or where there is no systemd by a process that is nobody's child."""
    if _systemd():
        timer = ["--collect", f"--unit={TIMER}", f"--on-active={after}", "--timer-property=AccuracySec=100ms"]
        _run("systemd-run", "--quiet", *timer, "/bin/sh", f"{RUN}/undo", token)
        return
    subprocess.Popen(
        ["/bin/sh", "-c", f"sleep {after}; exec /bin/sh {RUN}/undo {token}"],
        start_new_session=True,
        cwd="/",
        env=world.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _disarm() -> bool:
    """Whether it was in time; a process that sleeps on finds nothing to do, a timer is stopped."""
    try:
        os.rename(f"{RUN}/armed", f"{RUN}/kept")
    except FileNotFoundError:
        return False
    if _systemd():
        with suppress(HydraError):
            _run("systemctl", "stop", f"{TIMER}.timer")
    return True


def _armed() -> dict[str, str | float] | None:
    text = world.read(f"{RUN}/armed")
    return json.loads(text) if text else None


def _systemd() -> bool:
    return os.path.isdir("/run/systemd/system")


def _unit() -> str:
    return f"{UNITS}/{SERVICE}"


def _enabled() -> str:
    return f"{UNITS}/sysinit.target.wants/{SERVICE}"


def _run(*command: str) -> None:
    done = subprocess.run(command, env=world.environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise HydraError(f"{' '.join(command)}: {done.stderr.strip()}")


def _write(path: str, text: str, mode: int = 0o600) -> None:
    """The whole file or none of it, also when the power fails."""
    with open(f"{path}.new", "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{path}.new", path)
