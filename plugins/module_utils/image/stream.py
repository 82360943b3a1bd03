# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What C(docker save) writes, cut at its layers while it passes, so that each node gets those it lacks.

C(docker load) opens a layer's file only if the node has no layer of the same chain ID, so the file of one that is there
may be missing from the archive. Which file is which layer shows in two layouts of the archive:

- Engine 25 and later: C(blobs/sha256/HEX), where HEX is the layer's diff ID if the engine keeps layers unpacked.
- before: C(HEX/layer.tar), where HEX is a hash over C(HEX/json), which comes first, and the layer's chain ID.

A file that is not recognised is a file that every node gets.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Optional

BLOCK = 512
LAYER_BLOB = re.compile(r"blobs/sha256/([0-9a-f]{64})")
LEGACY = re.compile(r"([0-9a-f]{64})/(json|layer\.tar)")
SMALL = 1 << 20  # more than any description of a layer
# Sanity tests still check for Python 3.9, which has no "|" here.
Piece = tuple[Optional[str], memoryview]  # noqa: UP045


def chains(layers: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Chain ID and diff ID of each layer: a chain ID stands for a layer and all below it."""
    chain = ""
    for layer in layers:
        chain = f"sha256:{hashlib.sha256(f'{chain} {layer}'.encode()).hexdigest()}" if chain else layer
        yield chain, layer


def unneeded(wanted: Iterable[tuple[str, ...]], present: Iterable[tuple[str, ...]]) -> frozenset[str]:
    """The diff IDs of wanted images whose files a node that has the present images can do without.

    One file may serve several places in the images, so all of them have to be there.
    """
    there = {chain for layers in present for chain, _layer in chains(layers)}
    places = [place for layers in wanted for place in chains(layers)]
    return frozenset(layer for _c, layer in places) - {layer for chain, layer in places if chain not in there}


class Sieve:
    """Cuts the archive of images with these layers into pieces, each with the diff ID of the layer it belongs to.

    All pieces together are the archive. One that cannot be read as a tar archive passes in pieces of no layer.
    """

    def __init__(self, images: Iterable[tuple[str, ...]]):
        self._chains = {chain: layer for layers in images for chain, layer in chains(layers)}
        self._layers = frozenset(self._chains.values())
        self._legacy: dict[str, str | None] = {}  # what layer is in which folder of the older layout
        self._head = bytearray()  # of the next entry, as far as it has come
        self._left = 0  # bytes of the entry that are still to come, and padding
        self._layer: str | None = None
        self._body: bytearray | None = None  # of an entry that has to be read
        self._entry = ("", b"", 0)  # its name, type and size
        self._extended: bytes | None = None  # what was said in advance of the next entry
        self._lost = False

    def feed(self, data: bytes) -> Iterator[Piece]:
        """The pieces of the next part of the archive."""
        view, at = memoryview(data), 0
        while at < len(view):
            if self._lost:
                yield None, view[at:]
                return
            if self._left:
                piece = view[at : at + self._left]
                self._left -= len(piece)
                if self._body is not None:
                    self._body += piece
                yield self._layer, piece
            else:
                piece = view[at : at + BLOCK - len(self._head)]
                self._head += piece
                if len(self._head) == BLOCK:
                    head, self._head = bytes(self._head), bytearray()
                    self._begin(head)
                    yield self._layer, memoryview(head)
            at += len(piece)
            if not self._left and self._body is not None:
                self._end()

    def _begin(self, head: bytes) -> None:
        """A new entry, or a block of the zeros at the end."""
        self._layer, self._body, extended = None, None, self._extended
        self._extended = None
        if not any(head):
            return
        size = _size(head, extended)
        if size is None or head[257:262] != b"ustar":
            self._lost = True
            return
        name, kind = head[:100].partition(b"\0")[0].decode(errors="replace"), head[156:157]
        self._left = -(-size // BLOCK) * BLOCK
        self._entry = (name, kind, size)
        legacy = LEGACY.fullmatch(name)
        if kind == b"x" or (legacy and legacy[2] == "json"):
            self._body = bytearray() if size <= SMALL else None
        elif kind in (b"0", b"\0") and extended is None and not head[345:500].strip(b"\0"):
            blob = LAYER_BLOB.fullmatch(name)
            layer = f"sha256:{blob[1]}" if blob else self._legacy.get(legacy[1]) if legacy else None
            self._layer = layer if layer in self._layers else None

    def _end(self) -> None:
        """An entry that had to be read is complete."""
        (name, kind, size), body = self._entry, bytes(self._body or b"")
        self._body = None
        if kind == b"x":
            self._extended = body[:size]
        else:
            folder = name.partition("/")[0]
            chain = legacy_chain(folder, body[:size], self._chains)
            self._legacy[folder] = self._chains[chain] if chain else None


def legacy_chain(folder: str, description: bytes, candidates: Iterable[str]) -> str | None:
    """Which of the chain IDs the layer in this folder of the older layout has.

    The folder's name is the hash over the layer's description with the chain ID, so a match is a proof.
    """
    try:
        described = json.loads(description)
    except ValueError:
        return None
    if not isinstance(described, Mapping):
        return None
    known = {key: value for key, value in described.items() if key not in ("id", "parent")}
    parent = {"parent": f"sha256:{described['parent']}"} if described.get("parent") else {}
    for chain in candidates:
        # Of a layer below the top, the system is only added once the name is made.
        for less in ((), ("os",)):
            hashed = {**{k: v for k, v in known.items() if k not in less}, **parent, "layer_id": chain}
            if hashlib.sha256(_as_go(dict(sorted(hashed.items())))).hexdigest() == folder:
                return chain
    return None


def _as_go(value: object) -> bytes:
    """JSON as the engine's own library writes it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text.encode(errors="surrogatepass")


def _size(head: bytes, extended: bytes | None) -> int | None:
    """The size of an entry; None where it cannot be read."""
    told = re.search(rb"(?:^|\n)\d+ size=(\d+)\n", extended or b"")
    if told:
        return int(told[1])
    field = head[124:136]
    if field[0] & 0x80:  # a size too large for its digits
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    return int(digits or b"0", 8) if re.fullmatch(rb"[0-7]*", digits) else None
