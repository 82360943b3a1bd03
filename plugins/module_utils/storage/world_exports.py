# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The NFS server of the machine a module runs on: its exports file, its live table, and the exported directories."""

from __future__ import annotations

import glob
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from ..common import world_wait
from ..common.errors import HydraError, Refusal
from ..server import nfs, world_nfs
from . import exports_ganesha, exports_kernel
from .exports import Exports, Format, grants

T = TypeVar("T")


class Kernel:
    """The kernel NFS server: exportfs carries the files into etab, from which mountd answers the kernel."""

    name = "kernel"
    form: Format = exports_kernel
    default_file = "/etc/exports.d/hydra.exports"

    def __init__(self, timeout: float):
        pass

    @staticmethod
    def foreign(file: str) -> dict[str, str]:
        others = {"/etc/exports", *glob.glob("/etc/exports.d/*.exports")} - {file}
        return {path: other for other in others for path in exports_kernel.paths(read(other) or "")}

    def live(self) -> Exports:
        return exports_kernel.parse(read("/var/lib/nfs/etab") or "") if world_nfs.kernel_threads() else {}

    def demand(self) -> None:
        if not world_nfs.kernel_threads():
            raise Refusal(
                "the kernel NFS server does not run, so nothing would be exported; start it (systemctl start "
                "nfs-server)"
            )

    def reload(self, lost: Iterable[str] = ()) -> None:
        """C(lost) are exported directories that were gone: this server opens them by their names, each time."""
        exportfs = world_nfs.which("exportfs")
        if not exportfs:
            raise HydraError("exportfs: not found; install the kernel NFS server (Debian: nfs-kernel-server)")
        done = subprocess.run([exportfs, "-ra"], capture_output=True, text=True, check=False)
        if done.returncode:
            raise HydraError(f"exportfs -ra: {done.stderr.strip()}; correct the file it names, then run again")


class Ganesha:
    """NFS-Ganesha: it reads its files again on SIGHUP and shows its live table on the system bus."""

    name = "ganesha"
    form: Format = exports_ganesha
    default_file = "/etc/ganesha/exports.conf"

    def __init__(self, timeout: float):
        self._timeout = timeout

    def foreign(self, file: str) -> dict[str, str]:
        others = set(glob.glob("/etc/ganesha/*.conf")) - {file}
        return {path: other for other in others for path in exports_ganesha.paths(read(other) or "")}

    def live(self) -> Exports:
        return (
            world_wait.until("ganesha.nfsd to answer on DBus", self._ask, self._timeout) if world_nfs.ganesha() else {}
        )

    def demand(self) -> None:
        """A server that was started a moment ago is waited for."""
        seen = "no such process; start it (systemctl start nfs-ganesha, or the NFS server's container)"
        world_wait.until("ganesha.nfsd to run", lambda: (world_nfs.ganesha(), seen), self._timeout)
        self.live()

    def reload(self, lost: Iterable[str] = ()) -> None:
        """It holds what it exports open: a directory that was C(lost) stays stale until it is exported anew."""
        if lost := set(lost):
            world_wait.until("ganesha.nfsd to let go of what is gone", lambda: self._forget(lost), self._timeout)
        pid = world_nfs.ganesha()
        if pid:
            os.kill(pid, signal.SIGHUP)

    def _forget(self, lost: set[str]) -> tuple[bool | None, str]:
        def forget(dbus: Any, exports: Any) -> bool:
            for number, path, *_more in exports.ShowExports()[1]:
                if str(path) in lost:
                    exports.RemoveExport(dbus.UInt16(number))
            return True

        return self._of_exports(forget)

    def _ask(self) -> tuple[Exports | None, str]:
        def ask(dbus: Any, exports: Any) -> Exports:
            # Export 0 is the pseudo file system above all exports, which the server makes by itself.
            numbers = [shown[0] for shown in exports.ShowExports()[1] if shown[0] != 0]
            details = [exports.DisplayExport(dbus.UInt16(number)) for number in numbers]
            return {
                str(path): grants(
                    exports_ganesha.shown(str(row[0]), int(row[5]), int(row[6]), int(row[8])) for row in clients
                )
                for _number, path, _pseudo, _tag, clients in details
            }

        return self._of_exports(ask)

    @staticmethod
    def _of_exports(question: Callable[[Any, Any], T]) -> tuple[T | None, str]:
        """What the server answers, as C(until) wants it; C(question) gets the module dbus and its own object."""
        try:
            import dbus
        except ImportError:
            raise HydraError("python3-dbus is not installed, and NFS-Ganesha is asked over DBus; install it") from None
        try:
            manager = dbus.SystemBus().get_object("org.ganesha.nfsd", "/org/ganesha/nfsd/ExportMgr", introspect=False)
            return question(dbus, dbus.Interface(manager, "org.ganesha.nfsd.exportmgr")), "an answer"
        except dbus.DBusException as error:
            # It is starting, or an export went between two questions.
            return None, error.get_dbus_message()


