# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.image.stream import Sieve, chains, legacy_chain, unneeded

# Of an image that Engine 20.10 saved: its two layers, the folders they were in and how those are described there.
BASE = "sha256:f4d8d93749f7188d8add95dbeb4ae6d7bcbc8fb37eecfa9c4d35b894008fddd2"
TOP = "sha256:4c320ce22a5799a5fa3d7a5b09ed72725d6bc4850d05044cb204676ea0511823"
BASE_FOLDER = "70c24f53f8f7dd2293eb35b74b7fa968313f82de9b029d560067d04350848294"
TOP_FOLDER = "3f30e0d65283a1e6139c4fbd9f8f5e500cf921c216bf38cf9c4e12de9a130b9b"
NOTHING = (
    '"Domainname":"","User":"","AttachStdin":false,"AttachStdout":false,"AttachStderr":false,"Tty":false,'
    '"OpenStdin":false,"StdinOnce":false,'
)
BASE_JSON = (
    f'{{"id":"{BASE_FOLDER}","created":"1970-01-01T00:00:00Z","container_config":{{"Hostname":"",{NOTHING}"Env":null,'
    '"Cmd":null,"Image":"","Volumes":null,"WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":null},"os":"linux"}'
)
IMAGE = "sha256:ad7419bbd923df27b1d8d8fdc664090d56cccb18190676378d880941b786461c"
PATH = '["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]'
TOP_JSON = (
    f'{{"id":"{TOP_FOLDER}","parent":"{BASE_FOLDER}","created":"2026-11-22T18:32:03.128840413Z",'
    '"container":"d9f81d70aa77262998d6cf6b408afd772aa0e5406d9239f618dbc0f85d1e5ee6",'
    f'"container_config":{{"Hostname":"d9f81d70aa77",{NOTHING}"Env":{PATH},'
    f'"Cmd":["/bin/sh","-c","#(nop) ","CMD [\\"/big\\"]"],"Image":"{IMAGE}","Volumes":null,"WorkingDir":"",'
    '"Entrypoint":null,"OnBuild":null,"Labels":{}},"docker_version":"20.10.24+dfsg1",'
    f'"config":{{"Hostname":"",{NOTHING}"Env":{PATH},"Cmd":["/big"],"Image":"{IMAGE}","Volumes":null,"WorkingDir":"",'
    '"Entrypoint":null,"OnBuild":null,"Labels":null},"architecture":"amd64","os":"linux"}'
)
CHAIN = "sha256:60e17190ffa0247f1f553e6d5880069806235879ce7162bd2e60838361aed0b8"
A, B, C = (f"sha256:{digit * 64}" for digit in "abc")


def packed(files: Mapping[str, bytes], form: int = tarfile.USTAR_FORMAT, **headers: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form, pax_headers=headers or None) as archive:
        for name, content in files.items():
            if name.endswith("/"):
                folder = tarfile.TarInfo(name)
                folder.type = tarfile.DIRTYPE
                archive.addfile(folder)
                continue
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


LEGACY = {
    f"{TOP_FOLDER}/": b"",
    f"{TOP_FOLDER}/VERSION": b"1.0",
    f"{TOP_FOLDER}/json": TOP_JSON.encode(),
    f"{TOP_FOLDER}/layer.tar": b"top" * 400,
    f"{BASE_FOLDER}/": b"",
    f"{BASE_FOLDER}/VERSION": b"1.0",
    f"{BASE_FOLDER}/json": BASE_JSON.encode(),
    f"{BASE_FOLDER}/layer.tar": b"base" * 5000,
    "manifest.json": b"[]",
}
BLOBS = {f"blobs/sha256/{'d' * 64}": b"config", f"blobs/sha256/{'a' * 64}": b"layer a" * 300, "index.json": b"{}"}


def sifted(archive: bytes, images: list[tuple[str, ...]], size: int) -> list[tuple[str | None, bytes]]:
    """The pieces, those of one layer after the other joined."""
    sieve, found = Sieve(images), list[tuple[str | None, bytes]]()
    for start in range(0, len(archive), size):
        for layer, piece in sieve.feed(archive[start : start + size]):
            if found and found[-1][0] == layer:
                found[-1] = (layer, found[-1][1] + bytes(piece))
            else:
                found.append((layer, bytes(piece)))
    return found


def without(pieces: list[tuple[str | None, bytes]], *layers: str) -> dict[str, bytes]:
    """The files of the archive that has these pieces, less those of some layers."""
    left = b"".join(piece for layer, piece in pieces if layer not in layers)
    with tarfile.open(fileobj=io.BytesIO(left)) as archive:
        members = ((member, archive.extractfile(member)) for member in archive.getmembers())
        return {member.name: file.read() for member, file in members if file}


def test_chains() -> None:
    assert list(chains([BASE, TOP])) == [(BASE, BASE), (CHAIN, TOP)]


