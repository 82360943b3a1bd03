# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Archives as files: a tar of sealed parts and a manifest, written in one pass, looked through, and put together."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tarfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from ..common.errors import Refusal
from . import manifest as told

PIECE = 1 << 20
MOST = 1 << 22  # of a manifest


class Writer:
    """A new archive, for its owner alone; it bears its name once it is whole and on the disk."""

    def __init__(self, path: str):
        self._path, self._partial = path, f"{path}.partial"
        self._parts: list[dict[str, Any]] = []
        self._file: IO[bytes]

    def __enter__(self) -> Writer:
        self._file = open(os.open(self._partial, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600), "w+b")
        os.fchmod(self._file.fileno(), 0o600)
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._partial)

    def add(self, part: Mapping[str, Any], pieces: Iterable[bytes]) -> None:
        """A part whose size nobody knows before it is written: its header is written again at the end."""
        start, count, digest = self._header(part["file"], 0), 0, hashlib.sha256()
        for piece in pieces:
            self._file.write(piece)
            digest.update(piece)
            count += len(piece)
        self._fill(start, part["file"], count)
        self._parts.append({**part, "bytes": count, "sha256": digest.hexdigest()})

    def finish(self, manifest: Mapping[str, Any]) -> int:
        """Write the manifest, and give the archive its name; returns its size."""
        content = told.text({**manifest, "parts": self._parts}).encode()
        start = self._header(told.MANIFEST, 0)
        self._file.write(content)
        self._fill(start, told.MANIFEST, len(content))
        self._file.write(bytes(2 * tarfile.BLOCKSIZE))
        self._file.flush()
        os.fsync(self._file.fileno())
        owner = os.stat(os.path.dirname(self._path))
        if os.geteuid() == 0:  # whoever made the folder is to fetch it
            os.fchown(self._file.fileno(), owner.st_uid, owner.st_gid)
        size = self._file.tell()
        os.rename(self._partial, self._path)
        return size

    def _header(self, name: str, size: int) -> int:
        start = self._file.tell()
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, int(time.time())
        self._file.write(info.tobuf(tarfile.GNU_FORMAT))
        return start

    def _fill(self, start: int, name: str, count: int) -> None:
        self._file.write(bytes(-count % tarfile.BLOCKSIZE))
        end = self._file.tell()
        self._file.seek(start)
        self._header(name, count)
        self._file.seek(end)


def stamp(taken: int) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(taken))


def manifest_of(path: str) -> dict[str, Any]:
    """What the archive says of itself; nothing else of it is looked at."""
    with _opened(path) as archive:
        return told.read(_manifest(archive), path)


def checked(path: str) -> dict[str, Any]:
    """The manifest, once every part was read and has the checksum it should."""
    with _opened(path) as archive:
        manifest = told.read(_manifest(archive), path)
        for part in manifest["parts"]:
            if not told.PART.fullmatch(part["file"]):
                raise Refusal(f"{path}: it names a part {part['file']!r}, as no archive of this project does")
            digest = hashlib.sha256()
            for piece in _pieces(archive, part["file"], path):
                digest.update(piece)
            if digest.hexdigest() != part["sha256"]:
                raise Refusal(
                    f"{path}: {part['file']} does not have the checksum that the manifest tells: the archive is "
                    "damaged, and nothing of it is used; take another backup"
                )
    return manifest


def part(path: str, name: str) -> Iterator[bytes]:
    """What is in a part, sealed as it is."""
    with _opened(path) as archive:
        yield from _pieces(archive, name, path)


def merge(paths: list[str], target: str) -> dict[str, Any]:
    """One archive of those that several machines made for the same cluster; the manager's says what they share."""
    manifests = [checked(path) for path in paths]
    first = next((one for one in manifests if one.get("swarm")), manifests[0])
    with Writer(target) as writer:
        numbers: dict[str, int] = {}
        for path, manifest in zip(paths, manifests, strict=True):
            for one in manifest["parts"]:
                number = numbers[one["kind"]] = numbers.get(one["kind"], 0) + 1
                name = f"{told.SWARM}.tar.gz.age" if one["kind"] == told.SWARM else f"data-{number}.tar.gz.age"
                writer.add({**one, "file": name}, part(path, one["file"]))
        size = writer.finish({key: value for key, value in first.items() if key != "parts"})
    return {"archive": target, "bytes": size, "manifest": manifest_of(target)}


def retain(folder: str, cluster: str, keep: int) -> list[str]:
    """Remove the cluster's archives but for the newest ones; returns which went."""
    gone = told.superseded(os.listdir(folder), cluster, keep)
    for name in gone:
        os.unlink(os.path.join(folder, name))
    return gone


@contextlib.contextmanager
def _opened(path: str) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as archive:
            yield archive
    except tarfile.TarError as error:
        # An empty or foreign file; tarfile's words are of blocks and headers.
        raise Refusal(
            f"{path}: no archive of this project, or one that is damaged or cut off ({error}): nothing of it is used"
        ) from error
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror or error}") from error


def _manifest(archive: tarfile.TarFile) -> bytes | None:
    members = archive.getmembers()
    if not members:
        return None
    last = members[-1]
    if last.name != told.MANIFEST or not last.isfile() or last.size > MOST:
        return None
    stream = archive.extractfile(last)
    content = stream.read() if stream else b""
    return content if len(content) == last.size else None


def _pieces(archive: tarfile.TarFile, name: str, path: str) -> Iterator[bytes]:
    try:
        member = archive.getmember(name)
    except KeyError:
        raise Refusal(f"{path}: {name} is missing in it: the archive is damaged, and nothing of it is used") from None
    stream = archive.extractfile(member)
    if stream is None:
        raise Refusal(f"{path}: {name} is no file in it: the archive is damaged, and nothing of it is used")
    while piece := stream.read(PIECE):
        yield piece


def folder(path: str) -> str:
    """The folder, in full, made for its owner alone if it is not there."""
    full = os.path.abspath(os.path.expanduser(path))
    try:
        if not os.path.isdir(full):
            Path(full).mkdir(mode=0o700, parents=True)
        if not os.access(full, os.W_OK | os.X_OK):
            raise Refusal(f"{full} cannot be written to: choose another folder (TO=FOLDER)")
    except OSError as error:
        raise Refusal(f"{full}: no such folder can be made ({error.strerror}); choose another (TO=FOLDER)") from error
    return full
