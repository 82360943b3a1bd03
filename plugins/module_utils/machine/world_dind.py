# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Making, changing and removing machines that are containers, all at the same time, and waiting until they answer."""

from __future__ import annotations

import concurrent.futures
import contextlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from ..common.errors import EngineError, HydraError, WaitError
from ..common.owner import OWNER
from ..common.world_wait import until
from ..engine.world_sdk import doing
from ..server.firewall.containers import containers
from ..server.firewall.scripts_containers import machine_script
from . import unready
from .dind import MADE_AS, Machine, Plan
from .shape import SHAPES, dropped
from .world import SETTINGS_PATH, UNLIMITED_MEMORY

STOP_SECONDS = 30
TOGETHER = 16
PATIENCE = 5  # seconds that what comes last waits for the others; tasks in a machine may take longer to end
CPU_PERIOD = 100_000
HANGS = 75  # the exit status of hydra-node probe where what it asks has been running, and answers no more
KILLED = 137  # the exit status of what ends with its machine
LOG = 100  # lines, most of which are chatter
T = TypeVar("T")
R = TypeVar("R")


def at_once(work: Callable[[T], R], things: Iterable[T], last: Iterable[T] = ()) -> list[R]:
    """Do it for all things at the same time; raise one error that names every failure.

    What comes C(last) comes when the others are done, or have taken too long.
    """
    with concurrent.futures.ThreadPoolExecutor(TOGETHER) as pool:
        futures = [pool.submit(work, thing) for thing in things]
        for thing in last:
            concurrent.futures.wait(futures, PATIENCE)
            futures.append(pool.submit(work, thing))
    failures = [error for error in (future.exception() for future in futures) if error]
    for failure in failures:
        if not isinstance(failure, HydraError):
            raise failure
    if failures:
        raise EngineError("; ".join(str(failure) for failure in failures))
    return [future.result() for future in futures]


def attempted(
    work: Callable[[Plan], R], plans: Sequence[Plan], last: Sequence[Plan] = ()
) -> tuple[dict[str, R], dict[str, str]]:
    """The same for machines, of which one that fails keeps no other back: results and failures, by name."""

    def tried(plan: Plan) -> tuple[str, R | None, HydraError | None]:
        try:
            return plan.machine.name, work(plan), None
        except HydraError as error:
            return plan.machine.name, None, error

    done = at_once(tried, plans, last)
    words = {name: str(error).removeprefix(f"{name}: ") for name, _result, error in done if error}
    return {name: result for name, result, error in done if not error}, words  # type: ignore[misc]


def right(client: Any, renamings: Iterable[tuple[str, str]], surplus: Mapping[str, Iterable[str]]) -> None:
    """One container for a machine, and with its name."""
    for name, others in surplus.items():
        for other in others:
            with doing(f"{name}: removing {other}, a second container on its volume"):
                client.remove_container(other, force=True, v=True)
    for now, name in renamings:
        with doing(f"renaming {now} to {name}"):
            client.rename(now, name)


def make_network(client: Any, cluster: str, network: dict[str, Any]) -> None:
    pool = {"Subnet": network["subnet"]} | ({"Gateway": network["gateway"]} if network["gateway"] else {})
    with doing(f"creating network {network['name']}"):
        client.create_network(
            network["name"], driver="bridge", ipam={"Config": [pool]}, labels={OWNER: cluster}, check_duplicate=True
        )


def carry_out(client: Any, cluster: str, plan: Plan) -> None:
    """Do the plan's actions in their order."""
    name = plan.machine.name
    steps: dict[str, Callable[[], Any]] = {
        "remove": lambda: client.remove_container(name, force=True, v=True),
        "create": lambda: _create(client, cluster, plan.machine),
        "settings": lambda: _put_settings(client, plan.machine),
        "resize": lambda: client.update_container(name, **_caps(plan.machine)),
        "start": lambda: _start(client, name),
        "stop": lambda: client.stop(name, timeout=STOP_SECONDS),
        "restart": lambda: client.restart(name, timeout=STOP_SECONDS),
        # What hangs does not end when it is asked to.
        "reset": lambda: client.restart(name, timeout=PATIENCE),
    }
    for action in plan.actions:
        with doing(f"{name}: {action}"):
            steps[action]()


