# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The keys of a service that Swarm knows, and the form that each value is given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .kinds import (
    anything,
    boolean,
    choice,
    command,
    count,
    duration,
    file_mode,
    integer,
    listing,
    mapping,
    number,
    one_or_many,
    pairs,
    record,
    size,
    text,
    texts,
)
from .ports import ports
from .report import Path, Report
from .volumes import tmpfs


def _cpus(value: Any, path: Path, report: Report) -> str:
    number(value, path, report)
    return str(value)


def _devices(_value: Any, _path: Path, _report: Report) -> None:
    raise ValueError(
        "Swarm reserves no devices; reserve a generic resource: generic_resources: [{discrete_resource_spec: {kind: "
        "NVIDIA-GPU, value: 1}}]"
    )


def _generic_resources(value: Any, path: Path, report: Report) -> list[dict[str, Any]]:
    """Reservations; one of 0 is none, so that the number may be a variable."""
    entry = record({"discrete_resource_spec": record({"kind": text, "value": count})})
    return [one for one in listing(entry)(value, path, report) if one.get("discrete_resource_spec", {}).get("value")]


def _ulimit(value: Any, path: Path, report: Report) -> Any:
    if not isinstance(value, Mapping):
        return integer(value, path, report)
    limits = record({"soft": integer, "hard": integer})(value, path, report)
    for key in {"soft", "hard"} - set(value):
        raise ValueError(f"{key} is missing; write a number, or both soft and hard")
    return limits


def _hosts(value: Any, path: Path, report: Report) -> list[str]:
    """C(host:address), also where C(host=address) or a mapping is written."""
    if isinstance(value, Mapping):
        found = []
        for host, addresses in mapping(one_or_many(text))(value, path, report).items():
            found += [f"{host}:{address}" for address in addresses or []]
        return sorted(found)
    return [re.sub(r"^([^:=]+)=", r"\1:", item) for item in listing(text)(value, path, report)]


def _networks(value: Any, path: Path, report: Report) -> dict[str, Any]:
    if isinstance(value, list):
        return {name: {} for name in listing(text)(value, path, report)}
    fields = ("ipv4_address", "ipv6_address", "driver_opts", "link_local_ips", "mac_address", "priority", "gw_priority")
    ignored = {key: f"Swarm ignores {key}" for key in (*fields, "interface_name")}
    found = mapping(record({"aliases": listing(text)}, ignored))(value, path, report)
    return {name: entry or {} for name, entry in found.items()}


def _reference(value: Any, path: Path, report: Report) -> dict[str, Any]:
    """A config or secret as a service mounts it."""
    if not isinstance(value, Mapping):
        return {"source": text(value, path, report)}
    fields = {"source": text, "target": text, "uid": text, "gid": text, "mode": file_mode}
    found: dict[str, Any] = record(fields)(value, path, report)
    if value.get("source") is None:
        raise ValueError("source is missing: the key of a config or secret")
    return found


def _env_file(value: Any, path: Path, report: Report) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {"required": True, **record({"path": text, "required": boolean, "format": text})(value, path, report)}
    return {"path": text(value, path, report), "required": True}


_UPDATE = record(
    {
        "parallelism": count,
        "delay": duration,
        "failure_action": choice("pause", "continue", "rollback"),
        "monitor": duration,
        "max_failure_ratio": number,
        "order": choice("start-first", "stop-first"),
    }
)
_DEPLOY = record(
    {
        "mode": choice("replicated", "global", "replicated-job", "global-job"),
        "replicas": count,
        "labels": texts,
        "endpoint_mode": choice("vip", "dnsrr"),
        "update_config": _UPDATE,
        "rollback_config": _UPDATE,
        "resources": record(
            {
                "limits": record({"cpus": _cpus, "memory": size, "pids": integer}),
                "reservations": record(
                    {"cpus": _cpus, "memory": size, "generic_resources": _generic_resources, "devices": _devices}
                ),
            }
        ),
        "restart_policy": record(
            {
                "condition": choice("none", "on-failure", "any"),
                "delay": duration,
                "max_attempts": count,
                "window": duration,
            }
        ),
        "placement": record(
            {
                "constraints": listing(text),
                "preferences": listing(record({"spread": text})),
                "max_replicas_per_node": count,
            }
        ),
    }
)
_HEALTHCHECK = record(
    {
        "test": command,
        "interval": duration,
        "timeout": duration,
        "start_period": duration,
        "start_interval": duration,
        "retries": count,
        "disable": boolean,
    }
)
FIELDS = {
    "cap_add": listing(text),
    "cap_drop": listing(text),
    "command": command,
    "configs": listing(_reference),
    "credential_spec": record({"config": text, "file": text, "registry": text}),
    "deploy": _DEPLOY,
    "dns": one_or_many(text),
    "dns_search": one_or_many(text),
    "entrypoint": command,
    "env_file": one_or_many(_env_file),
    "environment": pairs,
    "extra_hosts": _hosts,
    "healthcheck": _HEALTHCHECK,
    "hostname": text,
    "image": text,
    "init": boolean,
    "isolation": text,
    "labels": texts,
    "logging": record({"driver": text, "options": texts}),
    "networks": _networks,
    "ports": ports,
    "read_only": boolean,
    "restart": text,
    "scale": count,
    "secrets": listing(_reference),
    "stdin_open": boolean,
    "stop_grace_period": duration,
    "stop_signal": text,
    "sysctls": texts,
    "tmpfs": tmpfs,
    "tty": boolean,
    "ulimits": mapping(_ulimit),
    "user": text,
    "volumes": anything,
    "working_dir": text,
}
