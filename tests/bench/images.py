# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Times load-image into all nodes against one plain `docker save | docker exec -i NODE docker load` into one node.

Both load the same image of random data in turn, so that a ratio compares two runs of the same minute; then one of its
small layers changes and it is loaded again. It asserts that the nodes end with this computer's image ID, and nothing about
times. The cluster is its own, that of bench.py.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
from types import SimpleNamespace

from ansible_collections.hydra.swarm.plugins.modules import image_load
from bench import PORTS, Bench, timed

IMAGE = "hydra-bench/random:1"
PLAIN = "docker save {image} | docker exec -i {node} docker load --quiet"
RECIPE = 'FROM scratch\nCOPY large /large\nCOPY small /small\nCMD ["/none"]\n'


def docker(*words: str) -> str:
    # The classic builder: it is in every engine.
    environment = {**os.environ, "DOCKER_BUILDKIT": "0"}
    done = subprocess.run(["docker", *words], check=True, capture_output=True, text=True, env=environment)
    return done.stdout.strip()


class ImageBench(Bench):
    def __init__(self, count: int, folder: pathlib.Path, megabytes: int):
        PORTS.clear()  # nobody asks these nodes anything
        super().__init__(count, folder / "inventory")
        self.nodes, self.context, self.megabytes = [f"bench-{n + 1}" for n in range(count)], folder / "image", megabytes
        self.built: list[str] = []
        self.context.mkdir()
        (self.context / "Dockerfile").write_text(RECIPE)

    def build(self, large: bool) -> None:
        """Make the image anew, from new random data or with another small layer."""
        if large:
            with (self.context / "large").open("wb") as file:
                for _megabyte in range(self.megabytes):
                    file.write(os.urandom(1 << 20))
        (self.context / "small").write_bytes(os.urandom(1024))
        self.built.append(docker("build", "--quiet", "--tag", IMAGE, str(self.context)).split()[-1])

    def forget(self) -> None:
        for node in self.nodes:
            docker("exec", node, "sh", "-c", "docker image ls --all --quiet | xargs -r docker image rm --force")
        os.sync()

    def check_images(self, *nodes: str) -> None:
        wanted = docker("image", "inspect", "--format", "{{.Id}}", IMAGE)
        for node in nodes:
            found = docker("exec", node, "docker", "image", "inspect", "--format", "{{.Id}}", IMAGE)
            if found != wanted:
                sys.exit(f"{node} has {found}, not {wanted}: the figures mean nothing")

    def plain(self) -> None:
        subprocess.run(PLAIN.format(image=IMAGE, node=self.nodes[0]), shell=True, check=True, capture_output=True)

    def verb(self) -> None:
        self.play("load-image", "-e", f"image={IMAGE}")

    def task(self) -> None:
        params = {"images": [IMAGE], "nodes": self.nodes, "required": True, "pull": False, "timeout": 300.0}
        image_load.run(SimpleNamespace(params=params, check_mode=False))

    def round(self) -> dict[str, float]:
        times = {}
        self.build(large=True)
        self.forget()
        times["one plain save and load, one node"] = timed(self.plain)
        self.check_images(self.nodes[0])
        for name, work in (("load-image", self.verb), ("its task alone", self.task)):
            self.forget()
            times[f"{name}, all nodes"] = timed(work)
            self.check_images(*self.nodes)
        times["load-image again, nothing to do"] = timed(self.verb)
        for name, work in (("load-image", self.verb), ("its task alone", self.task)):
            self.build(large=False)
            times[f"{name}, 1 KiB of it changed"] = timed(work)
            self.check_images(*self.nodes)
        return times


def report(count: int, megabytes: int, rounds: list[dict[str, float]]) -> str:
    lines = [
        f"| {count} nodes, {megabytes} MiB, {len(rounds)} rounds | median s | median ratio to the plain one of its round |",
        "|---|---|---|",
    ]
    for what in rounds[0]:
        seconds = statistics.median(r[what] for r in rounds)
        ratio = statistics.median(r[what] / next(iter(r.values())) for r in rounds)
        lines.append(f"| {what} | {seconds:.1f} | {ratio:.2f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    os.environ["ANSIBLE_FORCE_COLOR"] = "0"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "inventory").mkdir()
        bench = ImageBench(options.nodes, folder, options.megabytes)
        try:
            bench.play("swarm-up")
            rounds = [bench.round() for _round in range(options.rounds)]
        finally:
            bench.clean()
            subprocess.run(["docker", "image", "rm", "--force", *bench.built], check=False, capture_output=True)
    print(report(options.nodes, options.megabytes, rounds))


if __name__ == "__main__":
    main()
