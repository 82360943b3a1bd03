# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The images of this computer's engine and of the engines in node containers: seen, pulled, tagged and loaded."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..common.errors import EngineError
from ..common.owner import OWNER
from ..engine.world_sdk import connect, doing
from ..machine.dind import MADE_AS
from ..machine.world_dind import at_once
from . import world_stream
from .images import Fate, Image, find, image_of
from .names import taggable
from .stream import chains, unneeded
from .world_stream import Outcome, Target, archive, archive_of

ANSWER = 20  # seconds in which a registry has to answer, and a node has to list its images
TIMED_OUT = 124  # how timeout(1) ends
END = "all of them"
# An engine can lose what a command wrote, so the end is marked.
LIST = (
    f'ids=$(timeout {ANSWER} docker image ls --all --quiet --no-trunc) || exit; [ -z "$ids" ] || '
    f"timeout {ANSWER} docker image inspect --format '{{{{json .}}}}' $ids || exit; echo '{END}'"
)
TAG = 'while [ "$#" -gt 0 ]; do docker image tag "$1" "$2" || exit; shift 2; done'


@dataclass(frozen=True)
class Node:
    """A container that is a node; without an address where this computer does not reach it."""

    state: str
    address: str


def nodes_there(client: Any) -> dict[str, Node]:
    """Every container of this engine that is a node of a cluster of ours, by name."""
    near = sys.platform == "linux" and client.base_url.startswith(("http+docker", "http+unix"))
    with doing("looking for node containers"):
        found = client.containers(all=True, filters={"label": OWNER})
    return {
        container["Names"][0].lstrip("/"): Node(container["State"], _address(container) if near else "")
        for container in found
        if json.loads(container["Labels"].get(MADE_AS, "{}")).get("service") == "engine"
    }


def _address(container: Mapping[str, Any]) -> str:
    networks = (container.get("NetworkSettings") or {}).get("Networks") or {}
    return next((network["IPAddress"] for network in networks.values() if network.get("IPAddress")), "")


def look(
    client: Any, references: Iterable[str], nodes: Iterable[str]
) -> tuple[dict[str, Image | None], dict[str, list[Image]]]:
    """What this engine has of these references, and all that each node has; everybody is asked at the same time."""
    references, nodes = list(dict.fromkeys(references)), list(dict.fromkeys(nodes))
    jobs: list[Callable[[], Any]] = [partial(_outer, client, one) for one in references]
    jobs += [partial(_listing, client, node) for node in nodes]
    found = at_once(lambda job: job(), jobs)
    return dict(zip(references, found, strict=False)), dict(zip(nodes, found[len(references) :], strict=True))


def _outer(client: Any, reference: str) -> Image | None:
    try:
        with doing(f"looking for image {reference}"):
            return image_of(client.inspect_image(reference))
    except EngineError as error:
        if error.status != 404:
            raise
        return None


def _listing(client: Any, node: str) -> list[Image]:
    for _attempt in range(2):
        code, output, complaint = _run(client, node, "listing its images", ["sh", "-c", LIST])
        lines = output.splitlines()
        if code == 0 and lines and lines[-1] == END:
            return [image_of(json.loads(line)) for line in lines[:-1]]
        if code == TIMED_OUT:
            complaint = f"no answer within {ANSWER} s"
            break
    raise EngineError(
        f"{node}: its engine does not list its images ({complaint.strip() or f'exit status {code}'}); see its log: "
        f"docker logs {node}"
    )


def tag(client: Any, node: str, fates: Iterable[Fate]) -> None:
    """Give images that a node has the names they have here."""
    pairs = [word for fate in fates if node in fate.tag for word in (fate.id, fate.reference)]
    if pairs:
        code, _output, complaint = _run(client, node, "tagging images", ["sh", "-c", TAG, "tag", *pairs])
        if code:
            raise EngineError(f"{node}: tagging images: {complaint.strip()}")


def _run(client: Any, node: str, what: str, command: list[str]) -> tuple[int, str, str]:
    with doing(f"{node}: {what}"):
        task = client.exec_create(node, command)
        output, complaint = client.exec_start(task["Id"], demux=True)
        code = client.exec_inspect(task["Id"])["ExitCode"]
    return code, (output or b"").decode(errors="replace"), (complaint or b"").decode(errors="replace")


def pull(references: Iterable[str], patience: float) -> dict[str, str]:
    """Pull images to this engine, all at the same time; returns why those that failed did."""
    wanted = list(references)
    answers = at_once(lambda reference: _pull(reference, patience), wanted)
    return {reference: why for reference, why in zip(wanted, answers, strict=True) if why}


