# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Students and their workspaces: what they may be called, which network each has for itself, and how they are doing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..common.errors import Refusal
from ..common.student_names import host_problems, name_problems
from ..common.text import table
from ..common.units import size
from ..image.names import reference
from ..swarm.placement import reason, satisfies
from .access import url

STUDENT = "hydra.swarm.student"  # labels of a workspace's service
NETWORK = "hydra.swarm.student.network"
GPU = "NVIDIA-GPU"
HEADER = ("STUDENT", "STATE", "NODE", "GPU", "IMAGE", "NETWORK", "DATA", "ADDRESS")
View = Mapping[str, Any]


def workspaces(swarm: View) -> dict[str, dict[str, Any]]:
    """The service of each student's workspace, by student."""
    found = {service["labels"].get(STUDENT): service for service in swarm["services"]}
    return {student: found[student] for student in sorted(filter(None, found))}


def allocate(student: str, pool: Sequence[str], swarm: View) -> str:
    """The network of the pool that is this student's alone: the one he has, or the first that nobody has."""
    known = workspaces(swarm)
    taken = {owner: service["labels"].get(NETWORK, "") for owner, service in known.items()}
    there = {network["name"] for network in swarm["networks"]}
    if not pool:
        raise Refusal(
            "student_workspace_networks is empty: list the networks of which every student gets one, and the same ones "
            "in swarm_network_networks"
        )
    others = {network for owner, network in taken.items() if owner != student}
    mine = taken.get(student, "")
    if mine in there and mine not in others:
        return mine
    free = [network for network in pool if network not in others]
    if not free:
        raise Refusal(
            f"no network is free for {student}: each of the {len(pool)} of student_workspace_networks has a student "
            f"({', '.join(sorted(owner for owner in taken if taken[owner] in pool))}). Remove a workspace that is no "
            f"longer used (make student-down STUDENT={_idle(known)}), or list more networks in "
            "student_workspace_networks and run make swarm-up and make deploy-all; that attaches the proxy to them, "
            "which restarts it once"
        )
    made = [network for network in free if network in there]
    if not made:
        raise Refusal(
            f"the swarm has no network {', '.join(free)}: make swarm-up makes what swarm_network_networks lists"
        )
    return made[0]


def _idle(known: Mapping[str, View]) -> str:
    """The student whose workspace is the first to remove: one that does not run, else any."""
    return min(known, key=lambda student: (known[student]["running"] > 0, student))


def homes(swarm: View, constraints: Sequence[str]) -> list[str]:
    """The nodes that are given a student's home: those that answer and may run his workspace, or else all that answer.

    Any other node makes it by itself, as the stack says, should a workspace ever come to it.
    """
    ready = [node for node in swarm["nodes"] if node["status"] == "ready"]
    fit = [node for node in ready if all(satisfies(node, constraint) for constraint in constraints)]
    return [node["name"] for node in fit or ready]


def plan(swarm: View, student: str, wish: View, defaults: View, pool: Sequence[str]) -> dict[str, Any]:
    """What a student's workspace will be: its network, image and GPUs; or else the problems.

    C(wish) and C(defaults) have image and gpus; what is not wished for stays as it is, and a new workspace has the
    defaults. C(defaults) also has the constraints on nodes.
    """
    now = workspaces(swarm).get(student)
    asked = wish.get("gpus")
    gpus: Any = asked if asked not in (None, "") else _count(now) if now else defaults["gpus"]
    found: dict[str, Any] = {
        "student": student,
        "image": wish.get("image") or (now["image"] if now else defaults["image"]),
        "gpus": gpus,
        "network": "",
        # One that is there under such a name can still be changed.
        "problems": name_problems(student=student) or ([] if now else host_problems(student)),
    }
    found["problems"] += _image_problems(found["image"])
    if str(gpus).isdecimal():
        found["gpus"] = int(gpus)
        found["problems"] += _gpu_problems(int(gpus), swarm["nodes"], defaults["constraints"])
    else:
        found["problems"].append(f"GPU {str(gpus)!r}: it must be a number of GPUs, for example GPU=1")
    if not found["problems"]:
        try:
            found["network"] = allocate(student, pool, swarm)
        except Refusal as error:
            found["problems"].append(str(error))
    return found


def _image_problems(image: str) -> list[str]:
    if not image:
        return ["no image is named: IMAGE=name:tag (-e image=name:tag), or student_workspace_image in the inventory"]
    try:
        reference(image)
    except ValueError as error:
        return [str(error)]
    return []


