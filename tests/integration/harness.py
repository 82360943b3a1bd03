# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A real cluster, driven as its user drives it: playbooks and make; and looked at from outside: the docker command line."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = ROOT / "molecule/default/inventory"
OWNER = "hydra.swarm.cluster"
# The image of the fixture tiny; another number when its recipe changes, for it stays on the nodes.
TINY = "hydra-test/tiny:2"
T = TypeVar("T")


def inventory_of(scenario: str) -> Path:
    """That of a scenario's cluster; HYDRA_TEST_INVENTORY names another, for somebody who runs its tests on a cluster of his own."""
    return Path(os.environ.get("HYDRA_TEST_INVENTORY") or ROOT / f"molecule/{scenario}/inventory")


def until(what: str, observe: Callable[[], T], seconds: float = 60) -> T:
    """What C(observe) returns once that is true; an assertion or a failed command in it means: not yet."""
    deadline, last = time.monotonic() + seconds, ""
    while time.monotonic() < deadline:
        try:
            value = observe()
            if value:
                return value
            last = repr(value)
        except (AssertionError, subprocess.CalledProcessError, KeyError) as error:
            last = f"{error} {getattr(error, 'stderr', '')}"
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds:g} s for {what}; last seen: {last}")


@dataclass(frozen=True)
class Ran:
    """A finished run; C(said) is all it printed on one line, however the output was folded and quoted."""

    status: int
    printed: str
    complained: str = ""

    @property
    def output(self) -> str:
        return self.printed + self.complained

    @property
    def said(self) -> str:
        return re.sub(r"\s+", " ", self.output.replace("\\n", " ").replace('\\"', '"'))

    @property
    def changed(self) -> int:
        return sum(int(number) for number in re.findall(r"changed=(\d+)", self.output))


@dataclass(frozen=True)
class Node:
    """A node as the swarm's manager lists it."""

    id: str
    status: str
    availability: str
    role: str
    address: str
    labels: dict[str, str]
    engine: str