def _pull(reference: str, patience: float) -> str:
    """Why it failed. The command line is used because it knows the user's credentials, and can be broken off."""
    try:
        process = subprocess.Popen(
            ["docker", "pull", reference],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    except FileNotFoundError as error:
        raise EngineError(world_stream.NO_CLI) from error
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    last, deadline, wait = "", time.monotonic() + patience, float(ANSWER)
    try:
        # The first line comes once the registry has described the image.
        while (line := lines.get(timeout=max(0.0, min(wait, deadline - time.monotonic())))) is not None:
            last, wait = line.strip() or last, patience
        return (last or "failed without a word") if process.wait() else ""
    except queue.Empty:
        return f"not done within {patience:g} s (last: {last})" if last else f"no registry answered within {ANSWER} s"
    finally:
        process.kill()
        process.wait()


def ask_registry(references: Iterable[str]) -> dict[str, str]:
    """Why images could not be pulled, as far as a registry tells without pulling them."""
    client = connect(timeout=ANSWER)

    def ask(reference: str) -> str:
        try:
            with doing("asking its registry"):
                client.inspect_distribution(reference)
        except EngineError as error:
            return str(error)
        return ""

    wanted = list(references)
    return {one: why for one, why in zip(wanted, at_once(ask, wanted), strict=True) if why}


def load(
    client: Any,
    fates: Iterable[Fate],
    outer: Mapping[str, Image | None],
    nodes: Mapping[str, list[Image]],
    addresses: Mapping[str, str],
    patience: float,
) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Load what nodes lack, in one stream from each engine that has some.

    Returns the IDs by reference and, for each image, where and how much.
    """
    fates = [fate for fate in fates if fate.load]
    ids: dict[str, str] = {}
    amounts: list[dict[str, Any]] = []
    for origin in dict.fromkeys(fate.origin for fate in fates):
        some = [fate for fate in fates if fate.origin == origin]
        has = {one.reference: find(nodes[origin], one.reference) if origin else outer[one.reference] for one in some}
        images = {reference: image for reference, image in has.items() if image}
        source = partial(archive_of, origin) if origin else partial(archive, client)
        found, counted = _load(source, some, images, nodes, addresses, patience)
        ids.update(found)
        amounts += counted
    return ids, amounts


def _load(
    source: Callable[[list[str], float], Iterator[bytes]],
    fates: list[Fate],
    images: Mapping[str, Image],
    nodes: Mapping[str, list[Image]],
    addresses: Mapping[str, str],
    patience: float,
) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """The same of images that one engine has.

    A node that fails is given everything, through a pipe: somebody may have removed its layers meanwhile.
    """
    layers = [image.layers for image in images.values()]
    # An image without a tag is asked for by its ID.
    asked = [one if taggable(one) else image.id for one, image in images.items()]
    targets = [
        Target(node, addresses.get(node, ""), unneeded(layers, (image.layers for image in nodes[node])))
        for node in nodes
        if any(node in fate.load for fate in fates)
    ]

    def pour(targets: list[Target]) -> dict[str, Outcome]:
        return world_stream.pour(source(list(images), patience), layers, targets, asked, patience)

    done = pour(targets)
    again = [Target(node) for node, outcome in done.items() if outcome.trouble and not outcome.stuck]
    if again:
        done |= pour(again)
    failed = {node: outcome.trouble for node, outcome in done.items() if outcome.trouble}
    if failed:
        raise EngineError(_failure(list(images), failed, [node for node in done if node not in failed]))
    ids = {node: outcome.ids for node, outcome in done.items()}
    sent = {node: outcome.sent for node, outcome in done.items()}
    return _ids(fates, ids), _amounts(fates, images, sent)


def _failure(images: list[str], failed: Mapping[str, str], fine: list[str]) -> str:
    lines = "".join(f"\n- {node}: {trouble}" for node, trouble in failed.items())
    rest = f"{', '.join(fine)} have what they lacked. " if fine else ""
    return (
        f"loading {', '.join(images)} failed on {len(failed)} of {len(failed) + len(fine)} node(s):{lines}\n{rest}"
        "Repair the node(s) and run this again; what is there is not sent again."
    )


def _ids(fates: list[Fate], printed: Mapping[str, list[str]]) -> dict[str, str]:
    """The one ID under which the nodes have each image now."""
    found = {}
    for place, fate in enumerate(fates):
        ids = {node: ids[place] for node, ids in printed.items()}
        if not fate.had + fate.tag:
            found[fate.reference] = next(iter(ids.values()))
        else:
            found[fate.reference] = fate.id
        if set(ids.values()) != {found[fate.reference]}:
            told = ", ".join(f"{node}: {one}" for node, one in ids.items())
            raise EngineError(
                f"{fate.reference} is not the same image on all nodes ({told}, expected {found[fate.reference]}): "
                "somebody builds or loads it at the same time; run this again"
            )
    return found


def _amounts(
    fates: list[Fate], images: Mapping[str, Image], sent: Mapping[str, Counter[str | None]]
) -> list[dict[str, Any]]:
    """Bytes and layers for each image, all its nodes together; what images share is counted for the first."""
    counted: set[str] = set()
    amounts = []
    for fate in fates:
        layers = list(dict.fromkeys(layer for _chain, layer in chains(images[fate.reference].layers)))
        own = [layer for layer in layers if layer not in counted]
        counted.update(own)
        amounts.append(
            {
                "image": fate.reference,
                "nodes": list(fate.load),
                "bytes_sent": sum(counter[layer] for counter in sent.values() for layer in own),
                "layers_skipped": sum(not sent[node][layer] for node in fate.load for layer in own),
            }
        )
    return amounts