@pytest.mark.parametrize(
    ("wanted", "present", "skipped"),
    [
        ([(A, B)], [], set()),
        ([(A, B)], [(A, B)], {A, B}),
        ([(A, B)], [(A, C)], {A}),
        ([(A, B)], [(B,), (C, A)], set()),  # the same file elsewhere in an image is another layer
        ([(A, B), (A, C)], [(A, B, C)], {A, B}),
        ([(A, B, A)], [(A, B)], {B}),  # the second A is not there, and its file is that of the first
        ([], [(A,)], set()),
    ],
)
def test_what_a_node_can_do_without(
    wanted: list[tuple[str, ...]], present: list[tuple[str, ...]], skipped: set[str]
) -> None:
    assert unneeded(wanted, present) == skipped


@pytest.mark.parametrize("size", [1, 511, 512, 513, 1 << 20])
def test_the_older_layout(size: int) -> None:
    archive = packed(LEGACY)
    pieces = sifted(archive, [(BASE, TOP)], size)
    assert b"".join(piece for _layer, piece in pieces) == archive
    assert [layer for layer, _piece in pieces] == [None, TOP, None, BASE, None]
    files = {name: content for name, content in LEGACY.items() if not name.endswith("/")}
    assert without(pieces) == files
    assert without(pieces, BASE) == {k: v for k, v in files.items() if k != f"{BASE_FOLDER}/layer.tar"}


@pytest.mark.parametrize("size", [7, 512, 1 << 20])
def test_the_newer_layout(size: int) -> None:
    pieces = sifted(packed(BLOBS), [(A, B)], size)
    assert b"".join(piece for _layer, piece in pieces) == packed(BLOBS)
    assert [layer for layer, _piece in pieces] == [None, A, None]
    assert sorted(without(pieces, A)) == [f"blobs/sha256/{'d' * 64}", "index.json"]


def test_a_description_that_is_not_of_the_layer_proves_nothing() -> None:
    changed = {**LEGACY, f"{BASE_FOLDER}/json": BASE_JSON.replace("linux", "plan9").replace("1970", "1971").encode()}
    assert [layer for layer, _piece in sifted(packed(changed), [(BASE, TOP)], 999)] == [None, TOP, None]


def test_a_layer_of_another_image_is_none_of_ours() -> None:
    assert [layer for layer, _piece in sifted(packed(BLOBS), [(B, C)], 999)] == [None]
    assert [layer for layer, _piece in sifted(packed(LEGACY), [(A, TOP)], 999)] == [None]


def test_extended_headers() -> None:
    """They come before their entry, which then is not left out, or they would be those of the next one."""
    archive = packed({**BLOBS, "x" * 300: b"long name"}, tarfile.PAX_FORMAT)
    assert [layer for layer, _piece in sifted(archive, [(A,)], 100)] == [None, A, None]
    archive = packed(BLOBS, tarfile.PAX_FORMAT, comment="about all")
    assert [layer for layer, _piece in sifted(archive, [(A,)], 100)] == [None, A, None]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as written:
        entry = tarfile.TarInfo(f"blobs/sha256/{'a' * 64}")
        entry.size, entry.pax_headers = 5, {"comment": "about this one"}
        written.addfile(entry, io.BytesIO(b"layer"))
    pieces = sifted(out.getvalue(), [(A,)], 100)
    assert pieces == [(None, out.getvalue())]


@pytest.mark.parametrize(
    ("size", "record"),
    [(b"\x80" + (9 << 30).to_bytes(11, "big"), None), (b"00000000000\0", b"20 size=9663676416\n")],
    ids=["base 256", "extended header"],
)
def test_a_layer_too_large_for_eight_digits(size: bytes, record: bytes | None) -> None:
    """What is in it is not looked at, so its size is what counts."""
    head = bytearray(packed({f"blobs/sha256/{'a' * 64}": b""})[:512])
    head[124:136] = size
    extended = bytearray(packed({"x": record})[:1024]) if record else bytearray()
    if record:
        extended[156:157] = b"x"
    sieve = Sieve([(A,)])
    first = [layer for layer, _piece in sieve.feed(bytes(extended + head))]
    assert first[-1] == (None if record else A)
    # Were the size not understood, this would be the head of an entry of its own.
    other = packed({f"blobs/sha256/{'a' * 64}": b"abc"})[:1024] * 8
    assert {layer for layer, _piece in sieve.feed(other)} == {first[-1]}


def test_what_is_no_archive_passes() -> None:
    text = b"Error: no space left on device\n" * 100
    assert sifted(text, [(A,)], 64) == [(None, text)]


@pytest.mark.parametrize("text", [b"", b"no json", b"[]", b"null", b'{"id": 1}', b"\xff"])
def test_a_description_that_says_nothing(text: bytes) -> None:
    assert legacy_chain(BASE_FOLDER, text, [BASE, CHAIN]) is None


def test_signs_that_the_engine_writes_in_its_own_way() -> None:
    import hashlib

    chain, command = f"sha256:{'1' * 64}", "a < b && c > d \u2028 \u00e9"
    written = (
        '{"config":{"Cmd":["a \\u003c b \\u0026\\u0026 c \\u003e d \\u2028 \u00e9"]},"created":"x",'
        f'"layer_id":"{chain}"}}'
    )
    folder = hashlib.sha256(written.encode()).hexdigest()
    described = json.dumps({"id": folder, "created": "x", "config": {"Cmd": [command]}}).encode()
    assert legacy_chain(folder, described, [A, chain]) == chain
