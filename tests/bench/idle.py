# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What students' workspaces cost while nobody uses them: CPU time of the nodes' containers, with workspaces and without.

The workspaces are those of student-up, with a real Jupyter server. CPU time is what the engine counts for each node, so other
work on this computer does not change it. The cluster is that of bench.py, which must not run at the same time.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
import tempfile
import time

import docker
from bench import PORTS, ROOT, Bench, alone

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "integration"))
from harness import Cluster
from images import Images

NAMES = ["bench-1", "bench-2", "bench-3", "bench-nfs"]


def spent(client: docker.DockerClient) -> float:
    """CPU seconds that the machines have taken since they started."""
    stats = [client.containers.get(name).stats(stream=False) for name in NAMES]
    return float(sum(one["cpu_stats"]["cpu_usage"]["total_usage"] for one in stats)) / 1e9


def share(seconds: float) -> float:
    """Percent of one core that the machines take, looked at for so long."""
    client = docker.from_env()
    before, start = spent(client), time.monotonic()
    time.sleep(seconds)  # nothing is awaited: this is how long is measured
    return (spent(client) - before) / (time.monotonic() - start) * 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspaces", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=90)
    options = parser.parse_args()
    slots = f"student_workspace_slots={options.workspaces}"
    PORTS.clear()  # nobody asks these nodes anything
    with alone(), tempfile.TemporaryDirectory() as folder:
        bench = Bench(3, pathlib.Path(folder))
        # What shared.yml says of workspaces stands on it.
        (bench.inventory / "group_vars/all/stacks.yml").symlink_to(ROOT / "inventories/dev/group_vars/all/stacks.yml")
        try:
            bench.play("swarm-up", "-e", slots)
            image = Images(Cluster(bench.inventory)).jupyter()
            without = share(options.seconds)
            for number in range(1, options.workspaces + 1):
                bench.play("student-up", "-e", slots, "-e", f"student=idle{number}", "-e", f"image={image}")
            with_them = share(options.seconds)
        finally:
            bench.clean()
    print("| idle | % of one core |\n|---|---|")
    print(f"| the swarm of 3 nodes | {without:.1f} |")
    print(f"| with {options.workspaces} workspaces | {with_them:.1f} |")


if __name__ == "__main__":
    main()
