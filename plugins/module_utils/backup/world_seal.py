# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sealing and opening by the program age, and directories by GNU tar.

Secret keys go through pipes: none is ever an argument, or in a file here.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, cast

from ..common.errors import EngineError, Refusal

PIECE = 1 << 20
TAR = ["tar", "--numeric-owner", "--acls", "--xattrs", "--xattrs-include=*"]
CHANGED = 1  # what tar ends with where a file changed while it was read


def require(program: str = "age") -> None:
    if not shutil.which(program):
        raise Refusal(f"{program} is not installed here, which seals and opens backups: install the package {program}")


def seal(content: bytes, recipients: Sequence[str]) -> bytes:
    done = subprocess.run(_sealing(recipients), input=content, capture_output=True, check=False)
    if done.returncode:
        raise EngineError(f"age could not seal the backup: {done.stderr.decode(errors='replace').strip()[-300:]}")
    return done.stdout


def seal_directory(path: str, recipients: Sequence[str], notes: list[str]) -> Iterator[bytes]:
    """A directory with all that is in it, packed and sealed; what changed meanwhile is told in C(notes)."""
    with tempfile.TemporaryFile() as tar_said, tempfile.TemporaryFile() as age_said:
        tar = subprocess.Popen(
            [*TAR, "-C", path, "--create", "--gzip", "--sparse", "--one-file-system", "--warning=no-file-ignored", "."],
            stdout=subprocess.PIPE, stderr=tar_said,
        )  # fmt: skip
        age = subprocess.Popen(_sealing(recipients), stdin=tar.stdout, stdout=subprocess.PIPE, stderr=age_said)
        _output(tar).close()
        with _ended(tar, age):
            while piece := _output(age).read(PIECE):
                yield piece
        if age.returncode:
            raise EngineError(f"age could not seal {path}: {_tail(age_said)}")
        if tar.returncode == CHANGED:
            notes.append(
                f"{path}: files changed while they were read, and are as they were at some moment ({_tail(tar_said)})"
            )
        elif tar.returncode:
            raise EngineError(f"tar could not read all of {path}: {_tail(tar_said)}")


def open_part(pieces: Iterable[bytes], identity: str) -> bytes:
    """A small part, opened as a whole."""
    with _opening(pieces, identity) as (age, said):
        content, _nothing = age.communicate()
        if age.returncode:
            raise Refusal(_unfitting(_tail(said)))
        return bytes(content)


def try_key(pieces: Iterable[bytes], identity: str) -> None:
    """Raise Refusal unless the key opens the part, of which only the beginning is read."""
    with _opening(pieces, identity) as (age, said):
        begins = _output(age).read(1)
        if not begins:
            age.wait()
            raise Refusal(_unfitting(_tail(said)))
        age.kill()


def open_directory(pieces: Iterable[bytes], identity: str, path: str) -> None:
    """Unpack a part into a directory: owners by their numbers, modes, ACLs; what is there besides stays."""
    with _opening(pieces, identity) as (age, said), tempfile.TemporaryFile() as tar_said:
        tar = subprocess.Popen(
            [*TAR, "-C", path, "--extract", "--gzip", "--same-owner", "--preserve-permissions"],
            stdin=age.stdout, stderr=tar_said,
        )  # fmt: skip
        _output(age).close()
        with _ended(tar, age):
            pass
        if age.returncode or tar.returncode:
            raise EngineError(f"the data of {path} could not be unpacked: {_tail(said)} {_tail(tar_said)}".strip())


def _sealing(recipients: Sequence[str]) -> list[str]:
    return ["age", "--encrypt", *(word for key in recipients for word in ("--recipient", key))]


@contextlib.contextmanager
def _opening(pieces: Iterable[bytes], identity: str) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """age, which is fed with the part; the key reaches it by a pipe of its own."""
    mine, its = os.pipe()
    with tempfile.TemporaryFile() as said:
        try:
            os.write(its, identity.encode())
            os.close(its)
            age = subprocess.Popen(
                ["age", "--decrypt", "--identity", f"/dev/fd/{mine}"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, pass_fds=[mine],
            )  # fmt: skip
        finally:
            os.close(mine)
        stdin, age.stdin = age.stdin, None  # it is the feeder's
        feeder = threading.Thread(target=_feed, args=(stdin, pieces))
        feeder.start()
        try:
            yield age, said
        finally:
            if age.poll() is None:
                age.kill()
            age.wait()
            feeder.join()


def _feed(stream: IO[bytes], pieces: Iterable[bytes]) -> None:
    with contextlib.suppress(BrokenPipeError):
        for piece in pieces:
            stream.write(piece)
    with contextlib.suppress(BrokenPipeError):
        stream.close()


@contextlib.contextmanager
def _ended(*processes: subprocess.Popen[bytes]) -> Iterator[None]:
    """Wait for them; if whoever reads them fails, they end too."""
    try:
        yield
    except BaseException:
        for process in processes:
            process.kill()
        raise
    finally:
        for process in processes:
            process.wait()


def _output(process: subprocess.Popen[bytes]) -> IO[bytes]:
    """Of one that was started with a pipe for it."""
    return cast("IO[bytes]", process.stdout)


def _tail(stream: IO[bytes]) -> str:
    stream.seek(0)
    return " ".join(stream.read()[-600:].decode(errors="replace").split())[-300:]


def _unfitting(said: str) -> str:
    return (
        f"this key does not open the archive (age: {said}): give the secret key of one of those it was sealed to; "
        "nothing was touched"
    )
