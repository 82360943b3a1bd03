# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A stack as kernels and engines that lack something can run it: the same services, reached and stored another way.

What it brings that could never run is a problem, to be refused. The document then lacks what was refused, so that no
later check says the same again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..common.errors import Refusal
from ..swarm.placement import takes_tasks, trouble
from . import start_interval
from .adapt_nfs import binds_for_nfs, nothing_copied
from .demand import Port, StackService, service_of

MODES = ("auto", "always", "never")
JOBS = ("replicated-job", "global-job")
REMEDY = "put one proxy that publishes it in front, or publish no port"
Node = Mapping[str, Any]
Document = dict[str, Any]


@dataclass(frozen=True)
class Adapted:
    """The stack as it is to be deployed, what was changed in it, and why it cannot be."""

    document: Document
    lines: list[str]
    problems: list[str]


def adapt(
    document: Mapping[str, Any],
    features: Mapping[str, Any],
    nodes: Iterable[Node],
    storage: Mapping[str, Any],
    mode: str = "auto",
) -> Adapted:
    """The stack for a kernel with these features (a normalised document; see machine.features for the features).

    C(nodes) are the swarm's, C(storage) says who the NFS server is (servers), where every node has
    its storage mounted, if they have (path), and on which of its exports root is nobody (squashed).
    C(mode) is auto, always (as if the kernel had neither IPVS nor an NFS client) or never (as it is written).
    """
    if mode not in MODES:
        raise Refusal(f"adaptation '{mode}' is none of {', '.join(MODES)}")
    adapted: Document = _copied(document)
    if mode == "never":
        return Adapted(adapted, [], [])
    forced = mode == "always"
    lines: list[str] = []
    problems: list[str] = []
    nodes = list(nodes)
    if forced or not features.get("ipvs", True):
        lines, problems = _without_ipvs(adapted, nodes, _why("IPVS", forced))
    if forced or not features.get("nfs_client", True):
        more, wrong = binds_for_nfs(adapted, storage, _why("an NFS client", forced))
        lines, problems = lines + more, problems + wrong
    else:
        lines += nothing_copied(adapted, storage)
    lines += start_interval.leave_out(adapted, nodes)
    return Adapted(adapted, lines, problems)


def _copied(value: Any) -> Any:
    """Every part anew, also where two services share one (an anchor of YAML), since each is changed by itself."""
    if isinstance(value, Mapping):
        return {key: _copied(part) for key, part in value.items()}
    return [_copied(part) for part in value] if isinstance(value, list) else value


def _why(feature: str, forced: bool) -> str:
    return f"as if without {feature}" if forced else f"no {feature.removeprefix('an ')}"


def _without_ipvs(document: Document, nodes: list[Node], why: str) -> tuple[list[str], list[str]]:
    """No virtual IPs: names stand for the tasks' addresses, and a port is one of the node that the task runs on."""
    services = {name: service_of(name, one) for name, one in sorted((document.get("services") or {}).items())}
    refused: dict[str, set[Port]] = {name: set() for name in services}
    problems = _conflicts(services, nodes, why, refused)
    lines: list[str] = []
    for name, asked in services.items():
        service = document["services"][name]
        lines += _adapted(service, asked, why)
        _leave_out(service, asked, refused[name])
        if any(port.published for port in asked.ports):
            lines += _orders(service, asked, nodes)
    return lines, problems


def _adapted(service: Document, asked: StackService, why: str) -> list[str]:
    """Change one service; the line that says so."""
    changes, deploy = [], service.setdefault("deploy", {})
    if asked.endpoint_mode != "dnsrr":
        deploy["endpoint_mode"] = "dnsrr"
        changes.append("endpoint_mode dnsrr")
    moved = [port for port in asked.ports if port.mode == "ingress"]
    for port in service.get("ports") or []:
        port["mode"] = "host"
    if moved:
        one = asked.mode == "replicated" and asked.replicas == 1
        where = "the node its task runs on" if one else "the nodes its tasks run on"
        fixed = [port.name for port in moved if port.published]
        names = [f"port{'s' * (len(fixed) > 1)} {', '.join(fixed)}"] if fixed else []
        names += [f"a random port for {port.target}" for port in moved if not port.published]
        changes.append(f"{' and '.join(names)} in host mode (answer{'s' * (len(moved) == 1)} only on {where})")
    return [f"{asked.name}: {why}, so {' and '.join(changes)}"] if changes else []


def _leave_out(service: Document, asked: StackService, refused: set[Port]) -> None:
    pairs = zip(service.get("ports") or [], asked.ports, strict=True)
    kept = [port for port, read in pairs if read not in refused]
    if refused:
        service["ports"] = kept


def _orders(service: Document, asked: StackService, nodes: list[Node]) -> list[str]:
    """A task that has to start before the old one ends needs a node whose port the old ones do not keep."""
    spare = asked.mode == "replicated" and len(asked.eligible(nodes)) > asked.replicas
    if spare or asked.mode in JOBS:
        return []
    lines, taken = [], ", ".join(port.name for port in asked.ports if port.published)
    for config in ("update_config", "rollback_config"):
        if ((service.get("deploy") or {}).get(config) or {}).get("order") == "start-first":
            service["deploy"][config]["order"] = "stop-first"
            lines.append(
                f"{asked.name}: {config} order stop-first, not start-first (a new task would wait for port {taken}, "
                "which the old one keeps, and no other node is left)"
            )
    return lines


def _conflicts(
    services: Mapping[str, StackService], nodes: list[Node], why: str, refused: Mapping[str, set[Port]]
) -> list[str]:
    """What a port of its node cannot do and one of the swarm could; the ports are noted in C(refused)."""
    problems = []
    for name, asked in services.items():
        ports = [port for port in asked.ports if port.mode == "ingress" and port.published]
        able = asked.eligible(nodes)
        if ports and able and asked.mode == "replicated" and asked.replicas > len(able):
            refused[name].update(ports)
            names = ", ".join(port.name for port in ports)
            problems.append(
                f"{name}: {asked.replicas} replicas, but a node can publish port {names} once ({why}), and "
                f"{_those(able, nodes, asked)}: ask for {len(able)} replica{'s' * (len(able) != 1)} at most, {REMEDY}"
            )
        for other in (services[key] for key in services if key > name):
            both = {str(node["name"]) for node in able} & {str(node["name"]) for node in other.eligible(nodes)}
            for port in asked.ports:
                rivals = [theirs for theirs in other.ports if port.clashes(theirs)]
                if not rivals or not both or (port.mode, rivals[0].mode) == ("host", "host"):
                    continue
                refused[other.name].update(rivals)
                problems.append(
                    f"{name} and {other.name}: both publish port {port.name}, which a node can do for one of them "
                    f"({why}), and both may run on {', '.join(sorted(both))}: give one another port, or {REMEDY}"
                )
    return problems


def _those(able: list[Node], nodes: list[Node], asked: StackService) -> str:
    """How many nodes there are for the service, by name, and which others take no tasks."""
    names = ", ".join(sorted(str(node["name"]) for node in able))
    out = [node for node in nodes if not takes_tasks(node) and node not in able and asked.eligible([node])]
    others = "".join(f"; {node['name']} is {trouble(node)}" for node in sorted(out, key=lambda node: str(node["name"])))
    count = f"{len(able)} node{'s' * (len(able) != 1)}"
    if asked.constraints:
        return f"{count} meet{'s' * (len(able) == 1)} its constraints ({names}{others})"
    return f"the swarm has {count} for it ({names}{others})"
