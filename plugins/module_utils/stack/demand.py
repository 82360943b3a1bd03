# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a service of a stack asks of the nodes: how many tasks, where, with which ports and resources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..common.units import octets
from ..swarm.placement import eligible

Node = Mapping[str, Any]


@dataclass(frozen=True)
class Port:
    """A port that a service publishes; C(published) 0 is one that is chosen when it starts."""

    published: int
    target: int
    protocol: str
    mode: str

    @property
    def name(self) -> str:
        """How people call it."""
        number = str(self.published or "(random)")
        return number if self.protocol == "tcp" else f"{number}/{self.protocol}"

    def clashes(self, other: Port) -> bool:
        """Whether both ask for the same number."""
        return bool(self.published) and (self.published, self.protocol) == (other.published, other.protocol)


@dataclass(frozen=True)
class StackService:
    """A service of a normalised stack file, as far as its placement depends on it."""

    name: str
    mode: str
    replicas_given: int | None
    constraints: tuple[str, ...]
    max_per_node: int
    endpoint_mode: str
    ports: tuple[Port, ...]
    cpus: float
    memory: int
    generic: Mapping[str, int]

    @property
    def replicas(self) -> int:
        return 1 if self.replicas_given is None else self.replicas_given

    @property
    def host_ports(self) -> list[Port]:
        """Those that a node can have once."""
        return [port for port in self.ports if port.mode == "host" and port.published]

    def eligible(self, nodes: Iterable[Node]) -> list[Node]:
        return eligible(nodes, self.constraints)

    def tasks(self, nodes: Iterable[Node]) -> int:
        """How many of its tasks have to run at the same time; those of a job may wait for each other."""
        if self.mode == "replicated":
            return self.replicas
        return len(self.eligible(nodes)) if self.mode == "global" else min(self.replicas, 1)


def service_of(name: str, service: Mapping[str, Any]) -> StackService:
    """Read one service of a normalised stack file."""
    deploy = service.get("deploy") or {}
    placement = deploy.get("placement") or {}
    reserved = (deploy.get("resources") or {}).get("reservations") or {}
    generic: dict[str, int] = {}
    for entry in reserved.get("generic_resources") or []:
        asked = entry["discrete_resource_spec"]
        generic[asked["kind"]] = generic.get(asked["kind"], 0) + int(asked["value"])
    replicas = deploy.get("replicas")
    return StackService(
        name,
        mode=str(deploy.get("mode") or "replicated"),
        replicas_given=None if replicas is None else int(replicas),
        constraints=tuple(str(constraint) for constraint in placement.get("constraints") or []),
        max_per_node=int(placement.get("max_replicas_per_node") or 0),
        endpoint_mode=str(deploy.get("endpoint_mode") or ""),
        ports=tuple(port_of(port) for port in service.get("ports") or []),
        cpus=float(reserved.get("cpus") or 0),
        memory=octets(reserved.get("memory") or 0) or 0,
        generic=generic,
    )


def port_of(port: Mapping[str, Any]) -> Port:
    """Read one element of a service's ports, here or as the swarm lists them."""
    return Port(
        int(port.get("published") or 0),
        int(port["target"]),
        str(port.get("protocol") or "tcp"),
        str(port.get("mode") or "ingress"),
    )