class Cluster:
    """One cluster by its inventory; on another engine C(docker_host), whose network stack C(stack) enters."""

    def __init__(
        self,
        *inventories: Path | str,
        extra: dict[str, Any] | None = None,
        docker_host: str = "",
        stack: Sequence[str] = (),
    ):
        self.stack, self.docker_host = stack, docker_host
        self.inventories = [str(i) for i in inventories or (INVENTORY,)]
        self.extra = extra or {}
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("ANSIBLE_", "MOLECULE_", "MAKE", "MFLAGS"))}
        self.environment = {
            **kept,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
            **({"DOCKER_HOST": docker_host} if docker_host else {}),
        }

    def but(self, *inventories: Path | str, **extra: Any) -> Cluster:
        """The same cluster with more inventory, or with other values of some variables."""
        extra = {**self.extra, **extra}
        return Cluster(*self.inventories, *inventories, extra=extra, docker_host=self.docker_host, stack=self.stack)

    @functools.cached_property
    def machines(self) -> dict[str, dict[str, Any]]:
        """The variables of every host of the inventory, by container name."""
        hosts = json.loads(self._run("ansible-inventory", *self._sources(), "--list").stdout)["_meta"]["hostvars"]
        return {variables["swarm_node_name"]: {"host": host, **variables} for host, variables in hosts.items()}

    @property
    def names(self) -> list[str]:
        """The nodes' names, those of managers first."""
        nodes = [name for name, host in self.machines.items() if host.get("dind_node_service") != "nfs"]
        return sorted(
            nodes, key=lambda name: (self.machines[name]["swarm_node_role"], self.machines[name]["swarm_node_address"])
        )

    def play(self, verb: str, *arguments: str, check: bool = True, **extra: Any) -> Ran:
        """Run a playbook to its end."""
        return self._finished(self.command(verb, *arguments, **extra), check)

    def make(self, *arguments: str, check: bool = True) -> Ran:
        """Run a verb of the Makefile for this inventory."""
        return self._finished([*self.stack, "make", "-s", *arguments, f"INVENTORY={self.inventories[0]}"], check)

    def start(
        self, verb: str, *arguments: str, printed: int | IO[str] = subprocess.DEVNULL, **extra: Any
    ) -> subprocess.Popen[bytes]:
        """Start a playbook in a process group of its own; C(printed) is where its output goes."""
        command = self.command(verb, *arguments, **extra)
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment, start_new_session=True, stdout=printed, stderr=printed
        )

    def command(self, verb: str, *arguments: str, **extra: Any) -> list[str]:
        values = {**self.extra, **extra}
        given = ["-e", json.dumps(values)] if values else []
        return [*self.stack, "ansible-playbook", *self._sources(), f"playbooks/{verb}.yml", *given, *arguments]

    def _sources(self) -> list[str]:
        return [word for inventory in self.inventories for word in ("-i", inventory)]

    def _finished(self, command: list[str], check: bool) -> Ran:
        done = self._run(*command, check=False)
        ran = Ran(done.returncode, done.stdout, done.stderr)
        assert ran.status == 0 or not check, f"{' '.join(command)} failed:\n{ran.output}"
        return ran

    def _run(self, *command: str, check: bool = True, given: bytes | None = None, timeout: float = 300) -> Any:
        words = {} if given is not None else {"text": True, "stdin": subprocess.DEVNULL}
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            check=check,
            capture_output=True,
            input=given,
            timeout=timeout,
            **words,
        )

    def docker(self, *arguments: str, check: bool = True) -> str:
        """The standard output of a docker command on this computer's engine."""
        return str(self._run("docker", *arguments, check=check).stdout).strip()

    def succeeds(self, *arguments: str) -> bool:
        return bool(self._run("docker", *arguments, check=False).returncode == 0)

    def inside(self, machine: str, *command: str, check: bool = True) -> str:
        """The standard output of a command inside a machine."""
        return self.docker("exec", machine, *command, check=check)

    def log(self, machine: str, since: str) -> str:
        """What a machine's daemon has written since then."""
        done = self._run("docker", "logs", "--since", since, machine)
        return str(done.stdout + done.stderr)

    def pour(self, content: bytes, machine: str, *command: str) -> bytes:
        """Run a command inside a machine with that standard input."""
        return bytes(self._run("docker", "exec", "-i", machine, *command, given=content).stdout)

    def nodes(self, manager: str = "") -> dict[str, Node]:
        """Every entry of the swarm's list, by host name (with the ID where a name is listed twice)."""
        manager = manager or self.names[0]
        ids = self.inside(manager, "docker", "node", "ls", "-q").split()
        listed: dict[str, Node] = {}
        for entry in json.loads(self.inside(manager, "docker", "node", "inspect", *ids)):
            address = entry["Status"].get("Addr", "")
            leader = entry.get("ManagerStatus", {}).get("Addr", "").rpartition(":")[0]
            name = entry["Description"]["Hostname"]
            listed[f"{name} {entry['ID']}" if name in listed else name] = Node(
                entry["ID"],
                entry["Status"]["State"],
                entry["Spec"]["Availability"],
                entry["Spec"]["Role"],
                leader if address in ("", "0.0.0.0", "127.0.0.1") else address,
                entry["Spec"].get("Labels") or {},
                entry["Description"]["Engine"]["EngineVersion"],
            )
        return listed

    def assert_healthy(self) -> dict[str, str]:
        """Exactly the inventory's nodes, each Ready, in its role and at its address; returns their IDs."""
        nodes = self.nodes()
        assert sorted(nodes) == sorted(self.names)
        for name, node in nodes.items():
            wanted = self.machines[name]
            assert (name, node.status, node.availability) == (name, "ready", "active")
            assert (name, node.role, node.address) == (name, wanted["swarm_node_role"], wanted["swarm_node_address"])
            own = json.loads(self.inside(name, "docker", "info", "--format", "{{json .Swarm}}"))
            assert (name, own["LocalNodeState"], own["NodeID"]) == (name, "active", node.id)
        return {name: node.id for name, node in nodes.items()}

    def heals(self, seconds: float = 60) -> dict[str, str]:
        """Wait until the swarm is healthy by itself; returns the IDs of its nodes."""
        return until("the swarm to be healthy", self.assert_healthy, seconds)

    def swarm_id(self) -> str:
        return self.inside(self.names[0], "docker", "info", "--format", "{{.Swarm.Cluster.ID}}")

    def tasks(self, service: str) -> dict[str, str]:
        """Node -> container of every task that the manager says is running and whose node has the container running."""
        listed = self.inside(
            self.names[0], "docker", "service", "ps", "--no-trunc", "--filter", "desired-state=running",
            "--format", "{{.Node}} {{.ID}} {{.CurrentState}}", service,
        )  # fmt: skip
        found = {}
        for node, task, state, *_since in (line.split() for line in listed.splitlines() if len(line.split()) > 2):
            label = f"label=com.docker.swarm.task.id={task}"
            container = self.inside(node, "docker", "ps", "-q", "--filter", label) if state == "Running" else ""
            if container:
                found[node] = container
        return found

    def footprint(self) -> dict[str, dict[str, str]]:
        """Identity of every container, network and volume on the engine that has to do with this project's tests."""
        shown = {
            "containers": (
                "ps",
                "-a",
                "--no-trunc",
                "--format",
                '{{.Names}} {{.ID}} {{.State}} {{.Label "%s"}}' % OWNER,
            ),
            "networks": ("network", "ls", "--no-trunc", "--format", '{{.Name}} {{.ID}} - {{.Label "%s"}}' % OWNER),
            "volumes": ("volume", "ls", "--format", '{{.Name}} {{.Name}} - {{.Label "%s"}}' % OWNER),
        }
        found: dict[str, dict[str, str]] = {}
        for kind, command in shown.items():
            rows = [line.split(" ") for line in self.docker(*command).splitlines()]
            ours = re.compile(r"(test|bad)-|hydra-(test|bad)")
            found[kind] = {row[0]: " ".join(row[1:3]) for row in rows if ours.match(row[0]) or ours.match(row[-1])}
        return found


def descendants(pid: int) -> list[int]:
    """Every process that C(pid) started, and they started; they may have left its process group."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, left = [], [pid]
    while left:
        children = parents.get(left.pop(), [])
        found += children
        left += children
    return found


def kill(run: subprocess.Popen[bytes], everything: bool = True) -> None:
    """SIGKILL a run's process group, and unless told otherwise whatever else it started."""
    more = descendants(run.pid) if everything else []
    with contextlib.suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)
    for pid in more:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    run.wait()
