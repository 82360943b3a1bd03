# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What swarm-up says at its end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from shlex import quote
from typing import Any

from ..common.text import table
from ..machine import features

USUAL, USUAL_LAB = "inventories/dev", "inventories/lab"  # the Makefile's
NUMBERED = re.compile(r"(.*?)(\d+)")


def there(networks: Iterable[Mapping[str, Any]]) -> list[str]:
    """Those that must not be there are promises too, but nothing to say once they are kept."""
    return sorted(network["name"] for network in networks if network.get("state") != "absent")


def runs(names: Iterable[str]) -> list[str]:
    """The names with each run of numbered ones told by its first and last: 'lab_01 to lab_08'."""
    found: list[list[str]] = []
    for name in names:
        if found and NUMBERED.fullmatch(name) and _follows(found[-1][-1], name):
            found[-1].append(name)
        else:
            found.append([name])
    return [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(run) for run in found]


def _follows(before: str, name: str) -> bool:
    earlier, later = NUMBERED.fullmatch(before), NUMBERED.fullmatch(name)
    if not earlier or not later or earlier[1] != later[1]:
        return False
    return int(earlier[2]) + 1 == int(later[2])


def summary(
    nodes: Iterable[Mapping[str, Any]],
    networks: Iterable[Mapping[str, Any]],
    exports: Iterable[str],
    server: str,
    offers: Mapping[str, Any],
    following: str = "",
    strangers: Iterable[str] = (),
) -> str:
    """The nodes as a table, then a line each for networks, exports, what the kernel lacks, who should not be there, and
    what follows."""
    rows = [("NODE", "STATUS", "ROLE", "ADDRESS", "LABELS")]
    for node in sorted(nodes, key=lambda node: (node["role"], node["name"])):
        labels = " ".join(f"{key}={value}" for key, value in sorted(node["labels"].items()))
        role = f"{node['role']}, leader" if node["leader"] else node["role"]
        status = f"{node['status']}, {node['availability']}"
        rows.append((node["name"], status, role, node["address"], labels))
    lines = ["The swarm is up.", "", table(*rows), ""]
    lines.append(f"Networks: {', '.join(runs(there(networks))) or 'none'}")
    lines.append(f"NFS:      {', '.join(f'{server}:{path}' for path in exports) or 'none'}")
    lines += [f"Kernel:   {line}" for line in (features.consequences(offers) if offers else [])]
    lines += ["", *told] if (told := list(strangers)) else []
    return "\n".join([*lines, *(["", following] if following else [])])


def holdings(found: Mapping[str, Any]) -> str:
    """What there is of a cluster, from a rehearsal of its removal by dind_node; skipped where no engine answered."""
    if "nodes" not in found:
        return "no engine answers here, so what it holds is not known"
    kinds = {"machines": [node["name"] for node in found["nodes"]], **found["removed"]}
    held = [f"{kind} {', '.join(sorted(names))}" for kind, names in kinds.items() if names]
    return "; ".join(held) or "nothing, as there is none of it"


def following(sources: Sequence[str], root: str, host: str) -> str:
    """Which verbs come next, as they are called for the inventory that was used; C(host) is one that can be entered.

    C(sources) are the inventory's paths, and C(root) is where verbs are called, and where the usual inventory is.
    """
    places = _places(sources, root)
    if places == [USUAL]:
        return f"Next: make swarm-status, make exec NODE={host}, make help"
    if len(places) == 1:
        more = f"INVENTORY={quote(places[0])}"
        return f"Next: make swarm-status {more}, make exec NODE={host} {more}, make help"
    return f"Next: ansible-playbook playbooks/swarm-status.yml {_given(places)}"


def following_lab(sources: Sequence[str], root: str, host: str) -> str:
    """The same once a lab is there; its own verbs have another variable for their inventory."""
    places = _places(sources, root)
    if len(places) == 1:
        place = quote(places[0])
        more = "" if places == [USUAL_LAB] else f" LAB={place}"
        verbs = ", ".join(f"make {verb}{more}" for verb in (f"lab-ssh NODE={host}", "lab-status", "lab-down"))
        return f"Next: make swarm-up INVENTORY={place}\n      {verbs}"
    verbs = ", ".join(f"playbooks/{verb}.yml" for verb in ("swarm-up", "lab-status", "lab-down"))
    return f"Next: ansible-playbook {_given(places)}, with {verbs}"


def _places(sources: Sequence[str], root: str) -> list[str]:
    return [path.removeprefix(f"{root}/") for path in sources]


def _given(places: Sequence[str]) -> str:
    return " ".join(f"-i {quote(place)}" for place in places)
