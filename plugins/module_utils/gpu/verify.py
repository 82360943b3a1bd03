# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A service that reserves one GPU, and whether its task got that one and no other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..common.errors import Refusal
from ..common.owner import OWNER
from .declared import KIND
from .settings import MARK, VARIABLE

NAME = "hydra-gpu-verify"
END = "hydra-gpu-verify: end"
# A shell leaves out variables whose names it cannot write, and this one has a dash; the kernel still knows it.
SCRIPT = f"cat /proc/$$/environ; echo; nvidia-smi -L; echo '{END}'"
SIMULATED_SCRIPT = f"cat /proc/$$/environ; echo; echo '{END}'"
OFFERED = re.compile(r"\(UUID: ((?:GPU|MIG)-[^)]+)\)")
Entry = Mapping[str, Any]


def chosen(nodes: Iterable[Entry], wanted: Sequence[str]) -> list[Entry]:
    """The nodes (see engine.view) that offer GPUs; of the C(wanted) ones, if any are named, each must."""
    offering = [node for node in nodes if node["generic_resources"].get(KIND)]
    names = [node["name"] for node in offering]
    if not offering:
        raise Refusal(
            f"no node of this swarm offers {KIND}: declare its GPUs (swarm_node_gpus), run swarm-up, and look at "
            "'docker node inspect NODE'"
        )
    if lacking := [name for name in wanted if name not in names]:
        raise Refusal(f"{', '.join(lacking)}: offers no {KIND}; those that do are {', '.join(names)}")
    return [node for node in offering if not wanted or node["name"] in wanted]


def simulated(node: Entry) -> bool:
    """Whether the node's GPUs are made up, as its engine says of itself."""
    return bool(node["engine_labels"].get(MARK) == "simulated")


def name(node: Entry) -> str:
    return f"{NAME}-{node['name']}"


def spec(node: Entry, image: str, owner: str) -> dict[str, Any]:
    """The service, as POST /services/create takes it: one task on that node, once."""
    script = SIMULATED_SCRIPT if simulated(node) else SCRIPT
    reserved = [{"DiscreteResourceSpec": {"Kind": KIND, "Value": 1}}]
    return {
        "Name": name(node),
        "Labels": {OWNER: owner},
        "TaskTemplate": {
            "ContainerSpec": {
                "Image": image,
                "Command": ["/bin/sh", "-c", script],
                # The tool that lists GPUs comes with the runtime; which driver an image asks for does not matter here.
                "Env": ["NVIDIA_DRIVER_CAPABILITIES=utility", "NVIDIA_DISABLE_REQUIRE=1"],
            },
            "Resources": {"Reservations": {"GenericResources": reserved}},
            "RestartPolicy": {"Condition": "none"},
            "Placement": {"Constraints": [f"node.id=={node['id']}"]},
        },
        "Mode": {"Replicated": {"Replicas": 1}},
    }


def reserved(task: Entry) -> list[str]:
    """The UUIDs that the swarm gave the task, as it says itself."""
    given = [one.get("NamedResourceSpec") or {} for one in task.get("GenericResources") or []]
    return [str(one["Value"]) for one in given if one.get("Kind") == KIND]


def seen(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """What a task's log says: the UUIDs in its environment, and those that nvidia-smi lists to it."""
    environment = [word for line in lines for word in line.split("\0") if word.startswith(f"{VARIABLE}=")]
    told = [uuid for word in environment for uuid in word.partition("=")[2].split(",") if uuid]
    listed = [match[1] for line in lines for match in [OFFERED.search(line)] if match]
    # Inside a container that has a MIG instance, its GPU is listed above it.
    instances = [uuid for uuid in listed if uuid.startswith("MIG-")]
    return told, instances if any(uuid.startswith("MIG-") for uuid in told) else listed


def problem(given: Sequence[str], lines: Sequence[str], real: bool) -> str:
    """What is wrong with what the task got; empty: it sees exactly the GPU that is reserved for it."""
    told, listed = seen(lines)
    if len(given) != 1:
        return f"the swarm reserved {len(given)} GPUs for one task ({', '.join(given) or 'none'}): one was asked for"
    if told != list(given):
        return (
            f"{VARIABLE} of its container is {','.join(told) or 'not set'}, and {given[0]} is reserved: the engine and "
            "the swarm disagree; restart the engine of that node, drained"
        )
    if not real or listed == list(given):
        return ""
    if not listed:
        said = " ".join(line for line in lines if "\0" not in line and line != END)
        return (
            f"nvidia-smi lists no GPU in its container ({said or 'it printed nothing'}): is nvidia the engine's "
            "default runtime there, and does the image have a shell and the C library?"
        )
    return (
        f"its container sees {len(listed)} GPUs ({', '.join(listed)}), and only {given[0]} is reserved: it takes the "
        f'NVIDIA Container Toolkit 1.19 or later with swarm-resource = "{VARIABLE}" in '
        "/etc/nvidia-container-runtime/config.toml"
    )


def unfinished(task: Entry, lines: Sequence[str]) -> str:
    """Why the task did not run to its end; empty: it did."""
    state, error = task["Status"]["State"], task["Status"].get("Err") or "no reason given"
    if state == "complete":
        return ""
    if state == "pending":
        return f"not verified, since no GPU is free on it ({error}): try again when a service has given one back"
    log = f"; its log ends: {' / '.join(lines[-3:])}" if lines else ""
    return f"not verified, since the task is {state}: {error}{log}"


def report(results: Iterable[Mapping[str, Any]]) -> list[str]:
    """A line for each node."""
    lines = []
    for one in results:
        kind = "simulated GPU, so the reservation alone was checked" if one["simulated"] else "and no other GPU"
        got = f"a task that reserves one GPU gets {', '.join(one['reserved'])} ({kind})"
        lines.append(f"{one['node']}: {one['problem'] or got}")
    return lines
