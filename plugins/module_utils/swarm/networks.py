# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Overlay networks as values: read of what an engine or a module says, and written for an engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..common.owner import OWNER

MTU = "com.docker.network.driver.mtu"


@dataclass(frozen=True)
class Network:
    """A network, wanted or existing; C(subnets) holds one IPv4 subnet at most if it is wanted."""

    name: str
    driver: str = "overlay"
    scope: str = "swarm"
    attachable: bool = True
    internal: bool = False
    encrypted: bool = False
    mtu: int = 0  # 0: what the engine takes, 1450
    subnets: tuple[str, ...] = ()
    gateway: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    id: str = ""

    @property
    def subnet(self) -> str:
        return self.subnets[0] if self.subnets else ""

    @property
    def owner(self) -> str:
        return dict(self.labels).get(OWNER, "")

    def facts(self) -> dict[str, Any]:
        """What the module shows of a network."""
        words = ("name", "id", "driver", "attachable", "internal", "encrypted", "subnet", "gateway")
        set_by_somebody = {"mtu": self.mtu} if self.mtu else {}
        return {**{word: getattr(self, word) for word in words}, **set_by_somebody, "labels": dict(self.labels)}


def pending(networks: Iterable[Network], names: Iterable[str]) -> list[str]:
    """Which networks the swarm has not yet given a subnet; until then they show no driver either."""
    done = {network.name for network in networks if network.scope == "swarm" and network.driver}
    return [name for name in names if name not in done]


def network_of(entry: Mapping[str, Any]) -> Network:
    """Read one element of what GET /networks answers."""
    pools = [pool for pool in (entry.get("IPAM") or {}).get("Config") or [] if ":" not in pool.get("Subnet", ":")]
    options = entry.get("Options") or {}
    encrypted, mtu = options.get("encrypted"), str(options.get(MTU, ""))
    return Network(
        name=entry["Name"],
        driver=entry["Driver"],
        scope=entry["Scope"],
        attachable=entry["Attachable"],
        internal=entry["Internal"],
        encrypted=encrypted is not None and encrypted != "false",
        mtu=int(mtu) if mtu.isdigit() else 0,
        subnets=tuple(pool["Subnet"] for pool in pools),
        gateway=pools[0].get("Gateway", "") if pools else "",
        labels=tuple(sorted((entry.get("Labels") or {}).items())),
        id=entry["Id"],
    )


def network_from(facts: Mapping[str, Any]) -> Network:
    """The network of which a module returned these facts."""
    words = ("name", "id", "driver", "attachable", "internal", "encrypted", "gateway")
    return Network(
        **{word: facts[word] for word in words},
        mtu=facts.get("mtu", 0),
        subnets=(facts["subnet"],) if facts["subnet"] else (),
        labels=tuple(sorted(facts["labels"].items())),
    )


def named(networks: Iterable[Network], name: str) -> Network | None:
    """A name may stand for a network of this engine and one of the swarm; the swarm's is the one services see."""
    found = sorted((one for one in networks if one.name == name), key=lambda one: one.scope == "swarm")
    return found[-1] if found else None


def create_body(network: Network) -> dict[str, Any]:
    """The request that creates a network."""
    pool = {"Subnet": network.subnet, **({"Gateway": network.gateway} if network.gateway else {})}
    return {
        "Name": network.name,
        "CheckDuplicate": True,
        "Driver": network.driver,
        "Scope": network.scope,
        "Attachable": network.attachable,
        "Internal": network.internal,
        "Options": {
            **({"encrypted": ""} if network.encrypted else {}),
            **({MTU: str(network.mtu)} if network.mtu else {}),
        },
        "IPAM": {"Driver": "default", "Config": [pool]} if network.subnet else {"Driver": "default"},
        "Labels": dict(network.labels),
    }
