# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A service as people compare it: the same few settings read of a stack file and of a service that is deployed.

What is compared here is shown as a diff, and finds what somebody changed by hand. It need not be everything: the digest
(stack.render) sees all that changes in the file. What an engine fills in by itself counts as not set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..common.owner import OWNER
from ..common.units import octets
from ..engine.view import IMAGE, MODES, STACK
from .units import nano_cpus, nanoseconds, spoken

DIGEST = "hydra.swarm.digest"
STACK_IMAGE = "com.docker.stack.image"  # what docker stack deploy was given last
CHECK_TIMES = ("interval", "timeout", "start_period", "start_interval")
PACED = "hydra.swarm.paced"  # service_update set the delay between tasks, which the file leaves at none
INTERNAL = (STACK, STACK_IMAGE, DIGEST, OWNER, IMAGE, PACED)
UPDATE = {
    "parallelism": 1,
    "delay": 0,
    "failure_action": "pause",
    "monitor": 5 * 10**9,
    "max_failure_ratio": 0,
    "order": "stop-first",
}
Entry = Mapping[str, Any]
View = dict[str, Any]


def of_document(stack: str, key: str, document: Entry, image_id: str = "") -> View:
    """The view of one service of a normalised stack file; C(image_id) is what its image is pinned to."""
    service = document["services"][key]
    deploy = service.get("deploy") or {}
    placement, resources = deploy.get("placement") or {}, deploy.get("resources") or {}
    limits, reserved = resources.get("limits") or {}, resources.get("reservations") or {}
    mode = deploy.get("mode") or "replicated"
    return _set(
        {
            "image": service["image"],
            "image_id": image_id,
            "entrypoint": _words(service.get("entrypoint")),
            "command": _words(service.get("command")),
            "env": dict(service.get("environment") or {}),
            "labels": {k: v for k, v in (deploy.get("labels") or {}).items() if k not in INTERNAL},
            "container_labels": dict(service.get("labels") or {}),
            "mode": mode,
            "replicas": deploy.get("replicas", 1) if mode.startswith("replicated") else None,
            "constraints": sorted(placement.get("constraints") or []),
            "preferences": [part.get("spread", "") for part in placement.get("preferences") or []],
            "max_per_node": placement.get("max_replicas_per_node"),
            "endpoint_mode": deploy.get("endpoint_mode") or "vip",
            "ports": sorted(
                _port(port.get("published"), port["target"], port.get("protocol"), port.get("mode"))
                for port in service.get("ports") or []
            ),
            "networks": {
                object_name(stack, name, document.get("networks")): sorted({*(given or {}).get("aliases", [])} - {key})
                for name, given in (service.get("networks") or {}).items()
            },
            "mounts": {
                mount["target"]: _mount(stack, mount, document.get("volumes")) for mount in service.get("volumes") or []
            },
            **{
                kind: {
                    object_name(stack, part["source"], document.get(kind)): part.get("target") or part["source"]
                    for part in service.get(kind) or []
                }
                for kind in ("configs", "secrets")
            },
            "limits": _resources(limits.get("cpus"), limits.get("memory"), pids=limits.get("pids")),
            "reservations": _resources(
                reserved.get("cpus"), reserved.get("memory"), _asked(reserved.get("generic_resources"))
            ),
            "healthcheck": _healthcheck(service.get("healthcheck")),
            "update": _update(deploy.get("update_config")),
            "rollback": _update(deploy.get("rollback_config")),
            "user": str(service.get("user") or ""),
            "hostname": service.get("hostname"),
            "working_dir": service.get("working_dir"),
            "stop_signal": service.get("stop_signal"),
            "stop_grace_period": spoken(nanoseconds(service.get("stop_grace_period"))),
            "read_only": bool(service.get("read_only")),
        }
    )


