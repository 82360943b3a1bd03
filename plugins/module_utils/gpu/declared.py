# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The GPUs of a host, as its variable C(swarm_node_gpus) declares them: how many, or which.

The swarm counts a GPU as one named generic resource. A machine that is a container gets simulated ones in its engine's
settings. On a server the GPUs are looked up (module gpu_info), and the variable says what should be found.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..common.label_texts import label_text

KIND = "NVIDIA-GPU"
LABEL = "gpu"
SETTING = "node-generic-resources"
UUID = re.compile(r"(GPU|MIG)(-[0-9a-f]+)+", re.IGNORECASE)
MOST = 64  # far more than a server has: more is a slip of the pen
NUMBER_RULE = f"write how many GPUs it has, 0 to {MOST}, or a list of their UUIDs"
UUID_RULE = "write it as nvidia-smi -L shows it, like GPU-8f2a61c5-0d7b-4c1e-9a35-6e1f0b7c2d94"


def uuids(name: str, declared: Any) -> list[str]:
    """The UUIDs of node C(name)'s GPUs, the same on every run; of a value that is not valid, none (see problems)."""
    if isinstance(declared, list):
        return [] if _invalid(declared) else [str(uuid) for uuid in declared]
    return [_simulated(name, index) for index in range(_number(declared) or 0)]


def renounced(declared: Any) -> bool:
    """Whether the host is said to have none, as 0 or an empty list does; nothing said is another matter."""
    return not _absent(declared) and not _invalid(declared) and not uuids("", declared)


def disagreement(declared: Any, found: list[str]) -> str:
    """How what was found on a server differs from what is declared; empty: in nothing, or nothing is declared."""
    if _absent(declared):
        return ""
    wanted = [uuid.lower() for uuid in uuids("", declared)]
    if isinstance(declared, list):
        agrees, said = sorted(wanted) == sorted(uuid.lower() for uuid in found), ", ".join(map(str, declared)) or "none"
    else:
        agrees, said = len(wanted) == len(found), str(declared)
    if agrees:
        return ""
    return (
        f"swarm_node_gpus declares {said}, and found are {len(found)}: {', '.join(found) or 'none'}. Correct "
        "swarm_node_gpus, or leave it out to offer what is found; if a GPU is missing, look at nvidia-smi -L"
    )


def with_resources(settings: Any, name: str, declared: Any) -> Any:
    """An engine's settings with the node's GPUs among its generic resources."""
    found = uuids(name, declared)
    if not found or not isinstance(settings, Mapping):
        return settings
    ours = [f"{KIND}={uuid}" for uuid in found]
    return {**settings, SETTING: [*(entry for entry in listed(settings) if entry not in ours), *ours]}


def with_label(labels: Any, declared: Any) -> Any:
    """A node's labels, with that of a node that has GPUs where it has some; one that is there already stays."""
    if not isinstance(labels, Mapping) or LABEL in labels or not uuids("", declared):
        return labels
    return {**labels, LABEL: "true"}


def problems(declared: Any, labels: Any) -> list[str]:
    """Every rule that one host's C(swarm_node_gpus) breaks, also together with the labels it is to have."""
    invalid = _invalid(declared)
    if invalid or _absent(declared):
        return invalid
    number = len(uuids("", declared))
    label = labels.get(LABEL) if isinstance(labels, Mapping) else None
    if label is None or (_text(label) == "true") is (number > 0):
        return []
    return [
        f"label {LABEL} is '{_text(label)}', but swarm_node_gpus says {number}: leave {LABEL} out of "
        "swarm_node_labels, it follows from swarm_node_gpus"
    ]


def doubled(settings: Any, name: str, declared: Any) -> list[str]:
    """What a machine's engine settings (see with_resources) have of GPUs besides those that are declared."""
    ours = {f"{KIND}={uuid}" for uuid in uuids(name, declared)}
    others = [entry for entry in listed(settings) if entry.startswith(f"{KIND}=") and entry not in ours]
    if not ours or not others:
        return []
    return [
        f"dind_node_settings lists {', '.join(others)}, and swarm_node_gpus declares {len(ours)} more: declare all "
        "GPUs in swarm_node_gpus"
    ]


def shared(declared: Iterable[tuple[str, Any]]) -> list[str]:
    """UUIDs that are declared more than once, from C((node, swarm_node_gpus)) pairs: a UUID is that of one GPU."""
    owners: dict[str, list[str]] = {}
    spelt: dict[str, str] = {}
    for name, value in declared:
        for uuid in uuids(name, value):
            owners.setdefault(spelt.setdefault(uuid.lower(), uuid), []).append(name)
    return [
        f"swarm_node_gpus lists {uuid} {len(names)} times, for {' and '.join(sorted(set(names)))}: each GPU has a UUID "
        "of its own"
        for uuid, names in sorted(owners.items())
        if len(names) > 1
    ]


def _invalid(declared: Any) -> list[str]:
    if isinstance(declared, list):
        return [
            f"swarm_node_gpus lists '{uuid}', which is no GPU's UUID: {UUID_RULE}"
            for uuid in declared
            if not isinstance(uuid, str) or not UUID.fullmatch(uuid)
        ]
    if _absent(declared):
        return []
    number = _number(declared)
    return [] if number is not None else [f"swarm_node_gpus '{declared}' is no number of GPUs: {NUMBER_RULE}"]


def _absent(declared: Any) -> bool:
    return declared is None or declared == ""


def _number(declared: Any) -> int | None:
    """How many: a whole number, or the text of one, as the command line gives it; None for anything else."""
    if isinstance(declared, bool) or not isinstance(declared, (int, str)):
        return None
    text = str(declared).strip()
    return int(text) if re.fullmatch(r"[0-9]{1,3}", text) and int(text) <= MOST else None


def _simulated(name: str, index: int) -> str:
    """Looks like a real one, and is the same on every run, so that no run finds the engine's settings changed."""
    digits = hashlib.sha256(f"{name}/{index}".encode()).hexdigest()
    return "GPU-" + "-".join(digits[start:end] for start, end in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)))


def listed(settings: Any) -> list[str]:
    """The generic resources that engine settings already have."""
    found = settings.get(SETTING) if isinstance(settings, Mapping) else None
    return [str(entry) for entry in found] if isinstance(found, list) else [str(found)] if found else []


def _text(label: Any) -> str:
    try:
        return label_text(label)
    except ValueError:
        return str(label)