def _start(client: Any, name: str) -> None:
    """Somebody may have paused it, and an engine does not start what is paused."""
    paused = client.inspect_container(name)["State"].get("Paused")
    (client.unpause if paused else client.start)(name)


def _create(client: Any, cluster: str, machine: Machine) -> None:
    fixed = machine.fixed
    labels = {OWNER: cluster, MADE_AS: json.dumps(fixed, sort_keys=True)}
    for volume in fixed["mounts"].values():
        client.create_volume(volume, labels={OWNER: cluster})
    published, shape = bindings(fixed["ports"]), SHAPES[fixed["service"]]
    hostname = fixed.get("hostname", machine.name)
    host = client.create_host_config(
        binds=binds(fixed),
        cap_add=["ALL"],
        cap_drop=dropped(fixed["service"], fixed["privileges"]),
        security_opt=["seccomp=unconfined", "apparmor=unconfined", "label=disable"],
        device_cgroup_rules=list(shape.devices),
        tmpfs=dict(shape.tmpfs),
        restart_policy={"Name": "unless-stopped"},
        port_bindings=published,
        # A quota and not NanoCpus, which the SDK cannot change in place.
        cpu_period=CPU_PERIOD if machine.cpus else None,
        cpu_quota=int(machine.cpus * CPU_PERIOD) or None,
        mem_limit=machine.memory or None,
        memswap_limit=machine.memory or None,
        cgroupns="private",
    )
    # What the CLI calls systempaths=unconfined: the SDK has no word for it, the API has these two lists.
    host["MaskedPaths"], host["ReadonlyPaths"] = [], list(shape.read_only)
    endpoint = client.create_endpoint_config(ipv4_address=fixed["address"], aliases=[hostname])
    client.create_container(
        fixed["image"],
        [fixed["service"]],
        name=machine.name,
        hostname=hostname,
        environment={**fixed.get("environment", {}), **_rules(fixed)},
        labels=labels,
        ports=[tuple(container.split("/")) for container in published],
        host_config=host,
        networking_config=client.create_networking_config({fixed["network"]: endpoint}),
    )


def _rules(fixed: Mapping[str, Any]) -> dict[str, str]:
    """What the machine does before its engine starts, so that no container reaches what it should not."""
    told = fixed.get("containers")
    return {"HYDRA_NODE_RULES": machine_script(containers(told["closed"], told["reach"]))} if told else {}