def _gpu_problems(gpus: int, nodes: Iterable[View], constraints: Sequence[str]) -> list[str]:
    """A task runs on one node, which has to have all the GPUs it reserves."""
    if not gpus:
        return []
    fit = [node for node in nodes if all(satisfies(node, constraint) for constraint in constraints)]
    have = {node["name"]: _amount(node["generic_resources"].get(GPU, 0)) for node in fit}
    if any(number >= gpus for number in have.values()):
        return []
    told = ", ".join(f"{name} has {number}" for name, number in have.items()) or "there is no such node"
    where = " and ".join(constraints) or "any labels"
    return [
        f"GPU={gpus}: no node with {where} has {gpus} GPU{'s' * (gpus > 1)} ({told}); ask for fewer, "
        f"or give a node more (its generic resource {GPU})"
    ]


def _amount(resource: Any) -> int:
    """A generic resource is a list of names or a number."""
    return len(resource) if isinstance(resource, list) else int(resource)


def _count(service: View) -> int:
    return _amount(service["reserved"]["generic_resources"].get(GPU, 0))


def removal_problems(swarm: View, student: str) -> list[str]:
    """Why a student's workspace cannot be removed: there is none."""
    known = workspaces(swarm)
    if student in known:
        return []
    listed = f"there {'are' if len(known) > 1 else 'is'} {', '.join(known)}" if known else "there is none at all"
    return name_problems(student=student) or [f"student {student} has no workspace; {listed} (make student-list)"]


def listing(swarm: View, projects: Iterable[View], domain: str, scheme: str) -> list[dict[str, Any]]:
    """Every student who has a workspace or data, by name.

    C(projects) are the directories below the export: student, project, used_bytes and so on.
    """
    known = workspaces(swarm)
    data: dict[str, list[dict[str, Any]]] = {}
    for directory in projects:
        entry = {key: value for key, value in directory.items() if key != "student"}
        data.setdefault(directory["student"], []).append(entry)
    return [
        {"student": student, **_workspace(known.get(student), swarm["nodes"], url(student, domain, scheme))}
        | {"projects": data.get(student, [])}
        for student in sorted({*known, *data})
    ]


def _workspace(service: View | None, nodes: Iterable[View], address: str) -> dict[str, Any]:
    if service is None:
        return {"up": False, "state": "down", "running": 0, "desired": 0, "reason": "", "node": "", "image": ""} | {
            "gpus": 0, "network": "", "url": "",
        }  # fmt: skip
    wanted = [task for task in service["tasks"] if task["desired"] != "shutdown"]
    task = wanted[0] if wanted else {"state": "stopped", "error": "", "node": ""}
    why = reason(task["error"], service, nodes) if task["state"] == "pending" else task["error"]
    return {
        "up": True,
        "state": task["state"],
        "running": service["running"],
        "desired": service["desired"],
        "reason": "" if task["state"] == "running" else why,
        "node": task["node"],
        "image": service["image"],
        "gpus": _count(service),
        "network": service["labels"].get(NETWORK, ""),
        "url": address,
    }


def text(students: Sequence[View], pool: Sequence[str], error: str = "") -> str:
    """The listing for people; C(error) says why the data could not be looked at."""
    if not students:
        parts = ["There is no student yet. Make a workspace with: make student-up STUDENT=student1"]
    else:
        parts = [table(HEADER, *(_row(student) for student in students))]
    parts.append(table(("WAITING", "WHY"), *((one["student"], one["reason"]) for one in students if one["reason"])))
    used = {student["network"] for student in students} & set(pool)
    parts.append(f"{len(used)} of {len(pool)} student networks are in use")
    parts.append(f"The data could not be looked at: {error}" if error else "")
    return "\n\n".join(part for part in parts if part)


def _row(student: View) -> tuple[str, ...]:
    state = f"{student['state']} {student['running']}/{student['desired']}" if student["up"] else "down"
    gpus = str(student["gpus"]) if student["up"] else ""
    data = ", ".join(f"{one['project']} {_use(one)}" for one in student["projects"]) or "-"
    told = (student[key] or "-" for key in ("image", "network"))
    return (student["student"], state, student["node"] or "-", gpus or "-", *told, data, student["url"] or "-")


def _use(directory: View) -> str:
    used = "?" if directory["used_bytes"] is None else size(directory["used_bytes"])
    return f"{used} of {size(directory['quota_bytes'])}" if directory["quota_bytes"] else used
