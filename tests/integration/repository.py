# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Package repositories as vendors have them, signed, made of other packages and served to the lab.

So roles add them, check their signature and install from them as they do with the vendors' own. Formats: deb(5),
deb-control(5), and Debian's page DebianRepository/Format.
"""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import tarfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

MAGIC = b"!<arch>\n"


def members(archive: bytes) -> Iterator[tuple[str, bytes]]:
    """The files of an ar archive, which a package is."""
    position = len(MAGIC)
    while position < len(archive):
        header = archive[position : position + 60].decode()
        size, position = int(header[48:58]), position + 60
        yield header[:16].strip().rstrip("/"), archive[position : position + size]
        position += size + size % 2


def _archive(files: Iterable[tuple[str, bytes]]) -> bytes:
    parts = (
        f"{name:<16}{0:<12}{0:<6}{0:<6}100644  {len(data):<10}`\n".encode() + data + b"\n"[: len(data) % 2]
        for name, data in files
    )
    return MAGIC + b"".join(parts)


def _tar(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(f"./{name}")
            entry.size, entry.mode = len(data), 0o755
            tar.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def _untar(packed: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        opened = {entry.name.removeprefix("./"): tar.extractfile(entry) for entry in tar if entry.isfile()}
        return {name: file.read() for name, file in opened.items() if file}


def _fields(control: bytes) -> dict[str, str]:
    """What a package says of itself; lines that go on are of the field above them."""
    lines = control.decode().replace("\n ", "\0 ").split("\n")
    pairs = (line.partition(":") for line in lines if line.strip())
    return {key: value.strip().replace("\0", "\n") for key, _colon, value in pairs}


def _control(fields: Mapping[str, str]) -> bytes:
    return "".join(f"{key}: {value}\n" for key, value in fields.items()).encode()


def about(deb: bytes) -> dict[str, str]:
    """The fields of a package: Package, Version, Depends and so on."""
    return _fields(_untar(next(data for name, data in members(deb) if name.startswith("control.tar")))["control"])


def package(name: str, version: str, depends: str = "", files: Mapping[str, bytes] | None = None) -> bytes:
    """A package with these files, or one that only needs others."""
    fields = {"Package": name, "Version": version, "Architecture": "all", "Maintainer": "hydra.swarm <root@localhost>"}
    fields |= {"Description": "a stand-in"} | ({"Depends": depends} if depends else {})
    control = _tar({"control": _control(fields)})
    return _archive(
        [("debian-binary", b"2.0\n"), ("control.tar.gz", control), ("data.tar.gz", _tar(files or {}))],
    )


def renamed(deb: bytes, name: str, version: str, depends: str) -> bytes:
    """The same files and scripts under another name."""
    parts = []
    for member, data in members(deb):
        if not member.startswith("control.tar"):
            parts.append((member, data))
            continue
        files = _untar(data)
        relations = ("Replaces", "Breaks", "Conflicts", "Provides", "Recommends", "Suggests", "Source")
        kept = {key: value for key, value in _fields(files["control"]).items() if key not in relations}
        files["control"] = _control({**kept, "Package": name, "Version": version, "Depends": depends})
        parts.append(("control.tar.gz", _tar(files)))
    return _archive(parts)


def lay_out(
    root: Path, index: str, release: Mapping[str, str], debs: Iterable[bytes], sign: Callable[[bytes], bytes]
) -> None:
    """Write a repository: packages and their list into the folder C(root)/C(index), and the signed release.

    The release is in its suite's folder (C(index) is dists/SUITE/COMPONENT/binary-ARCHITECTURE), or beside the list (flat).
    """
    folder = root / index
    flat = not index.startswith("dists/")
    suite = folder if flat else folder.parents[1]
    folder.mkdir(parents=True)
    entries = []
    for deb in debs:
        fields = about(deb)
        file = folder / f"{fields['Package']}_{fields['Version'].rpartition(':')[2]}.deb"
        file.write_bytes(deb)
        # Apt looks for files below the address that its source names, which is the list's folder where that is flat.
        place = {"Filename": str(file.relative_to(folder if flat else root)), "Size": str(len(deb))}
        entries.append(_control({**fields, **place, "SHA256": hashlib.sha256(deb).hexdigest()}))
    listed = b"\n".join(entries)
    (folder / "Packages").write_bytes(listed)
    entry = f"{hashlib.sha256(listed).hexdigest()} {len(listed)} {(folder / 'Packages').relative_to(suite)}"
    (suite / "InRelease").write_bytes(sign(_control({**release, "SHA256": f"\n {entry}"})))


@contextmanager
def served(root: Path, address: str) -> Iterator[str]:
    """The folder's web address, while it is served there."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_words: object) -> None:
            pass

    with http.server.ThreadingHTTPServer((address, 0), functools.partial(Quiet, directory=str(root))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://{address}:{server.server_port}"
        finally:
            server.shutdown()
