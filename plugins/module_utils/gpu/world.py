# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The GPUs of the machine a module runs on: asked of the kernel, of nvidia-smi and of the container toolkit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import smi
from . import state as gpu_state
from .smi import Gpu, Pci
from .state import Answer

NVIDIA = "0x10de"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Host:
    """What there is to know of one host's GPUs; C(root) and C(path) are others in tests."""

    def __init__(self, timeout: float, root: str = "/", path: str = PATH):
        self.timeout, self.root, self.path = timeout, Path(root), path

    def devices(self) -> list[Pci]:
        """NVIDIA's GPUs on the PCI bus, read as lspci reads them; a server need not have lspci."""
        found = []
        for entry in sorted(self.root.glob("sys/bus/pci/devices/*")):
            if self._word(entry / "vendor") != NVIDIA or self._word(entry / "class")[2:6] not in smi.GPU_CLASSES:
                continue
            bound = entry / "driver"
            driver = os.path.basename(os.readlink(bound)) if bound.is_symlink() else ""
            found.append(Pci(entry.name, f"10de:{self._word(entry / 'device')[2:]}", driver))
        return found

    def look(self) -> dict[str, Any]:
        """The driver's state, the GPUs, and what they offer; quick where there are none."""
        devices = gpu_state.usable(self.devices())
        if not devices:
            return gpu_state.nothing()
        state, gpus = self._asked(devices)
        if any(gpu.mig_mode for gpu in gpus):
            instances = smi.parse_list((self._run("nvidia-smi", "-L") or Answer(1, "")).text)
            for gpu in gpus:
                gpu.mig = instances.get(gpu.uuid, [])
        return {
            "driver": state,
            "gpus": [gpu.facts() for gpu in gpus],
            "offered": gpu_state.offered(gpus) if state["state"] == "ok" else [],
            "notes": gpu_state.notes(gpus),
        }

    def _asked(self, devices: list[Pci]) -> tuple[dict[str, Any], list[Gpu]]:
        module = smi.parse_module(self._text("proc/driver/nvidia/version"))
        answer = self._run("nvidia-smi", *smi.QUERY)
        state, gpus = gpu_state.driver(devices, {}, answer, module)
        if state["state"] == "ok":
            return state, gpus
        # Names are for the message alone.
        names = smi.parse_lspci((self._run("lspci", "-Dnnmm", "-d", "10de:") or Answer(1, "")).text)
        return gpu_state.driver(devices, names, answer, module)

    def toolkit(self) -> dict[str, Any]:
        return gpu_state.toolkit(smi.parse_toolkit((self._run("nvidia-ctk", "--version") or Answer(1, "")).text))

    def settings(self, path: str) -> Mapping[str, Any]:
        """The engine's settings; those that cannot be read are none, and who writes them refuses."""
        try:
            settings = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return settings if isinstance(settings, dict) else {}

    def _run(self, program: str, *words: str) -> Answer | None:
        """What a program answers; None: there is no such program."""
        command = shutil.which(program, path=self.path)
        if not command:
            return None
        environment = {"PATH": self.path, "LC_ALL": "C"}
        try:
            done = subprocess.run(
                [command, *words],
                env=environment,
                check=False,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                timeout=self.timeout,
            )
        except subprocess.TimeoutExpired as late:
            return Answer(None, (late.output or b"").decode(errors="replace"))
        except OSError as error:
            return Answer(1, f"{command}: {error}")
        return Answer(done.returncode, done.stdout.decode(errors="replace"))

    def _text(self, path: str) -> str:
        try:
            return (self.root / path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    @staticmethod
    def _word(path: Path) -> str:
        try:
            return path.read_text(encoding="ascii").strip()
        except OSError:
            return ""
