# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Taking a node out of service for a while, and putting it back as it was.

What it was is kept as a label of the node, set in the same update as the drain and removed in the one that ends it. So
a run that is interrupted in between is finished by the next one, and a node that somebody had drained stays drained.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...common.change import Change
from ...common.errors import Refusal
from ...engine.nodes import Node, titles
from ...engine.packages import matches, upstream
from ..labels import MAINTENANCE as LABEL
from ..members import managers
from ..quorum import quorum

AVAILABILITIES = ("active", "pause", "drain")
View = Mapping[str, Any]


def begun(node: Node) -> dict[str, Any]:
    """The fields of the node's spec that take it out of service; what was noted before is not noted anew."""
    return {"Availability": "drain", "Labels": {**node.labels, LABEL: node.labels.get(LABEL, node.availability)}}


def ended(node: Node) -> dict[str, Any]:
    """The fields that put it back as it was; none if no maintenance began."""
    was = node.labels.get(LABEL)
    if was is None:
        return {}
    if was not in AVAILABILITIES:
        raise Refusal(
            f"node {node.name}: label {LABEL} is '{was}', which is no availability ({', '.join(AVAILABILITIES)}); "
            f"remove it (docker node update --label-rm {LABEL} {node.name}) and set the availability by hand"
        )
    return {"Availability": was, "Labels": {key: value for key, value in node.labels.items() if key != LABEL}}


def plan(nodes: Iterable[Node], state: str) -> Change:
    """Availability and labels of these nodes before and after."""
    before, after = {}, {}
    for node in nodes:
        fields = begun(node) if state == "begin" else ended(node)
        before[node.name] = {"availability": node.availability, "labels": dict(node.labels)}
        after[node.name] = {
            "availability": fields.get("Availability", node.availability),
            "labels": dict(fields.get("Labels", node.labels)),
        }
    return Change(before, after)


def way(host: str, managers: Sequence[str], asked: Iterable[View]) -> dict[str, str]:
    """The manager C(through) whom the swarm is asked about this host, or a C(refusal) where none answers.

    Another manager sees the host go and come back, so it comes first; a lone one has to do it itself. C(asked) are the
    results of engine_host_info on others, each with the C(item) that it was asked.
    """
    swarms = [(str(one["item"]), ((one.get("engine") or {}).get("swarm") or {})) for one in asked]
    through = [name for name, swarm in swarms if swarm.get("manager")] + [name for name in managers if name == host]
    if through:
        return {"through": through[0], "refusal": ""}
    return {
        "through": "",
        "refusal": f"No manager of the swarm answers ({', '.join(managers)}), so {host} cannot be drained, and "
        "its engine is left as it is. Bring a manager back, then run this again.",
    }


def refusal(nodes: Sequence[Node], node: Node) -> str:
    """Why this node's engine cannot be stopped now; empty: it can.

    A swarm of one or two managers always loses its majority for that moment, and has it back afterwards: tasks go on
    meanwhile. That is allowed as long as every manager is there to come back to.
    """
    alive = managers(nodes)
    if not alive.get(node.id):  # no manager, or one that is missing already: stopping it changes nothing
        return ""
    others = [one for one in alive if one != node.id]
    left, needed = sum(alive[one] for one in others), quorum(len(alive))
    if left >= needed or (len(alive) <= 2 and all(alive.values())):
        return ""
    names = titles(nodes)
    dead = ", ".join(sorted(names[one] for one in others if not alive[one]))
    return (
        f"while the engine of {node.name} is stopped, {left} of the swarm's {len(alive)} managers would be reachable, "
        f"and {needed} have to be: bring back {dead} first, or remove it from the swarm"
    )


def under_maintenance(nodes: Iterable[Node]) -> list[Node]:
    return [node for node in nodes if LABEL in node.labels]


def missing(node: Node, engine: str = "") -> str:
    """What is lacking until a node is back, in a few words: Ready, a manager that answers, of that engine's version."""
    if not node.ready:
        return f"{node.name} is {node.status}"
    if not node.has_role(node.role):
        return f"{node.name} is {node.manager or 'not yet reachable'} as {node.role}"
    if engine and not (matches(node.engine, engine) or upstream(node.engine) == upstream(engine)):
        return f"{node.name} is listed with engine {node.engine}, not {engine}"
    return ""


def lacking(view: View) -> dict[str, int]:
    """How many tasks each service lacks, mostly 0; jobs, which end, are left out."""
    return {
        service["name"]: max(0, service["desired"] - service["running"])
        for service in view["services"]
        if service["mode"] in ("replicated", "global")
    }


def unserved(now: View, accepted: Mapping[str, int]) -> list[str]:
    """The services that lack more tasks than they did before, a few words each; new ones are their makers' to mend."""
    short = lacking(now)
    return [
        f"{service['name']} runs {service['running']} of {service['desired']} tasks{_why(service)}"
        for service in now["services"]
        if service["name"] in accepted and short.get(service["name"], 0) > int(accepted[service["name"]])
    ]


def _why(service: Mapping[str, Any]) -> str:
    errors = sorted({task["error"] for task in service["tasks"] if task["error"] and task["state"] != "running"})
    return f" ({'; '.join(errors)})" if errors else ""
