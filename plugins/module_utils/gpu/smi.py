# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What nvidia-smi, lspci, the driver's kernel module and nvidia-ctk print, made into data.

Sources of the formats: nvidia-smi --help-query-gpu and its manual page, NVIDIA's MIG user guide, lspci(8); outputs that
people recorded are named beside the unit tests' fixtures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

# The name comes last, because it is the one that could hold a comma.
FIELDS = ("index", "uuid", "memory.total", "driver_version", "mig.mode.current", "pci.bus_id", "name")
QUERY = (f"--query-gpu={','.join(FIELDS)}", "--format=csv,noheader,nounits")
GPU_CLASSES = ("0300", "0302")  # VGA and 3D controllers; a card's audio and USB functions are none
UUID = re.compile(r"GPU-[0-9a-f-]+", re.IGNORECASE)
LISTED_GPU = re.compile(r"GPU \d+: .*\(UUID: (GPU-[^)]+)\)")
LISTED_MIG = re.compile(r"\s+MIG (\S+)\s+Device\s+\d+: \(UUID: (MIG-[^)]+)\)")
MODULE = re.compile(r"Module\s+(?:for \S+\s+)?(\d+(?:\.\d+)+)")
TOOLKIT = re.compile(r"version\s+v?(\d+(?:\.\d+)+\S*)")


@dataclass(frozen=True)
class Pci:
    """A GPU as the kernel sees it: where, which (vendor:device), and the driver that has it (empty: none)."""

    slot: str
    id: str
    driver: str = ""


@dataclass
class Gpu:
    """A GPU as nvidia-smi reports it, and its MIG instances (C(uuid), C(profile))."""

    index: int
    uuid: str
    name: str
    memory_mib: int
    version: str
    mig_mode: bool
    slot: str
    mig: list[dict[str, str]] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        return {
            "index": self.index,
            "uuid": self.uuid,
            "name": self.name,
            "memory_mib": self.memory_mib,
            "pci": self.slot,
            "mig_mode": self.mig_mode,
            "mig": self.mig,
        }


def parse_query(text: str) -> tuple[list[Gpu], list[str]]:
    """The GPUs in the answer to QUERY, by index, and the lines that are none: what nvidia-smi complains of."""
    found, others = [], []
    for line in filter(None, map(str.strip, text.splitlines())):
        words = [word.strip() for word in line.split(",", len(FIELDS) - 1)]
        if len(words) < len(FIELDS) or not words[0].isdigit() or not UUID.fullmatch(words[1]):
            others.append(line)
            continue
        index, uuid, memory, version, mig, slot, name = words
        # A GPU that shares the host's memory has none of its own to report: [N/A].
        size = int(memory) if memory.isdigit() else 0
        found.append(Gpu(int(index), uuid, name, size, version, mig == "Enabled", slot_of(slot)))
    return sorted(found, key=lambda gpu: gpu.index), others


def parse_list(text: str) -> dict[str, list[dict[str, str]]]:
    """The MIG instances of each GPU, by its UUID, as nvidia-smi -L lists them."""
    found: dict[str, list[dict[str, str]]] = {}
    current: list[dict[str, str]] = []
    for line in text.splitlines():
        if gpu := LISTED_GPU.match(line):
            current = found.setdefault(gpu[1], [])
        elif instance := LISTED_MIG.match(line):
            current.append({"uuid": instance[2], "profile": instance[1]})
    return found


def parse_lspci(text: str) -> dict[str, str]:
    """What lspci -Dnnmm calls each device, by its slot: 'GA100 [A100 PCIe 80GB] [20b5]'."""
    found = {}
    for line in text.splitlines():
        quoted = re.findall(r'"([^"]*)"', line)
        if len(quoted) >= 3:
            found[slot_of(line.split()[0])] = quoted[2]
    return found


def parse_module(text: str) -> str:
    """The version of the driver's kernel module, from /proc/driver/nvidia/version; empty: none is loaded."""
    match = MODULE.search(text)
    return match[1] if match else ""


def parse_toolkit(text: str) -> str:
    """The version that nvidia-ctk --version prints; empty: none."""
    match = TOOLKIT.search(text)
    return match[1] if match else ""


def slot_of(text: str) -> str:
    """A PCI address as the kernel writes it: nvidia-smi pads the domain to eight digits and uses capitals."""
    domain, colon, rest = text.strip().lower().partition(":")
    return f"{int(domain, 16):04x}{colon}{rest}" if re.fullmatch("[0-9a-f]+", domain) and colon else text.strip()