def bindings(ports: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Where each port of a container is published, from 'ADDRESS:HOST:CONTAINER/PROTOCOL'."""
    found: dict[str, list[tuple[str, str]]] = {}
    for port in ports:
        address, number, container = port.split(":")
        found.setdefault(container, []).append((address, number))
    return found


def binds(fixed: Mapping[str, Any], modules: str = "/lib/modules") -> list[str]:
    """The volumes, and the host's kernel modules, where it has any, to load what a server would."""
    volumes = [f"{volume}:{path}" for path, volume in fixed["mounts"].items()]
    if SHAPES[fixed["service"]].loads_modules and os.path.isdir(modules):
        volumes.append(f"{modules}:/lib/modules:ro")
    return volumes


def _caps(machine: Machine) -> dict[str, int]:
    """An update keeps what it does not name; memory and swap together have one cap.

    -1 is no limit, but for memory not every engine takes it: there it is what the kernel itself has for none.
    """
    memory = machine.memory or UNLIMITED_MEMORY
    quota = int(machine.cpus * CPU_PERIOD) or -1
    return {"mem_limit": memory, "memswap_limit": memory, "cpu_period": CPU_PERIOD, "cpu_quota": quota}


def _put_settings(client: Any, machine: Machine) -> None:
    """Write the machine's daemon.json, whether it runs or not."""
    import docker

    content = json.dumps(machine.settings, indent=2, sort_keys=True)
    try:
        client.put_archive(machine.name, "/", _archive(content.encode()))
    except docker.errors.APIError as error:
        # Engines that chmod through /proc where the kernel is older than 6.6 (Debian's 28.5.2+dfsg4 on Linux 6.1, for
        # one) cannot copy into any container, for they look for it in the container (moby/go-archive 103).
        if "via /proc/self/fd" not in str(error):
            raise
        _write_settings(client, machine.name, content)


def _archive(content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo(SETTINGS_PATH.lstrip("/"))
        entry.size, entry.mode = len(content), 0o644
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _write_settings(client: Any, name: str, content: str) -> None:
    """Have the machine write them itself; one that does not run is started for it, and stopped again."""
    runs = client.inspect_container(name)["State"]["Running"]
    if not runs:
        client.start(name)
    write = f'mkdir -p {os.path.dirname(SETTINGS_PATH)} && printf %s "$SETTINGS" > {SETTINGS_PATH}'
    task = client.exec_create(name, ["sh", "-c", write], environment={"SETTINGS": content})
    said = client.exec_start(task["Id"]).decode(errors="replace").strip()
    if not runs:
        client.stop(name, timeout=STOP_SECONDS)
    if client.exec_inspect(task["Id"])["ExitCode"] != 0:
        raise EngineError(f"{name}: writing {SETTINGS_PATH}: {said}")


def probe(
    client: Any,
    name: str,
    timeout: int,
    computer: Iterable[str] = (),
    environment: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Wait until what the machine runs answers, and return what it says of itself.

    C(computer): the addresses of this computer, which the machine then closes to its containers. C(environment): what
    else C(hydra-node probe) is told.

    The machine looks at its own daemon (C(hydra-node probe)), which costs one exec however long it takes.
    """
    command, code = ["hydra-node", "probe", str(timeout), *computer], None
    try:
        code, output, complaint = ask(client, name, command, environment)
        if code == 0 and not output:
            # Under load an engine can lose what a command wrote, though not how it ended; by now it is quick to repeat.
            code, output, complaint = ask(client, name, command, environment)
        if code == 0 and output:
            answer: dict[str, Any] = json.loads(output)
            return answer
        if code == HANGS:
            return {"hangs": complaint.decode(errors="replace").strip()}
        seen = complaint.decode(errors="replace").strip() or f"exit status {code}, and no answer"
    except EngineError as error:
        # Nobody can be asked in a container that is paused, stopped or about to be started once more.
        if error.status != 409:
            raise
        seen = str(error)
    with doing(f"{name}: reading its log"):
        inspected = _after_its_end(client, name) if code == KILLED else client.inspect_container(name)
        log = client.logs(name, tail=LOG).decode(errors="replace")
    raise WaitError(unready.explained(name, inspected, seen, timeout, log))


def _after_its_end(client: Any, name: str) -> Any:
    """The machine, once its engine has noticed that it ended; for a moment it lists it as running all the same."""

    def look() -> tuple[Any, str]:
        inspected = client.inspect_container(name)
        return (inspected if unready.noticed(inspected) else None), "it runs"

    with contextlib.suppress(WaitError):
        return until(f"the engine to notice that {name} has ended", look, PATIENCE)
    return client.inspect_container(name)


def ask(
    client: Any, name: str, command: list[str], environment: Mapping[str, str] | None = None
) -> tuple[int, bytes, bytes]:
    """The exit status of a command in the machine that tells of it, and what it wrote."""
    with doing(f"{name}: asking whether it is ready"):
        task = client.exec_create(name, command, environment=dict(environment or {}))
        output, complaint = client.exec_start(task["Id"], demux=True)
        return client.exec_inspect(task["Id"])["ExitCode"], output or b"", complaint or b""


def remove_rest(client: Any, networks: Iterable[str], volumes: Iterable[str]) -> None:
    """Remove networks and volumes, also when somebody else already did."""
    for kind, names, remove in (
        ("network", networks, client.remove_network),
        ("volume", volumes, client.remove_volume),
    ):
        for name in names:
            try:
                with doing(f"removing {kind} {name}"):
                    remove(name)
            except EngineError as error:
                if error.status != 404:
                    raise


def mounts_of(service: str, volume: str, shared: Iterable[dict[str, str]]) -> dict[str, str]:
    """Where a machine mounts what: its own data volume and the shared ones, path -> volume."""
    return {SHAPES[service].data: volume, **{mount["path"]: mount["volume"] for mount in shared}}
