# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names of images as Docker reads and shows them.

Source of the grammar: the distribution project's description of references (name, tag, digest) and what the docker
command line shows of them: no docker.io, no library, and a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..common.errors import Refusal

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])"
NAME = re.compile(
    rf"(?:(?P<host>{HOST}(?::[0-9]+)?)/)?(?P<path>{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)
ID = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
SHORT = 12
RULE = "write [REGISTRY/]NAME[:TAG], the name in lower case"


def reference(name: str) -> str:
    """The one spelling under which engines list this image; raises ValueError for what is no name."""
    match = ID.fullmatch(name)
    if match:
        return f"sha256:{match[1]}"
    found = NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"'{name}' is no image name: {RULE}, for example app:latest")
    host, path = found["host"], found["path"]
    if host and not _is_registry(host):
        if host != host.lower():
            raise ValueError(f"'{name}' is no image name: all before the tag is in lower case")
        host, path = None, f"{host}/{path}"
    if host in (None, "docker.io", "index.docker.io"):
        host, path = None, path.removeprefix("library/")
    repository = f"{host}/{path}" if host else path
    return f"{repository}@{found['digest']}" if found["digest"] else f"{repository}:{found['tag'] or 'latest'}"


def host_of(name: str) -> str:
    """The registry that a name begins with; empty for Docker Hub's, for an ID and for what is no name."""
    found = NAME.fullmatch(name)
    host = found["host"] if found else ""
    return host if host and _is_registry(host) and host not in ("docker.io", "index.docker.io") else ""


def references(names: Iterable[str]) -> dict[str, str]:
    """The reference of each name, in their order; one Refusal for all that are none."""
    found, problems = {}, []
    for name in names:
        try:
            found[name] = reference(name)
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise Refusal("nothing was loaded: " + "; ".join(problems))
    return found


def taggable(one: str) -> bool:
    """Whether an engine keeps a tag of that name, which an ID and a digest are not."""
    return "@" not in one and not ID.fullmatch(one)


def short(image_id: str) -> str:
    """An ID as people compare it."""
    kind, _colon, digits = image_id.partition(":")
    return f"{kind}:{digits[:SHORT]}"


def _is_registry(host: str) -> bool:
    return "." in host or ":" in host or host == "localhost"
