# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Times swarm-up against the floor, the raw docker command line that reaches the same end state in parallel.

Verbs that change nothing are timed against a playbook of one debug task. What is compared runs in turn, so that a ratio
compares two runs of the same minute. It asserts that each really ends in a swarm of so many Ready nodes, and nothing about
times. The clusters are its own: labels hydra-bench and hydra-floor.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLOOR = pathlib.Path(__file__).with_name("floor")
PORTS = [80, 443, 6969, 8080, 8081, 11434, 7070]
# A service that is deployed and never runs: it needs neither a network nor a program.
IMAGE = "hydra-bench/nothing:1"
STACK = {"services": {"idle": {"image": IMAGE, "command": ["nothing"], "deploy": {"replicas": 0}}}}
DEBUG_ROW = "a playbook of one debug task"
DEBUG = [{"hosts": "localhost", "gather_facts": False, "tasks": [{"ansible.builtin.debug": {"msg": "nothing"}}]}]


def inventory(folder: pathlib.Path, count: int) -> pathlib.Path:
    """The development inventory's shape with so many nodes, in this new folder."""
    folder.mkdir()
    members = {f"bench-{n}": {"swarm_node_address": f"172.29.1.{n}"} for n in range(1, count + 1)}
    worker = {"role": "worker", "gpu": True, "workload": "jupyter"}
    for variables in members.values():
        variables["swarm_node_labels"] = worker
    members["bench-1"] |= {"swarm_node_labels": {"role": "manager", "storage": "nfs"}, "dind_node_ports": PORTS}
    workers = {name: variables for name, variables in members.items() if name != "bench-1"}
    tree = {
        "dind": {"children": {"swarm": {}, "nfs_servers": {}}},
        "swarm": {"children": {"managers": {}, "workers": {}}},
        "managers": {"hosts": {"bench-1": members["bench-1"]}, "vars": {"swarm_node_role": "manager"}},
        "workers": {"hosts": workers, "vars": {"swarm_node_role": "worker"}},
        "nfs_servers": {
            "hosts": {"bench-nfs": {"swarm_node_address": "172.29.1.254", "dind_node_service": "nfs"}},
        },
    }
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"children": tree}}))
    group_vars = folder / "group_vars"
    group_vars.mkdir()
    (group_vars / "dind.yml").symlink_to(ROOT / "inventories/dev/group_vars/dind.yml")
    (group_vars / "all").mkdir()
    (group_vars / "all/shared.yml").symlink_to(ROOT / "inventories/shared.yml")
    dev = yaml.safe_load((ROOT / "inventories/dev/group_vars/all/cluster.yml").read_text())
    dev |= {
        "dind_cluster_name": "hydra-bench",
        "dind_cluster_network": {"name": "hydra-bench", "subnet": "172.29.0.0/16"},
        "dind_cluster_bind_address": "127.0.0.33",
        "swarm_node_name": "{{ inventory_hostname }}",
        "dind_node_storage": "bench-nfs-data",
    }
    (group_vars / "all/cluster.yml").write_text(yaml.safe_dump(dev))
    return folder


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def ready(container: str) -> int:
    listed = subprocess.run(
        ["docker", "exec", container, "docker", "node", "ls", "--format", "{{.Status}}"],
        check=True,
        capture_output=True,
        text=True,
    )
    return listed.stdout.split().count("Ready")


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Two benches at once would time each other, and their clusters have the same names."""
    path = pathlib.Path(tempfile.gettempdir(), "hydra-bench.lock")
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"another bench runs on this computer (it holds {path}): wait for its end, or end it")
        yield


class Bench:
    def __init__(self, count: int, folder: pathlib.Path):
        self.count, self.inventory = count, inventory(folder / "inventory", count)
        self.stack, self.debug = folder / "stack.yaml", folder / "debug.yaml"
        self.stack.write_text(yaml.safe_dump(STACK))
        self.debug.write_text(yaml.safe_dump(DEBUG))

    def play(self, name: str, *extra: str) -> None:
        playbook = name if name.startswith("/") else f"playbooks/{name}.yml"
        command = ["ansible-playbook", "-i", str(self.inventory), playbook, *extra]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{name} failed:\n{done.stdout}{done.stderr}")
        self.output = done.stdout

    def floor(self, *engine: str) -> float:
        """The seconds it takes; it is gone again afterwards."""
        words = [self.image, str(self.count), *engine]
        seconds = timed(lambda: subprocess.run([FLOOR, "up", *words], check=True))
        self.check("floor-1")
        subprocess.run([FLOOR, "down", *words], check=True)
        return seconds

    def check(self, container: str) -> None:
        if ready(container) != self.count:
            sys.exit(f"{container} lists {ready(container)} Ready nodes, not {self.count}: the figures mean nothing")

    def clean(self) -> None:
        self.play("swarm-clean", "-e", "confirm=yes", "-e", "dind_cluster_keep_image=true")

    def prepare(self) -> None:
        """Have the image, and know its name."""
        self.play("swarm-up")
        inspected = subprocess.run(
            ["docker", "inspect", "-f", "{{.Config.Image}}", "bench-1"], check=True, capture_output=True, text=True
        )
        self.image = inspected.stdout.strip()
        empty = subprocess.run(["tar", "--create", "--files-from", "/dev/null"], check=True, capture_output=True).stdout
        subprocess.run(["docker", "import", "-", IMAGE], input=empty, check=True, capture_output=True)
        self.clean()

    def once(self) -> dict[str, float]:
        times = {"floor": self.floor(), "floor, with the node image's engines": self.floor("image")}
        times["cold swarm-up"] = timed(lambda: self.play("swarm-up"))
        self.check("bench-1")
        times["second swarm-up"] = timed(lambda: self.play("swarm-up"))
        if " changed=0 " not in self.output or " changed=1 " in self.output:
            sys.exit(f"the second swarm-up changed something:\n{self.output}")
        times |= self.unchanged()
        times["swarm-down"] = timed(lambda: self.play("swarm-down"))
        times["swarm-up again"] = timed(lambda: self.play("swarm-up"))
        times["swarm-down + swarm-up"] = times["swarm-down"] + times["swarm-up again"]
        self.check("bench-1")
        self.clean()
        return times

    def unchanged(self) -> dict[str, float]:
        """Verbs that find nothing to change, and the playbook they are compared with."""
        deploy = ("deploy-stack", "-e", "stack=idle", "-e", f"file={self.stack}")
        self.play(*deploy)
        times = {DEBUG_ROW: timed(lambda: self.play(str(self.debug)))}
        for verb in (("swarm-status",), ("stack-status",), deploy):
            times[f"{verb[0]}, nothing changed"] = timed(lambda verb=verb: self.play(*verb))
        if " changed=1 " in self.output:
            sys.exit(f"the second deploy-stack changed something:\n{self.output}")
        return times


def report(count: int, rounds: list[dict[str, float]]) -> str:
    lines = [
        f"| {count} nodes, {len(rounds)} rounds | median s | median ratio to the floor of its round | to one debug task |",
        "|---|---|---|---|",
    ]
    for what in rounds[0]:
        seconds = statistics.median(r[what] for r in rounds)
        floor, debug = (statistics.median(r[what] / r[base] for r in rounds) for base in ("floor", DEBUG_ROW))
        lines.append(f"| {what} | {seconds:.1f} | {floor:.2f} | {debug:.1f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not 1 <= options.nodes <= 200:
        parser.error(f"NODES={options.nodes}: choose a number from 1 to 200")
    os.environ["ANSIBLE_FORCE_COLOR"] = "0"
    with alone(), tempfile.TemporaryDirectory() as folder:
        bench = Bench(options.nodes, pathlib.Path(folder))
        try:
            bench.prepare()
            rounds = [bench.once() for _round in range(options.rounds)]
        finally:
            bench.clean()
            subprocess.run(["docker", "image", "rm", IMAGE], check=False, capture_output=True)
    print(report(options.nodes, rounds))


if __name__ == "__main__":
    main()
