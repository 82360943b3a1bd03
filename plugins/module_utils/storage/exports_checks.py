# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an inventory may not export, found before there is a server to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import Any

from ..common.errors import Refusal
from .exports import inside, is_name, read_request

# What a server needs for itself, with its users' passwords and keys.
SYSTEM = ("/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/root", "/run", "/sbin", "/sys", "/usr", "/var/lib/docker")
Complete = Callable[[Mapping[str, Any]], tuple[dict[str, Any], list[str]]]


def problems(exports: Iterable[Any], complete: Complete, storage: str = "") -> list[str]:
    """Every rule that C(exports), a list as nfs_export takes it, breaks.

    C(complete) adds what an item leaves out, and says what in it is of the wrong kind. C(storage) is where a server
    that is a container has its data, and so all that it can export.
    """
    found: list[str] = []
    paths: list[str] = []
    for number, given in enumerate(exports, 1):
        if not isinstance(given, Mapping):
            found.append(
                f"item {number} is no mapping: write it like {{path: /exports/data, clients: [{{host: 10.0.0.0/8}}]}}"
            )
            continue
        item, wrong = complete(given)
        found += [f"{given.get('path') or f'item {number}'}: {words}" for words in wrong]
        if wrong:
            continue
        try:
            request = read_request([item], False, {host: [host] for host in _names(item)})
        except Refusal as error:
            found.append(str(error).removeprefix("exports: "))
            continue
        paths += request.exports
        found += [problem for path in request.exports for problem in _placed(path, storage)]
    once = sorted(set(paths))
    found += [f"{path} is listed {paths.count(path)} times: keep one" for path in once if paths.count(path) > 1]
    found += [f"{inner} {lies}" for outer, inner in combinations(once, 2) if (lies := inside(outer, inner))]
    return [f"nfs_server_exports: {problem}" for problem in found]


def _names(item: Mapping[str, Any]) -> list[str]:
    return [client["host"] for client in item["clients"] or [] if is_name(client["host"])]


def _placed(path: str, storage: str) -> list[str]:
    if storage and not path.startswith(f"{storage}/"):
        return [
            f"{path} is not below {storage}, where an NFS server that is a container has its data: choose a path there"
        ]
    own = next((one for one in SYSTEM if path == one or path.startswith(f"{one}/")), "")
    return [f"{path} is of the server's own system ({own}): choose a directory that holds data alone"] if own else []