def find(wanted: str, timeout: float) -> Kernel | Ganesha:
    choice = nfs.choose(wanted, nfs.machine_of(world_nfs.facts(), {}))
    return Ganesha(timeout) if choice.implementation == nfs.GANESHA else Kernel(timeout)


def addresses(names: Iterable[str]) -> dict[str, list[str]]:
    found = {}
    for name in names:
        try:
            answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        except OSError as error:
            raise Refusal(f"exports: client {name!r} does not resolve here ({error}); write its address") from error
        found[name] = sorted({str(answer[4][0]) for answer in answers})
    return found


def read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError, ProcessLookupError):
        return None
    except OSError as error:
        raise HydraError(f"read {path}: {error.strerror}") from error


def write(path: str, text: str) -> None:
    """All or nothing: a reader, or a crash, sees the old file or the new one."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        # exportfs reads no file whose name ends like this.
        with open(f"{path}.new", "w", encoding="utf-8", errors="surrogateescape") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, path)
    except OSError as error:
        raise HydraError(f"write {path}: {error.strerror}") from error


def look(path: str, wanted: Mapping[str, str]) -> dict[str, str] | None:
    """The attributes of a directory that are asked for, or None if it is missing; numbers are answered with numbers."""
    try:
        stat = os.stat(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refusal(f"exports: {path}: {error.strerror}") from error
    if not os.path.isdir(path):
        raise Refusal(f"exports: {path} is not a directory; only directories are exported")
    seen = {
        "owner": str(stat.st_uid) if wanted.get("owner", "").isdecimal() else _name(pwd.getpwuid, stat.st_uid),
        "group": str(stat.st_gid) if wanted.get("group", "").isdecimal() else _name(grp.getgrgid, stat.st_gid),
        "mode": f"{stat.st_mode & 0o7777:04o}",
    }
    return {key: seen[key] for key in wanted}


def _name(lookup: Any, number: int) -> str:
    try:
        return str(lookup(number)[0])
    except KeyError:
        return str(number)


def furnish(path: str, wanted: Mapping[str, str]) -> None:
    """Make the directory if need be, with these attributes."""
    try:
        os.makedirs(path, exist_ok=True)
        if "owner" in wanted or "group" in wanted:
            # A number that is nobody's name here is fine: the clients know whose it is.
            names = [wanted.get(key) for key in ("owner", "group")]
            owner, group = (int(name) if name and name.isdecimal() else name for name in names)
            shutil.chown(path, owner, group)  # type: ignore[arg-type]
        if "mode" in wanted:
            os.chmod(path, int(wanted["mode"], 8))
    except (OSError, LookupError) as error:
        raise HydraError(f"directory {path}: {error}") from error


def usage(path: str) -> dict[str, int] | None:
    """How full the file system of an exported directory is; None when there is no such directory."""
    try:
        stat = os.statvfs(path)
    except OSError:
        return None
    return {
        "size_bytes": stat.f_blocks * stat.f_frsize,
        "used_bytes": (stat.f_blocks - stat.f_bfree) * stat.f_frsize,
        "free_bytes": stat.f_bavail * stat.f_frsize,
    }