def of_service(spec: Entry, networks: Mapping[str, str]) -> View:
    """The view of a service that is deployed; C(networks) are names by ID."""
    template = spec["TaskTemplate"]
    container = template.get("ContainerSpec") or {}
    labels = spec.get("Labels") or {}
    placement, resources = template.get("Placement") or {}, template.get("Resources") or {}
    limits, reserved = resources.get("Limits") or {}, resources.get("Reservations") or {}
    endpoint = spec.get("EndpointSpec") or {}
    kind = next(kind for kind in MODES if kind in spec["Mode"])
    mode = spec["Mode"][kind] or {}
    name = spec["Name"].removeprefix(f"{labels.get(STACK, '')}_")
    pinned = container.get("Image", "") if container.get("Image", "").startswith("sha256:") else ""
    return _set(
        {
            "image": labels.get(IMAGE) or container.get("Image", "") if pinned else container.get("Image", ""),
            "image_id": pinned,
            "entrypoint": container.get("Command"),
            "command": container.get("Args"),
            "env": dict(_pair(line) for line in container.get("Env") or []),
            "labels": {key: value for key, value in labels.items() if key not in INTERNAL},
            "container_labels": {k: v for k, v in (container.get("Labels") or {}).items() if k != STACK},
            "mode": MODES[kind],
            "replicas": mode.get("Replicas", mode.get("TotalCompletions", 1)) if "Replicated" in kind else None,
            "constraints": sorted(placement.get("Constraints") or []),
            "preferences": [
                (part.get("Spread") or {}).get("SpreadDescriptor", "") for part in placement.get("Preferences") or []
            ],
            "max_per_node": placement.get("MaxReplicas"),
            "endpoint_mode": endpoint.get("Mode") or "vip",
            "ports": sorted(
                _port(port.get("PublishedPort"), port["TargetPort"], port.get("Protocol"), port.get("PublishMode"))
                for port in endpoint.get("Ports") or []
            ),
            "networks": {
                networks.get(part["Target"], part["Target"]): sorted({*(part.get("Aliases") or [])} - {name})
                for part in template.get("Networks") or spec.get("Networks") or []
            },
            "mounts": {mount["Target"]: _mounted(mount) for mount in container.get("Mounts") or []},
            **{
                words.lower() + "s": {
                    part[f"{words}Name"]: (part.get("File") or {}).get("Name")
                    for part in container.get(f"{words}s") or []
                    if part.get("File")
                }
                for words in ("Config", "Secret")
            },
            "limits": _resources(limits.get("NanoCPUs", 0) / 1e9, limits.get("MemoryBytes"), pids=limits.get("Pids")),
            "reservations": _resources(
                reserved.get("NanoCPUs", 0) / 1e9, reserved.get("MemoryBytes"), _given(reserved.get("GenericResources"))
            ),
            "healthcheck": _checked(container.get("Healthcheck")),
            "update": _updated({**(spec.get("UpdateConfig") or {}), **({"Delay": 0} if PACED in labels else {})}),
            "rollback": _updated(spec.get("RollbackConfig")),
            "user": container.get("User"),
            "hostname": container.get("Hostname"),
            "working_dir": container.get("Dir"),
            "stop_signal": container.get("StopSignal"),
            "stop_grace_period": spoken(container.get("StopGracePeriod")),
            "read_only": bool(container.get("ReadOnly")),
        }
    )


def _set(view: View) -> View:
    return {key: value for key, value in view.items() if value not in (None, "", 0, False, [], {})} | (
        {"replicas": 0} if view["replicas"] == 0 else {}
    )


def _words(command: Any) -> Any:
    return [str(word) for word in command] if isinstance(command, list) else command


def _pair(line: str) -> tuple[str, str]:
    key, _equals, value = line.partition("=")
    return key, value


def _port(published: Any, target: Any, protocol: Any, mode: Any) -> str:
    return f"{published or 'any'}->{target}/{protocol or 'tcp'} ({mode or 'ingress'})"


def object_name(stack: str, key: str, definitions: Entry | None) -> str:
    """The real name of a network, volume, config or secret that the file calls C(key)."""
    given = (definitions or {}).get(key) or {}
    if given.get("name"):
        return str(given["name"])
    external = given.get("external")
    if external:
        return str(external.get("name", key)) if isinstance(external, Mapping) else key
    return f"{stack}_{key}"


def _mount(stack: str, mount: Entry, volumes: Entry | None) -> View:
    source = mount.get("source") or ""
    found: View = {"type": mount["type"], "source": source, "read_only": bool(mount.get("read_only"))}
    definition = (volumes or {}).get(source) or {}
    if mount["type"] == "volume" and source:
        found["source"] = object_name(stack, source, volumes)
        if not definition.get("external"):
            found |= {"driver": definition.get("driver"), "options": _texts(definition.get("driver_opts"))}
    if mount["type"] == "tmpfs":
        found["source"] = ""
    return {key: value for key, value in found.items() if value}


def _mounted(mount: Entry) -> View:
    driver = (mount.get("VolumeOptions") or {}).get("DriverConfig") or {}
    found = {
        "type": mount.get("Type"),
        "source": mount.get("Source"),
        "read_only": bool(mount.get("ReadOnly")),
        "driver": driver.get("Name"),
        "options": driver.get("Options"),
    }
    return {key: value for key, value in found.items() if value}


def _texts(options: Entry | None) -> dict[str, str]:
    return {key: str(value) for key, value in (options or {}).items()}


def _resources(cpus: Any, memory: Any, generic: Entry | None = None, pids: Any = None) -> View:
    amounts = {"cpus": nano_cpus(cpus) / 1e9 if nano_cpus(cpus) != cpus or not cpus else cpus}
    found = {**amounts, "memory": octets(memory or 0), "pids": pids, "generic": dict(generic or {})}
    return {key: value for key, value in found.items() if value}


def _asked(generic: Iterable[Entry] | None) -> dict[str, int]:
    parts = [part.get("discrete_resource_spec") or {} for part in generic or []]
    return {part["kind"]: int(part["value"]) for part in parts if "kind" in part}


def _given(generic: Iterable[Entry] | None) -> dict[str, int]:
    parts = [part.get("DiscreteResourceSpec") or {} for part in generic or []]
    return {part["Kind"]: int(part["Value"]) for part in parts if "Kind" in part}


def _healthcheck(check: Entry | None) -> View:
    check = check or {}
    test = check.get("test")
    if check.get("disable"):
        return {"test": ["NONE"]}
    found = {
        "test": ["CMD-SHELL", test] if isinstance(test, str) else test,
        **{
            key: spoken(nanoseconds(check.get(key)))
            for key in ("interval", "timeout", "start_period", "start_interval")
        },
        "retries": int(check.get("retries") or 0),
    }
    return {key: value for key, value in found.items() if value}


def _checked(check: Entry | None) -> View:
    check = check or {}
    found = {
        "test": check.get("Test"),
        "interval": spoken(check.get("Interval")),
        "timeout": spoken(check.get("Timeout")),
        "start_period": spoken(check.get("StartPeriod")),
        "start_interval": spoken(check.get("StartInterval")),
        "retries": check.get("Retries"),
    }
    return {key: value for key, value in found.items() if value}


def _update(config: Entry | None) -> View:
    given = {key: value for key, value in (config or {}).items() if key in UPDATE}
    found = UPDATE | given | {key: nanoseconds(given[key]) for key in ("delay", "monitor") if key in given}
    return _differing_from_defaults(found)


def _updated(config: Entry | None) -> View:
    names = {key: "".join(word.capitalize() for word in key.split("_")) for key in UPDATE}
    given = {key: (config or {})[name] for key, name in names.items() if (config or {}).get(name) is not None}
    return _differing_from_defaults(UPDATE | given)


def _differing_from_defaults(found: View) -> View:
    found["monitor"] = found["monitor"] or UPDATE["monitor"]
    found["max_failure_ratio"] = float(found["max_failure_ratio"] or 0)
    different = {key: value for key, value in found.items() if value != UPDATE[key]}
    return different | {key: spoken(different[key]) or "0s" for key in ("delay", "monitor") if key in different}
